/* hook N: makes system call N, which only the tests' own uos has, and says what came back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long result = syscall(argc > 1 ? atol(argv[1]) : 1000);

	dprintf(1, "hook: %ld %s\n", result, result == -1 ? strerrorname_np(errno) : "");
	return 3;
}
