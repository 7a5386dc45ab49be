/* wildcalls: every call that takes pointers, with pointers that lead nowhere. Are the answers Linux's? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define KERNEL_HALF 0xffff800000000000u
enum { PAGE = 4096 };

static char *pages; /* readable and writable, PROT_NONE, readable, nothing */
static uint64_t scratch[64];

static long raw(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return n;
}

static void tell(const char *call, const char *pointer, long result)
{
	if (result < 0 && result > -4096)
		dprintf(1, "%s(%s): %s\n", call, pointer, strerrorname_np((int)-result));
	else
		dprintf(1, "%s(%s): %ld\n", call, pointer, result);
}

/* W marks the place of the wild pointer in the arguments. */
#define W (-77777)

static const struct call {
	const char *name;
	long number, args[6];
	int reads; /* the kernel reads there, so memory that is only readable would do */
} calls[] = {
	{"read", SYS_read, {0, W, 8}, 0},
	{"write", SYS_write, {1, W, 8}, 1},
	{"write of much", SYS_write, {1, W, -1}, 1},
	{"readv", SYS_readv, {0, W, 1}, 1},
	{"writev", SYS_writev, {1, W, 1}, 1},
	{"fstat", SYS_fstat, {1, W}, 0},
	{"newfstatat path", SYS_newfstatat, {AT_FDCWD, W, (long)scratch, 0}, 1},
	{"newfstatat", SYS_newfstatat, {AT_FDCWD, (long)"/", W, 0}, 0},
	{"poll", SYS_poll, {W, 1, 0}, 0},
	{"rt_sigaction new", SYS_rt_sigaction, {SIGUSR1, W, 0, 8}, 1},
	{"rt_sigaction old", SYS_rt_sigaction, {SIGUSR1, 0, W, 8}, 0},
	{"rt_sigprocmask new", SYS_rt_sigprocmask, {SIG_BLOCK, W, 0, 8}, 1},
	{"rt_sigprocmask old", SYS_rt_sigprocmask, {SIG_BLOCK, 0, W, 8}, 0},
	{"sigaltstack new", SYS_sigaltstack, {W, 0}, 1},
	{"sigaltstack old", SYS_sigaltstack, {0, W}, 0},
	{"nanosleep", SYS_nanosleep, {W, 0}, 1},
	{"clock_nanosleep", SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, W, 0}, 1},
	{"clock_gettime", SYS_clock_gettime, {CLOCK_MONOTONIC, W}, 0},
	{"clock_getres", SYS_clock_getres, {CLOCK_MONOTONIC, W}, 0},
	{"gettimeofday", SYS_gettimeofday, {W, 0}, 0},
	{"gettimeofday zone", SYS_gettimeofday, {0, W}, 0},
	{"time", SYS_time, {W}, 0},
	{"uname", SYS_uname, {W}, 0},
	{"sysinfo", SYS_sysinfo, {W}, 0},
	{"getrandom", SYS_getrandom, {W, 16, 0}, 0},
	{"getrlimit", SYS_getrlimit, {7, W}, 0},
	{"prlimit64 new", SYS_prlimit64, {0, 7, W, 0}, 1},
	{"prlimit64 old", SYS_prlimit64, {0, 7, 0, W}, 0},
	{"getrusage", SYS_getrusage, {0, W}, 0},
	{"times", SYS_times, {W}, 0},
	{"readlink path", SYS_readlink, {W, (long)scratch, 16}, 1},
	{"readlinkat path", SYS_readlinkat, {AT_FDCWD, W, (long)scratch, 16}, 1},
	{"open", SYS_open, {W, O_RDONLY}, 1},
	{"openat", SYS_openat, {AT_FDCWD, W, O_RDONLY}, 1},
	{"access", SYS_access, {W, 0}, 1},
	{"stat path", SYS_stat, {W, (long)scratch}, 1},
	{"stat", SYS_stat, {(long)"/", W}, 0},
	{"getcwd", SYS_getcwd, {W, 4096}, 0},
	{"chdir", SYS_chdir, {W}, 1},
	{"pipe2", SYS_pipe2, {W, 0}, 0},
	{"arch_prctl get fs", SYS_arch_prctl, {0x1003, W}, 0},
	{"set_robust_list of a wrong size", SYS_set_robust_list, {W, 1}, 1},
	{"wait4", SYS_wait4, {-1, W, 1, 0}, 0},
	{"execve", SYS_execve, {W, 0, 0}, 1},
};

