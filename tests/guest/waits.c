/* waits FOR [FILE]: waits, in vain or until somebody helps: for a pipe of its own, a futex, a lock; says so before and after. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

static long lock(int fd, int command, short type)
{
	struct flock l = {.l_type = type, .l_start = 10, .l_len = 5};

	return fcntl(fd, command, &l);
}

static long wait_for(const char *what, int fd)
{
	static char bytes[100000];
	fd_set set;
	int p[2], word = 0;

	if (pipe(p) != 0)
		return -1;
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	if (strcmp(what, "read") == 0)
		return read(p[0], bytes, 1);
	if (strcmp(what, "write") == 0)
		return write(p[1], bytes, sizeof bytes);
	if (strcmp(what, "poll") == 0)
		return poll(&(struct pollfd){p[0], POLLIN, 0}, 1, -1);
	if (strcmp(what, "select") == 0)
		return select(p[0] + 1, &set, NULL, NULL, NULL);
	if (strcmp(what, "futex") == 0)
		return syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	if (strcmp(what, "flock") == 0)
		return flock(fd, LOCK_EX);
	if (strcmp(what, "lock") == 0)
		return lock(fd, F_SETLKW, F_WRLCK);
	return lock(fd, F_OFD_SETLKW, F_WRLCK);
}

/* The lock, kept for so many milliseconds. */
int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "read";
	int fd = argc > 2 ? open(argv[2], O_RDWR) : -1;
	long result;

	dprintf(1, "%s: waiting\n", what);
	result = wait_for(what, fd);
	dprintf(1, "%s: %ld %s\n", what, result, result == -1 ? strerrorname_np(errno) : "");
	if (argc > 3)
		poll(NULL, 0, atoi(argv[3]));
	dprintf(1, "%s: ends\n", what);
	return 0;
}
