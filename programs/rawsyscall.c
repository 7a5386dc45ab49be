/* rawsyscall: calls that make no sense; the answers are Linux's, and nobody is harmed. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_HALF (-4096L)

static const char *name_of(long result)
{
	if (result != -1)
		return "no error";
	return errno == ENOSYS ? "ENOSYS" : errno == EFAULT ? "EFAULT" :
	       errno == EBADF ? "EBADF" : errno == EINVAL ? "EINVAL" : "another error";
}

int main(void)
{
	static const long too_long[] = {0, 1000000000}; /* a timespec of 10^9 ns and no seconds */
	const struct { const char *what; long number, a, b, c; } calls[] = {
		{"syscall 9999", 9999, 0, 0, 0}, {"syscall -1", -1, 0, 0, 0},
		{"write to 1 from address 8", SYS_write, 1, 8, 1},
		{"write to 1 from the kernel's half", SYS_write, 1, KERNEL_HALF, 1},
		{"write to 999", SYS_write, 999, (long)"x", 1},
		{"writev to 1 of a list at 8", SYS_writev, 1, 8, 1},
		{"clock_gettime to address 8", SYS_clock_gettime, 0, 8, 0},
		{"clock_gettime to the kernel's half", SYS_clock_gettime, 0, KERNEL_HALF, 0},
		{"nanosleep by address 8", SYS_nanosleep, 8, 0, 0},
		{"nanosleep of 10^9 ns", SYS_nanosleep, (long)too_long, 0, 0},
		{"munmap of address 1", SYS_munmap, 1, 4096, 0}, {"close 999", SYS_close, 999, 0, 0},
	};
	char line[96];

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		long result = syscall(calls[i].number, calls[i].a, calls[i].b, calls[i].c);
		int n = snprintf(line, sizeof line, "%s: %s\n", calls[i].what, name_of(result));
		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			return 1;
	}
}