static void wild(const struct call *call, const char *pointer, uintptr_t address)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = call->args[i] == W ? (long)address : call->args[i];
	tell(call->name, pointer, raw(call->number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* The list itself is good, what it points to is not. */
static void vectors(const char *pointer, uintptr_t address)
{
	struct iovec vector = {(void *)address, 8};

	tell("readv of vector", pointer, raw(SYS_readv, 0, (long)&vector, 1, 0, 0, 0));
	tell("writev of vector", pointer, raw(SYS_writev, 1, (long)&vector, 1, 0, 0, 0));
}

static void ranges(void)
{
	static const struct {
		const char *name;
		long number, args[6];
	} wrong[] = {
		{"munmap of 8", SYS_munmap, {8, PAGE}}, {"munmap of the kernel's half", SYS_munmap, {(long)KERNEL_HALF, PAGE}},
		{"munmap of everything", SYS_munmap, {PAGE, -PAGE}}, {"munmap of nothing", SYS_munmap, {PAGE, 0}},
		{"mprotect of 8", SYS_mprotect, {8, PAGE, PROT_READ}},
		{"mprotect of the kernel's half", SYS_mprotect, {(long)KERNEL_HALF, PAGE, PROT_READ}},
		{"mmap of nothing", SYS_mmap, {0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
		{"mmap of all", SYS_mmap, {0, -PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
		{"mmap of more than there is", SYS_mmap, {0, 1L << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
		{"mmap at 8", SYS_mmap, {8, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0}},
		{"mmap in the kernel's half", SYS_mmap,
		 {(long)KERNEL_HALF, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0}},
		{"mmap neither private nor shared", SYS_mmap, {0, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0}},
		{"mmap of no file", SYS_mmap, {0, PAGE, PROT_READ, MAP_PRIVATE, 999, 0}},
		{"mmap at an odd offset", SYS_mmap, {0, PAGE, PROT_READ, MAP_PRIVATE, 0, 1}},
		{"mremap of 8", SYS_mremap, {8, PAGE, PAGE, 0}}, {"madvise of 8", SYS_madvise, {8, PAGE, 4}},
		{"readv of -1 vectors", SYS_readv, {0, (long)scratch, -1}},
		{"writev of 1025 vectors", SYS_writev, {1, (long)scratch, 1025}},
		{"arch_prctl set fs to the kernel's half", SYS_arch_prctl, {0x1002, (long)KERNEL_HALF}},
		{"arch_prctl set fs to -1", SYS_arch_prctl, {0x1002, -1}},
		{"arch_prctl of no command", SYS_arch_prctl, {0x7777, 0}},
		{"rt_sigaction of signal 65", SYS_rt_sigaction, {65, 0, 0, 8}},
		{"rt_sigaction of size 4", SYS_rt_sigaction, {SIGUSR1, 0, 0, 4}},
		{"rt_sigprocmask of no way", SYS_rt_sigprocmask, {9, (long)scratch, 0, 8}},
		{"clock_gettime of no clock", SYS_clock_gettime, {99, (long)scratch}},
		{"lseek on a pipe", SYS_lseek, {0, 0, 0}}, {"dup of 999", SYS_dup, {999}}, {"fstat of 999", SYS_fstat, {999, 8}},
		{"read of 999", SYS_read, {999, 8, 8}}, {"read of -1", SYS_read, {-1, 8, 8}},
		{"write from 8, 0 bytes", SYS_write, {1, 8, 0}}, {"kill of pid 0x7ffffff0", SYS_kill, {0x7ffffff0, 0}},
		{"tgkill of 0", SYS_tgkill, {0, 0, 0}},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const long *a = wrong[i].args;

		tell(wrong[i].name, "", raw(wrong[i].number, a[0], a[1], a[2], a[3], a[4], a[5]));
	}
	tell("munmap of too much", "", raw(SYS_munmap, (long)pages, -PAGE, 0, 0, 0, 0));
	tell("madvise of nothing mapped", "", raw(SYS_madvise, (long)pages + 3 * PAGE, PAGE, 4, 0, 0, 0));
	tell("mprotect of nothing mapped", "", raw(SYS_mprotect, (long)pages + 3 * PAGE, PAGE, PROT_READ, 0, 0, 0));
	tell("mremap of nothing mapped", "", raw(SYS_mremap, (long)pages + 3 * PAGE, PAGE, PAGE, 0, 0, 0));
	tell("brk to the kernel's half", "", raw(SYS_brk, (long)KERNEL_HALF, 0, 0, 0, 0, 0) == raw(SYS_brk, 0, 0, 0, 0, 0, 0));
}

int main(void)
{
	char line[64] = "";
	ssize_t got = 0;

	pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) || mprotect(pages + 2 * PAGE, PAGE, PROT_READ) ||
	    munmap(pages + 3 * PAGE, PAGE))
		return 2;
	const struct {
		const char *name;
		uintptr_t address;
	} pointers[] = {
		{"8", 8}, {"-1", (uintptr_t)-1}, {"the kernel's half", KERNEL_HALF}, {"-4096", (uintptr_t)-4096},
		{"the first address that is none", 0x800000000000u}, {"my guard", (uintptr_t)pages + PAGE + 64},
		{"my hole", (uintptr_t)pages + 3 * PAGE + 64}, {"my last byte before the guard", (uintptr_t)pages + PAGE - 1},
		{"my readable page", (uintptr_t)pages + 2 * PAGE + 64},
	};

	for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
		for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
			/* A string may end in the last byte, bytes may be taken up to it, and what is readable can be read. */
			int last = !strncmp(pointers[i].name, "my last", 7), readable = !strcmp(pointers[i].name, "my readable page");

			int partly = calls[c].reads || calls[c].number == SYS_read || calls[c].number == SYS_getrandom;

			if (!(last && partly) && !(readable && calls[c].reads))
				wild(&calls[c], pointers[i].name, pointers[i].address);
		}
	for (size_t i = 0; i < 7; i++)
		vectors(pointers[i].name, pointers[i].address);
	for (size_t i = 0; i < PAGE; i++)
		if (pages[2 * PAGE + i])
			return dprintf(1, "the readable page was written to\n"), 1;
	ranges();
	while (got >= 0 && strlen(line) < 6 && (got = read(0, line + strlen(line), 1)) == 1)
		;
	dprintf(1, "afterwards stdin still gives '%s'\n", line);
	tell("set_tid_address", "8", raw(SYS_set_tid_address, 8, 0, 0, 0, 0, 0) > 0);
	tell("set_robust_list", "8", raw(SYS_set_robust_list, 8, 24, 0, 0, 0, 0));
	dprintf(1, "wildcalls: ends\n");
	return 0;
}
