/* calls: pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek; stdin: from a pipe */
#include <sys/uio.h>

#include "say.h"

static char bytes[64];

static void flags(int fd)
{
	struct iovec v[2] = {{bytes, 3}, {bytes + 10, 4}};

	CALL(preadv2, fd, v, 2, 0, 0, 0);
	CALL(preadv2, fd, v, 2, -1, 0, 0);
	CALL(lseek, fd, 0, SEEK_CUR);
	CALL(preadv2, fd, v, 2, -2, 0, 0);
	CALL(preadv2, fd, v, 2, 0, 0, RWF_HIPRI);
	CALL(preadv2, fd, v, 2, 0, 0, 0x10000);
	CALL(pwritev2, fd, v, 2, 40, 0, RWF_DSYNC);
	CALL(pwritev2, fd, v, 2, 40, 0, RWF_SYNC);
	CALL(pwritev2, fd, v, 2, -1, 0, 0);
	CALL(pwritev2, fd, v, 2, 0, 0, 0x10000);
	CALL(lseek, fd, 0, SEEK_CUR);
	CALL(preadv2, 0, v, 2, 0, 0, 0);
}

static void refused(void)
{
	struct iovec v[2] = {{bytes, 3}, {bytes + 10, 4}}, negative = {bytes, -1}, wild = {BAD, 8}, none = {BAD, 0};
	int ro = open("file", O_RDONLY), wo = open("new", O_WRONLY), dir = open("dir", O_RDONLY), path = open("file", O_PATH);

	CALL(pread64, wo, bytes, 1, 0);
	CALL(pwrite64, ro, bytes, 1, 0);
	CALL(pread64, NO_FD, bytes, 1, 0);
	CALL(pread64, NO_FD, bytes, 1, -1);
	CALL(pread64, ro, bytes, 1, -1);
	CALL(pread64, ro, bytes, -1, 0);
	CALL(pwrite64, wo, bytes, 1, -1);
	CALL(pread64, path, bytes, 1, 0);
	CALL(pread64, dir, bytes, 1, 0);
	CALL(pread64, 0, bytes, 1, 0);
	CALL(pread64, 0, bytes, 1, -1);
	CALL(pwrite64, 1, bytes, 0, 0);
	CALL(pwrite64, 0, bytes, 1, 0);
	CALL(pread64, ro, BAD, 4, 0);
	CALL(pread64, ro, BAD, 0, 0);
	CALL(pread64, ro, KERNEL_HALF, 4, 0);
	CALL(preadv, ro, v, -1, 0);
	CALL(preadv, ro, v, 1025, 0);
	CALL(preadv, ro, v, 0, 0);
	CALL(preadv, ro, BAD, 0, 0);
	CALL(preadv, ro, BAD, 2, 0);
	CALL(preadv, ro, &negative, 1, 0);
	CALL(preadv, ro, &wild, 1, 0);
	CALL(preadv, ro, &none, 1, 0);
	CALL(preadv, ro, v, 2, -1);
	CALL(preadv, wo, v, 2, 0);
	CALL(preadv, 0, v, 2, 0);
	CALL(preadv, NO_FD, v, 2, -1);
	CALL(pwritev, ro, v, 2, 0);
	CALL(pwritev, wo, &wild, 1, 0);
	CALL(pwritev, wo, v, 2, -5);
	CALL(readv, dir, v, 2);
	CALL(read, dir, bytes, 0);
	CALL(writev, ro, v, 2);
}

int main(void)
{
	struct iovec v[3] = {{bytes, 5}, {bytes + 20, 0}, {bytes + 30, 7}};
	int fd = TRY(open("new", O_CREAT | O_RDWR | O_TRUNC, 0644)), more;

	TRY(write(fd, "0123456789abcdefghij", 20));
	CALL(pread64, fd, bytes, 4, 10);
	say_bytes("read", bytes, 4);
	CALL(pread64, fd, bytes, 40, 15);
	CALL(pread64, fd, bytes, 4, 20);
	CALL(pread64, fd, bytes, 4, 0x7ffffffffffffff0l);
	CALL(pwrite64, fd, "XYZ", 3, 4);
	CALL(pwrite64, fd, "end", 3, 30);
	TRY(lseek(fd, 0, SEEK_CUR));
	memset(bytes, '.', sizeof bytes);
	CALL(preadv, fd, v, 3, 2);
	say_bytes("read", bytes, 40);
	CALL(pwritev, fd, v, 3, 25);
	CALL(preadv, fd, v, 3, 33);
	TRY(lseek(fd, 0, SEEK_CUR));
	flags(fd);
	more = TRY(open("new", O_RDWR | O_APPEND));
	CALL(pwrite64, more, "appended", 8, 0);
	CALL(pwritev, more, v, 3, 0);
	TRY(write(more, "!", 1));
	TRY(lseek(more, 0, SEEK_CUR));
	TRY(lseek(more, 0, SEEK_SET));
	TRY(read(more, bytes, 60));
	say_bytes("file", bytes, 60);
	refused();
	return 0;
}
