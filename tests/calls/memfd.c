/* calls: memfd_create fcntl ftruncate mmap read write lseek fstat */
#include "say.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 16
#endif

int main(void)
{
	char name[300], link[300] = "", proc[64], *map, *edge = edge_pages();
	int fd = TRY(memfd_create("some name", MFD_CLOEXEC | MFD_ALLOW_SEALING)), plain = TRY(memfd_create("", 0));
	struct stat st;

	TRY(fcntl(fd, F_GETFD));
	TRY(fcntl(plain, F_GETFD));
	TRY(fcntl(fd, F_GETFL));
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	TRY(readlink(proc, link, sizeof link - 1));
	say("%s\n", link);
	TRY(fstat(fd, &st));
	say("mode %o links %lu size %ld\n", st.st_mode, st.st_nlink, (long)st.st_size);
	TRY(write(fd, "hello", 5));
	TRY(ftruncate(fd, 8192));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("mapped %d\n", map != MAP_FAILED);
	say_bytes("map", map, 6);
	memcpy(map + 5000, "there", 5);
	TRY(lseek(fd, 5000, SEEK_SET));
	TRY(read(fd, link, 5));
	say_bytes("read", link, 5);
	TRY(fcntl(fd, F_GET_SEALS));
	TRY(fcntl(plain, F_GET_SEALS));
	TRY(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	TRY(fcntl(fd, F_GET_SEALS));
	TRY(ftruncate(fd, 4096));
	TRY(ftruncate(fd, 9000));
	TRY(munmap(map, 8192));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(write(fd, "x", 1));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("mapped %d %s\n", map != MAP_FAILED, strerrorname_np(errno));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	say("mapped %d\n", map != MAP_FAILED);
	say_bytes("private", map, 5);
	CALL(fcntl, fd, F_ADD_SEALS, 0x100);
	TRY(fcntl(0, F_GET_SEALS));
	TRY(fcntl(0, F_ADD_SEALS, F_SEAL_WRITE));
	CALL(memfd_create, "x", 0x100);
	CALL(memfd_create, BAD, 0);
	memset(name, 'n', sizeof name);
	name[249] = 0;
	TRY(memfd_create(name, 0) > 0);
	name[249] = 'n', name[250] = 0;
	TRY(memfd_create(name, 0));
	memset(edge + GUARD - 10, 'n', 10);
	CALL(memfd_create, edge + GUARD - 10, 0);
	return 0;
}
