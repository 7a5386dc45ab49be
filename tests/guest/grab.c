/* grab: reads an address of the machine and its pid from stdin. Can a system call be talked into harming it? */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
	if (result == -1)
		dprintf(1, "%s: %s\n", what, strerrorname_np(errno));
	else
		dprintf(1, "%s: ok\n", what);
}

int main(void)
{
	char line[64] = "", *end;
	void *there, *page;
	long pid;

	dprintf(1, "grab: ready\n");
	for (size_t n = 0; n < sizeof line - 1 && read(0, line + n, 1) == 1 && line[n] != '\n';)
		n++;
	there = (void *)strtoul(line, &end, 16);
	page = (void *)((unsigned long)there & ~4095ul);
	pid = atol(end);
	struct iovec vector = {there, 8};

	tell("write", syscall(SYS_write, 2, there, 8));
	tell("writev", syscall(SYS_writev, 2, &vector, 1));
	tell("read", syscall(SYS_read, 0, there, 8));
	tell("readv", syscall(SYS_readv, 0, &vector, 1));
	tell("getrandom", syscall(SYS_getrandom, there, 8, 0));
	tell("clock_gettime", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, there));
	tell("uname", syscall(SYS_uname, there));
	tell("nanosleep", syscall(SYS_nanosleep, there, NULL));
	tell("munmap", syscall(SYS_munmap, page, 4096) ? -1 : 0);
	tell("mprotect", syscall(SYS_mprotect, page, 4096, PROT_NONE));
	tell("madvise", syscall(SYS_madvise, page, 4096, MADV_DONTNEED));
	tell("mremap", syscall(SYS_mremap, page, 4096, 8192, MREMAP_MAYMOVE));
	tell("mmap", syscall(SYS_mmap, page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	tell("kill", syscall(SYS_kill, pid, SIGKILL));
	tell("tgkill", syscall(SYS_tgkill, pid, pid, SIGKILL));
	dprintf(1, "grab: ends\n");
	return 0;
}
