/* calls: eventfd eventfd2 read write poll close */
#include <poll.h>
#include <sys/eventfd.h>

#include "say.h"

static void ready(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM, 0};

	told("poll", poll(&p, 1, 0));
	say("ready %x\n", p.revents);
}

static void add(int fd, uint64_t value)
{
	told("write of %lx", write(fd, &value, sizeof value), (unsigned long)value);
}

static void take(int fd)
{
	uint64_t value = 77;

	told("read", read(fd, &value, sizeof value));
	say("value %lx\n", (unsigned long)value);
}

int main(void)
{
	char *edge = edge_pages(), bytes[16] = {0}, name[64];
	struct stat st;
	int fd = CALL(eventfd, 5), some = TRY(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE));

	TRY(fcntl(fd, F_GETFL));
	TRY(fcntl(some, F_GETFL));
	TRY(fcntl(fd, F_GETFD));
	TRY(fcntl(some, F_GETFD));
	TRY(fstat(fd, &st));
	say("mode %o links %lu size %ld\n", st.st_mode, st.st_nlink, (long)st.st_size);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	memset(edge, 0, 100);
	TRY(readlink(name, edge, 100));
	say("%s\n", edge);
	ready(fd);
	take(fd);
	ready(fd);
	TRY(fcntl(fd, F_SETFL, O_NONBLOCK));
	take(fd);
	add(fd, 7);
	add(fd, 8);
	take(fd);
	add(fd, 0);
	take(fd);
	add(fd, UINT64_MAX);
	add(fd, UINT64_MAX - 1);
	ready(fd);
	add(fd, 1);
	add(fd, 0);
	take(fd);
	ready(fd);
	for (int i = 0; i < 4; i++)
		take(some);
	add(some, 2);
	take(some);
	ready(some);
	TRY(read(fd, bytes, 7));
	TRY(write(fd, bytes, 7));
	add(fd, 3);
	TRY(read(fd, bytes, 16));
	say_bytes("16", bytes, 16);
	TRY(write(fd, BAD, 8));
	TRY(lseek(fd, 0, SEEK_SET));
	CALL(pread64, fd, bytes, 8, 0);
	CALL(ioctl, fd, 0x541b, bytes);
	CALL(eventfd2, 0, 4);
	CALL(eventfd2, 0xffffffff00000001, 0);
	take(5);
	TRY(ftruncate(fd, 0));
	TRY(fsync(fd));
	return 0;
}
