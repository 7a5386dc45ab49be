/*
 * The landing pad: what every signal of the host becomes. docs/stacks.md has
 * the pictures. A signal in kernel mode leaves a bit and goes back; any other
 * moves the guest's state from the pad to the kernel stack and goes on there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine/device.h"
#include "machine/hw.h"
#include "machine/phys.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#define SS_AUTODISARM_FLAG (1u << 31)
#define PAD_SIZE (256 * 1024ul)
#define NEST_MAX 12

_Static_assert(offsetof(struct frame, rdi) == FRAME_RDI && offsetof(struct frame, fs) == FRAME_FS, "");
_Static_assert(offsetof(struct frame, vector_saved) == FRAME_VECTOR_SAVED, "");
_Static_assert(offsetof(struct frame, rip) == FRAME_RIP && offsetof(struct frame, ss) == FRAME_SS, "");
_Static_assert(offsetof(struct frame, xstate) == FRAME_XSTATE && FRAME_XSTATE % 64 == 0, "");

_Static_assert(VECTOR_SYSCALL * sizeof(trap_handler *) == VECTOR_SYSCALL_OFFSET, "");

struct trap_counts trap_counts;
volatile int machine_power_status;
static stack_t pad;
static struct fault fault;
static int nested; /* signals on the pad now */

const struct fault *trap_fault(void)
{
	return &fault;
}

/* The frame as if the guest had never begun to enter. */
static void rollback(struct frame *f, uintptr_t rip)
{
#if BREAK_RULE == 5 /* rule 5: another thread may use the slots meanwhile, so half-filled ones are filled anew */
	if (rip < (uintptr_t)gate_stored)
		return;
#endif
#if BREAK_RULE != 1 /* rule 1: what WRPKRU needed waits in the scratch page */
	if (rip >= (uintptr_t)gate_stored) {
		f->rax = cpu_scratch[SLOT_RAX / 8];
		f->rdx = cpu_scratch[SLOT_RDX / 8];
		f->rcx = cpu_scratch[SLOT_RCX / 8];
	}
#endif
#if BREAK_RULE != 2 /* rule 2: past the stack switch, the guest's rsp is in r11 */
	if (rip >= (uintptr_t)gate_stacked)
		f->rsp = f->r11;
#endif
	f->rip = (uintptr_t)way_in_start;
}

static void frame_from_signal(struct frame *f, const ucontext_t *uc, uint64_t fs)
{
	const greg_t *r = uc->uc_mcontext.gregs;

	f->r15 = (uint64_t)r[REG_R15];
	f->r14 = (uint64_t)r[REG_R14];
	f->r13 = (uint64_t)r[REG_R13];
	f->r12 = (uint64_t)r[REG_R12];
	f->rbp = (uint64_t)r[REG_RBP];
	f->rbx = (uint64_t)r[REG_RBX];
	f->r11 = (uint64_t)r[REG_R11];
	f->r10 = (uint64_t)r[REG_R10];
	f->r9 = (uint64_t)r[REG_R9];
	f->r8 = (uint64_t)r[REG_R8];
	f->rax = (uint64_t)r[REG_RAX];
	f->rcx = (uint64_t)r[REG_RCX];
	f->rdx = (uint64_t)r[REG_RDX];
	f->rsi = (uint64_t)r[REG_RSI];
	f->rdi = (uint64_t)r[REG_RDI];
	f->rip = (uint64_t)r[REG_RIP];
	f->rsp = (uint64_t)r[REG_RSP];
	f->rflags = (uint64_t)r[REG_EFL];
	f->fs = fs;
}

/* Signals are blocked nowhere on these paths, so the pad is armed again at once. */
static void pad_arm(void)
{
	if (sigaltstack(&pad, NULL) != 0)
		machine_panic("sigaltstack: %s", strerror(errno));
}

static void landed_interrupt(struct frame *f)
{
	(void)f; /* its bit is in cpu_pending: the way out takes it */
	pad_arm();
}

static void landed_syscall(struct frame *f)
{
	pad_arm();
	trap_counts.sigsys++;
	f->rcx = f->rip; /* as the instruction itself would */
	f->r11 = f->rflags;
	cpu_vectors[VECTOR_SLOW_SYSCALL](f);
}

