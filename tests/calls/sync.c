/* calls: fsync fdatasync sync syncfs sync_file_range readahead fadvise64; stdin: from a pipe */
#include "say.h"

static void all(const char *what, long fd)
{
	told("fsync of %s", syscall(SYS_fsync, fd), what);
	told("fdatasync of %s", syscall(SYS_fdatasync, fd), what);
	told("syncfs of %s", syscall(SYS_syncfs, fd), what);
	told("sync_file_range of %s", syscall(SYS_sync_file_range, fd, 0, 0, 7), what);
	told("readahead of %s", syscall(SYS_readahead, fd, 0, 4096), what);
	told("fadvise64 of %s", syscall(SYS_fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL), what);
}

int main(void)
{
	long fd = open("file", O_RDWR);

	all("a file", fd);
	all("a file to be written", open("file", O_WRONLY));
	all("a file to be read", open("file", O_RDONLY));
	all("a directory", open("dir", O_RDONLY));
	all("a path", open("file", O_PATH));
	all("a pipe", 0);
	all("nothing", NO_FD);
	CALL(sync);
	CALL(sync_file_range, fd, 0, 0, 8);
	CALL(sync_file_range, fd, -1, 0, 1);
	CALL(sync_file_range, fd, 0, -1, 1);
	CALL(sync_file_range, fd, 0x7fffffffffffffff, 1, 1);
	CALL(sync_file_range, 0, 0, 0, 8);
	CALL(sync_file_range, NO_FD, 0, 0, 8);
	CALL(fadvise64, fd, 0, 0, 6);
	CALL(fadvise64, fd, 0, -1, 0);
	CALL(fadvise64, fd, 0, 10, -1);
	CALL(fadvise64, 0, 0, 0, 99);
	CALL(readahead, fd, -1, 10);
	return 0;
}
