/* upperbits: calls whose int arguments carry rubbish in the registers' upper halves, which Linux does not look at. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UPPER 0x100000000L

static long tell(const char *what, long result)
{
	dprintf(1, "%s: %s\n", what, result < 0 ? strerrorname_np(errno) : result ? "more than 0" : "0");
	return result;
}

int main(void)
{
	for (long upper = UPPER; upper > 0; upper <<= 1) {
		tell("F_GETFD", syscall(SYS_fcntl, upper, F_GETFD));
		tell("F_SETFD", syscall(SYS_fcntl, upper, F_SETFD, FD_CLOEXEC));
		tell("F_GETFD afterwards", syscall(SYS_fcntl, 0, F_GETFD));
		tell("command", syscall(SYS_fcntl, upper, upper + F_SETFD, 0));
		tell("F_GETFD in the end", syscall(SYS_fcntl, 0L, F_GETFD));
	}
	tell("dup2 of itself", syscall(SYS_dup2, UPPER, 0));
	tell("dup3 of itself", syscall(SYS_dup3, UPPER, 0, 0));
	tell("F_GETFD of -1", syscall(SYS_fcntl, UPPER - 1, F_GETFD));
	tell("close of -1", syscall(SYS_close, UPPER - 1));
	return 0;
}
