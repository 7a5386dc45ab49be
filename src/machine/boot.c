/* Power on: what the host must have, in the order in which it can be told. */
#define _GNU_SOURCE
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine/hw.h"

#define HWCAP2_FSGSBASE_BIT 2
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

#define DESCRIPTORS_LEAST 64 /* uos itself needs a dozen */
#define HEAP_AHEAD (256 << 20) /* bytes of the host's addresses */

struct machine_info machine_info;

/* A guest's open file is one of the host's: all that may be had. */
static bool raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= DESCRIPTORS_LEAST;
}

/*
 * glibc registered a struct that the host writes at every preemption; with key
 * 0 closed that write would kill the process.
 */
static void unregister_rseq(void)
{
	extern const ptrdiff_t __rseq_offset;
	extern const unsigned __rseq_size;

	if (__rseq_size)
		syscall(SYS_rseq, (char *)__builtin_thread_pointer() + __rseq_offset, 32, 1, 0x53053053);
}

const char *machine_boot(enum protect want, enum switch_backend backend)
{
	const char *lacks;

	sigset_t none;

	machine_info.backend = backend;
	console_boot();
	sigemptyset(&none); /* whoever started us may have blocked or ignored what we live on */
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file size then comes as EFBIG */
	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT))
		return "the CPU or the host kernel has no FSGSBASE (Linux 5.9 and later have it)";
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0) != 0)
		return "the host kernel has no syscall user dispatch (Linux 5.11 and later have it)";
	if (!raise_descriptor_limit())
		return "the host gives fewer than 64 descriptors: is there a limit? (ulimit -n)";
	unregister_rseq();
	mallopt(M_MMAP_MAX, 0); /* the kernel's memory grows where it is, and far ahead: guests may have used up the host's mappings, */
	mallopt(M_TOP_PAD, HEAP_AHEAD); /* and then brk(2) fails, too */
	if (getrandom(&cpu_secret, sizeof cpu_secret, 0) != sizeof cpu_secret)
		return "the host gives no random numbers";
	if ((lacks = xstate_boot()) || (lacks = phys_boot()) || (lacks = mmu_boot(want)))
		return lacks;
	if (machine_info.protect != PROTECT_KEYS)
		host_text_find();
	if (machine_info.protect == PROTECT_FULL && (lacks = host_text_disarm())) {
		if (want == PROTECT_FULL)
			return lacks;
		machine_info.protect = PROTECT_KEYS;
		machine_info.why_not_higher = lacks;
	}
	timer_boot();
	trap_boot();
	return NULL;
}