static void landed_fault(struct frame *f)
{
	pad_arm();
	cpu_vectors[VECTOR_FAULT](f);
}

static void note_fault(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	uint64_t error = (uint64_t)uc->uc_mcontext.gregs[REG_ERR];

	fault = (struct fault){ .signal = sig, .code = info->si_code, .key = -1 };
	fault.trap = (uint64_t)uc->uc_mcontext.gregs[REG_TRAPNO];
	fault.address = (uint64_t)info->si_addr;
	fault.error = error;
	fault.write = error & 2;
	fault.fetch = error & 16;
	if (fault.fetch)
		phys_forget_jump(fault.address);
	if (sig == SIGSEGV && info->si_code == SEGV_PKUERR)
		fault.key = (int)info->si_pkey;
	fault.forged = cpu_keys ? host_text_forged((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]) : NULL;
}

static uint32_t keys; /* enum device_key */

unsigned device_keys(void)
{
	return __atomic_exchange_n(&keys, 0, __ATOMIC_SEQ_CST);
}

/* 0: it is no key. SIGQUIT is, if the terminal sent it; else somebody wants the machine's end. */
static unsigned key_of(int sig, const siginfo_t *info)
{
	switch (sig) {
	case SIGINT:
		return KEY_INTERRUPT;
	case SIGQUIT:
		return info->si_code == SI_KERNEL ? KEY_QUIT : 0;
	case SIGTSTP:
		return KEY_SUSPEND;
	case SIGWINCH:
		return KEY_RESIZED;
	case SIGCONT:
		return KEY_RESUMED;
	default:
		return 0;
	}
}

static void note_interrupt(int sig, const siginfo_t *info)
{
	unsigned key = key_of(sig, info);
	enum vector line = sig == SIGALRM ? VECTOR_TIMER : key ? VECTOR_KEYBOARD : VECTOR_POWER;
	uint32_t before;

	if (sig == SIGIO) /* machine_raise has set the bit */
		return;
	__atomic_fetch_or(&keys, key, __ATOMIC_SEQ_CST);
	if (line == VECTOR_POWER)
		machine_power_status = 128 + sig;
	before = __atomic_fetch_or(&cpu_pending, 1u << line, __ATOMIC_SEQ_CST);
	if (sig == SIGALRM) {
		timer_expired();
		trap_counts.ticks++;
		trap_counts.ticks_merged += before >> line & 1;
	}
}

/* What a signal is to the machine. Sent by another process (code <= 0), none is a trap. */
static trap_handler *classify(int sig, const siginfo_t *info)
{
	if (sig == SIGSYS && info->si_code > 0 && info->si_arch == AUDIT_ARCH_X86_64)
		return landed_syscall;
	if (info->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL ||
				  sig == SIGTRAP || sig == SIGSYS))
		return landed_fault;
	note_interrupt(sig, info);
	return landed_interrupt;
}

static _Noreturn void kernel_fault(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	const greg_t *r = uc->uc_mcontext.gregs;
	uintptr_t rip = (uintptr_t)r[REG_RIP], rsp = (uintptr_t)r[REG_RSP], at = (uintptr_t)info->si_addr;
	bool overflow = sig == SIGSEGV && at + 2 * PAGE_SIZE > rsp && at < rsp + PAGE_SIZE;
	int entry = rip >= (uintptr_t)way_in_start && rip < (uintptr_t)way_out_end;

	machine_panic("%s%s in kernel mode, address 0x%lx, rsp 0x%lx, rip 0x%lx%s%.*ld", strsignal(sig),
		      overflow ? " (kernel stack overflow)" : "", at, rsp, rip, entry ? ", entry.S:way_in+" : "",
		      entry, entry ? (long)(rip - (uintptr_t)way_in_start) : 0);
}

/*
 * Whose fault it is, or system call: the kernel's own are no traps. Where the way out jumps, the guest's rip is not canonical:
 * its frame says where. Elsewhere in our code a guest jumped there by itself if
 * kernel memory is closed, or open but not yet checked by whom, or if rsp is
 * where the kernel has no stacks.
 */
