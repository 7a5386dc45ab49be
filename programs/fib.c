/* fib: the N-th Fibonacci number, the slow way. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long fib(long n)
{
	return n < 2 ? (unsigned long)n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
	char *end = "", line[64];
	long n = argc > 1 ? strtol(argv[1], &end, 10) : 27;

	if (argc > 2 || *end || end == argv[1] || n < 0 || n > 93) {
		dprintf(STDERR_FILENO, "usage: fib [N], N from 0 to 93\n");
		return 2;
	}
	int length = snprintf(line, sizeof line, "fib(%ld) = %lu\n", n, fib(n));

	return write(STDOUT_FILENO, line, (size_t)length) == length ? 0 : 1;
}
