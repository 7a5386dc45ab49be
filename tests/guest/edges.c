/*
 * edges: calls at the edge of their arguments, one line each, the same on Linux: nothing to read, nothing to advise, a
 * sparse mapping that must move, upper halves of registers that an int does not have. Standard input is an empty pipe.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096ul
#define UPPER 0x100000000l

static void told(const char *what, long result)
{
	dprintf(1, "%s: %ld %s\n", what, result, result < 0 ? strerrorname_np(errno) : "");
}

static void move_sparse(void)
{
	size_t size = 1ul << 30;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), *q;

	p[0] = 1;
	p[size / 2 + 5] = 2;
	p[size - 1] = 3;
	mmap(p + size, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0); /* no room to grow into */
	q = mremap(p, size, size + PAGE, MREMAP_MAYMOVE);
	told("moved", q == MAP_FAILED);
	dprintf(1, "kept: %d %d %d, zero: %d %d\n", q[0], q[size / 2 + 5], q[size - 1], q[size / 2 + PAGE], q[size]);
}

int main(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), byte;
	unsigned long mask = 1ul << (SIGUSR1 - 1), now = 0;

	told("read of nothing", read(0, &byte, 0));
	told("write of nothing", write(1, &byte, 0));
	told("madvise of nothing", madvise(p + PAGE, 0, MADV_DONTNEED));
	told("madvise of nothing, unaligned", madvise(p + 1, 0, MADV_DONTNEED));
	told("mprotect of nothing", mprotect(p, 0, PROT_READ));
	told("munmap of nothing", munmap(p, 0));
	told("sigprocmask with upper bits", syscall(SYS_rt_sigprocmask, UPPER | SIG_BLOCK, &mask, NULL, 8));
	mask = 1ul << (SIGUSR2 - 1);
	syscall(SYS_rt_sigprocmask, UPPER | SIG_BLOCK, &mask, &now, 8);
	told("SIGUSR1 is blocked still", now >> (SIGUSR1 - 1) & 1);
	told("prlimit of pid 0 with upper bits", syscall(SYS_prlimit64, UPPER, 7, NULL, &(long[2]){0}));
	told("getrandom with upper bits", syscall(SYS_getrandom, &byte, 1, UPPER));
	move_sparse();
	return 0;
}