static enum mode whose_fault(enum mode mode, const ucontext_t *uc, uintptr_t rip)
{
	if (machine_blame.who) /* no guest runs meanwhile, wherever the policy jumped */
		return MODE_KERNEL;
	if (mode == MODE_USER || mode == MODE_WAY_IN)
		return mode;
	if (rip == (uintptr_t)way_out_jump || rip == (uintptr_t)way_out_iretq)
		return MODE_WAY_OUT;
	if (cpu_keys && (xstate_signal_pkru(uc) & 1 || host_text_forged(rip)))
		return MODE_USER;
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP] < GUEST_END ? MODE_USER : MODE_KERNEL;
}

/*
 * Called by signal_in on the pad, in kernel mode. `fs` is what the interrupted
 * code had. Returns only if that was the kernel.
 */
__attribute__((used)) void landing(int sig, siginfo_t *info, ucontext_t *uc, uint64_t fs);
void landing(int sig, siginfo_t *info, ucontext_t *uc, uint64_t fs)
{
	enum mode mode = cpu_mode(uc);
	uintptr_t rip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	struct frame *f = cpu_frame();
	trap_handler *then = classify(sig, info);

	if (++nested > NEST_MAX)
		machine_panic("%d signals nested on the landing pad", nested);
#if BREAK_RULE == 3 /* rule 3: a way out starts over */
	if (mode == MODE_WAY_OUT)
		mode = MODE_KERNEL;
#endif
	if (then != landed_interrupt)
		mode = whose_fault(mode, uc, rip);
	if (mode == MODE_KERNEL) {
		if (then != landed_interrupt && !copy_survives(sig, uc))
			kernel_fault(sig, info, uc);
		nested--;
		return;
	}
	if (then == landed_fault)
		note_fault(sig, info, uc);
	if (mode != MODE_WAY_OUT)
		frame_from_signal(f, uc, fs);
	if (mode == MODE_WAY_IN)
		rollback(f, rip);
#if BREAK_RULE == 6 /* rule 6: a way out may have had the vector registers live */
	f->vector_saved |= mode == MODE_WAY_OUT;
#endif
	if (mode != MODE_WAY_OUT || !f->vector_saved)
		xstate_from_signal(f, uc);
	nested = 0;
	land(f, then);
}

/* The C library's sigaction insists on its own restorer; nothing of ours returns through one. */
struct kernel_sigaction {
	void (*handler)(void);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* nohup and `&` without job control ignore for their children: so be it. */
static bool inherited_ignored(int sig)
{
	struct sigaction before;

	return (sig == SIGHUP || sig == SIGINT || sig == SIGQUIT || sig == SIGTERM || sig == SIGTSTP) &&
	       sigaction(sig, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

void trap_catch(int sig)
{
	extern void signal_in(void) __asm__("signal_in_start");
	struct kernel_sigaction action = {
		.handler = signal_in,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | 0x04000000 /* SA_RESTORER */,
		.restorer = signal_in,
	};

	if (syscall(SYS_rt_sigaction, sig, &action, NULL, 8) != 0)
		machine_panic("rt_sigaction(%d): %s", sig, strerror(errno));
}

static pid_t cpu_thread;

void trap_interrupt_cpu(void)
{
	syscall(SYS_tgkill, getpid(), cpu_thread, SIGIO);
}

void trap_boot(void)
{
	static const int caught[] = { SIGSYS, SIGALRM, SIGIO, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT,
				      SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

	cpu_thread = gettid();
	__asm__ volatile("rdfsbase %0" : "=r"(cpu_host_fs));
	pad.ss_size = PAD_SIZE;
	pad.ss_flags = (int)SS_AUTODISARM_FLAG;
	pad.ss_sp = mmap(NULL, PAD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pad.ss_sp == MAP_FAILED)
		machine_panic("no memory for the landing pad");
	pad_arm();
	for (unsigned i = 0; i < sizeof caught / sizeof *caught; i++)
		if (!inherited_ignored(caught[i]))
			trap_catch(caught[i]);
	signal(SIGPIPE, SIG_IGN);
	page_write(PAGE_CS, USER_CS);
	page_write(PAGE_SS, USER_SS);
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, user_page + PAGE_SELECTOR) != 0)
		machine_panic("syscall user dispatch: %s", strerror(errno));
}
