/* none: fails "all refused"; keys: fails "all refused"; full: fails "all refused" */
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "attack.h"

/* Calls that would reach into other address spaces, into the host process, or change what protects them. */
#define DISPATCH 59 /* PR_SET_SYSCALL_USER_DISPATCH */
#define REQUEST_AMX 0x1023 /* ARCH_REQ_XCOMP_PERM */

static int granted;

static void try(const char *what, long nr, long a, long b, long c, long d, long e)
{
	long result = raw(nr, a, b, c, d, e, 0);

	if (result >= 0)
		say("granted: %s: %ld\n", what, result), granted++;
}

static void memory_of_others(void)
{
	static char text[SECRET + 1];
	struct iovec mine = { text, SECRET }, its = { (void *)at("victim"), SECRET }, kernels = { (void *)at("kernel_secret"), SECRET };
	long victim = getppid(), host = atol(told("host_pid"));

	try("process_vm_readv", SYS_process_vm_readv, victim, (long)&mine, 1, (long)&its, 1);
	try("process_vm_readv of uos", SYS_process_vm_readv, host, (long)&mine, 1, (long)&kernels, 1);
	try("process_vm_writev", SYS_process_vm_writev, victim, (long)&mine, 1, (long)&its, 1);
	for (int request = 0; request < 0x20; request++)
		try("ptrace", SYS_ptrace, request, victim, 0, 0, 0);
	try("PTRACE_SEIZE", SYS_ptrace, 0x4206, host, 0, 0, 0);
	try("kcmp", SYS_kcmp, victim, host, 0, 0, 0);
	try("process_madvise", SYS_process_madvise, 3, (long)&its, 1, 4, 0);
	try("pidfd_getfd", SYS_pidfd_getfd, 3, 0, 0, 0, 0);
	if (*text)
		say("stolen: %s\n", text);
}

/* By name, which may exist, but not for writing, and not with the kernel's memory in it. */
static void memory_by_name(void)
{
	static const char *const names[] = { "/proc/self/mem", "/proc/%s/mem", "/proc/thread-self/mem", "/proc/1/mem", "/proc/2/mem", "/dev/mem",
					     "/dev/kmem", "/proc/kcore", "/proc/self/task/1/mem", "/proc/%s/map_files" };
	char name[64], text[SECRET + 1] = "";

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int fd;

		snprintf(name, sizeof name, names[i], told("host_pid"));
		fd = open(name, O_RDWR);
		if (fd < 0)
			fd = open(name, O_RDONLY);
		if (fd >= 0 && pread(fd, text, SECRET, (off_t)at("kernel_secret")) > 0)
			say("granted: %s\nstolen: %s\n", name, text), granted++;
	}
}

static void the_host_process(void)
{
	static struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof event };
	static uint64_t zeros[64], rseq[8] __attribute__((aligned(32)));

	try("userfaultfd", SYS_userfaultfd, 0, 0, 0, 0, 0);
	try("io_uring_setup", SYS_io_uring_setup, 8, (long)zeros, 0, 0, 0);
	try("perf_event_open", SYS_perf_event_open, (long)&event, 0, -1, -1, 0);
	try("seccomp", SYS_seccomp, 1, 0, (long)zeros, 0, 0);
	try("seccomp by prctl", SYS_prctl, PR_SET_SECCOMP, 1, 0, 0, 0);
	try("dispatch off", SYS_prctl, DISPATCH, 0, 0, 0, 0);
	try("dispatch with a range", SYS_prctl, DISPATCH, 1, 0x10000, 1l << 47, (long)zeros);
	try("no time stamps", SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	try("address space of mine", SYS_prctl, PR_SET_MM, PR_SET_MM_START_STACK, (long)zeros, 0, 0);
	try("tagged addresses", SYS_arch_prctl, 0x4002, 57, 0, 0, 0);
	try("AMX", SYS_arch_prctl, REQUEST_AMX, 18, 0, 0, 0);
	try("cpuid faults", SYS_arch_prctl, 0x1012, 0, 0, 0, 0);
	try("shadow stack", SYS_arch_prctl, 0x5001, 1, 0, 0, 0);
	try("modify_ldt", SYS_modify_ldt, 1, (long)zeros, 16, 0, 0);
	try("rseq", SYS_rseq, (long)rseq, 32, 0, 0x53053053, 0);
	try("pkey_alloc", SYS_pkey_alloc, 0, 0, 0, 0, 0);
	try("pkey_free", SYS_pkey_free, 1, 0, 0, 0, 0);
	try("pkey_mprotect", SYS_pkey_mprotect, (long)zeros & -(long)PAGE, PAGE, 3, 0, 0);
	try("remap_file_pages", SYS_remap_file_pages, (long)zeros & -(long)PAGE, PAGE, 0, 0, 0);
	try("bpf", SYS_bpf, 0, (long)zeros, 64, 0, 0);
	try("kexec_load", SYS_kexec_load, 0, 0, 0, 0, 0);
	try("init_module", SYS_init_module, (long)zeros, 8, (long)"", 0, 0);
	try("mount", SYS_mount, (long)"none", (long)"/", (long)"tmpfs", 0, 0);
	try("chroot", SYS_chroot, (long)"/", 0, 0, 0, 0);
	try("pivot_root", SYS_pivot_root, (long)".", (long)".", 0, 0, 0);
	try("unshare", SYS_unshare, 0x10000000, 0, 0, 0, 0);
	try("setns", SYS_setns, 3, 0, 0, 0, 0);
	try("iopl", SYS_iopl, 3, 0, 0, 0, 0);
	try("ioperm", SYS_ioperm, 0x80, 1, 1, 0, 0);
	try("reboot", SYS_reboot, 0xfee1dead, 672274793, 0, 0, 0);
	try("kill of uos", SYS_kill, atol(told("host_pid")), SIGKILL, 0, 0, 0);
	try("open_by_handle_at", SYS_open_by_handle_at, AT_FDCWD, (long)zeros, O_RDONLY, 0, 0);
}

int main(void)
{
	memory_of_others();
	memory_by_name();
	the_host_process();
	if (!granted)
		say("all refused\n");
	return 0;
}
