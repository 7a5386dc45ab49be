/* calls: lseek open read dup */
#include "say.h"

int main(void)
{
	char bytes[8];
	long fd = TRY(open("file", O_RDONLY)), copy;

	TRY(lseek(fd, 0, SEEK_CUR));
	TRY(lseek(fd, 10, SEEK_SET));
	TRY(read(fd, bytes, 4));
	say_bytes("bytes", bytes, 4);
	TRY(lseek(fd, 0, SEEK_CUR));
	TRY(lseek(fd, -4, SEEK_CUR));
	TRY(lseek(fd, 0, SEEK_END));
	TRY(lseek(fd, 100, SEEK_END));
	TRY(read(fd, bytes, 4));
	TRY(lseek(fd, -35, SEEK_END));
	TRY(lseek(fd, -1, SEEK_SET));
	TRY(lseek(fd, 0, SEEK_DATA));
	TRY(lseek(fd, 0, SEEK_HOLE));
	TRY(lseek(fd, 34, SEEK_DATA));
	TRY(lseek(fd, 34, SEEK_HOLE));
	TRY(lseek(fd, -1, SEEK_HOLE));
	TRY(lseek(fd, 0, 5));
	TRY(lseek(fd, 0, -1));
	TRY(lseek(fd, 0x7fffffffffffffff, SEEK_SET));
	TRY(lseek(fd, 1, SEEK_CUR));
	TRY(lseek(fd, 0x7fffffffffffffff, SEEK_END));
	CALL(lseek, fd, 3, 0x100000000l);
	CALL(lseek, fd + 0x100000000l, 4, SEEK_SET);
	copy = TRY(dup(fd));
	TRY(lseek(copy, 20, SEEK_SET));
	TRY(lseek(fd, 0, SEEK_CUR));
	TRY(lseek(NO_FD, 0, SEEK_SET));
	TRY(lseek(-1, 0, SEEK_SET));
	TRY(lseek(0, 0, SEEK_SET));	/* a pipe */
	TRY(lseek(0, 0, 77));
	TRY(lseek(open("dir", O_RDONLY | O_DIRECTORY), 0, SEEK_CUR));
	TRY(lseek(open("file", O_PATH), 0, SEEK_CUR));
	return 0;
}
