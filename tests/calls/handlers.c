/* calls: rt_sigreturn rt_sigaction sigaltstack; runs: "" frame "die norestorer" "die nostack" "die mxcsr" "die overflow" "die blocked" "die rip" */
#define _GNU_SOURCE
#include "say.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf out;
static char *page;
static int depth, rounds;

static const char *which(const void *at, const char *stack)
{
	return (const char *)at >= stack && (const char *)at < stack + 65536 ? "alternate" : "ordinary";
}

static char stack[65536];

static void on_info(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	say("handler of %d: signo %d code %d from self %d, blocked itself %d other %d, before %d, on the %s stack, aligned %d\n", signal,
	    info->si_signo, info->si_code, info->si_pid == getpid(), sigismember(&now, signal), sigismember(&now, SIGUSR2),
	    sigismember(&u->uc_sigmask, SIGUSR2), which(__builtin_frame_address(0), stack), (int)((uintptr_t)__builtin_frame_address(0) % 16));
}

static void on_nested(int signal)
{
	say("nested %d at depth %d\n", signal, ++depth);
	if (++rounds < 4)
		raise(signal);
	say("out of depth %d\n", depth--);
}

static void on_chain(int signal)
{
	say("in %d\n", signal);
	if (signal == SIGUSR1)
		raise(SIGUSR2);
	say("out of %d\n", signal);
}

static void set(int signal, void *handler, int flags)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = flags };

	sigemptyset(&a.sa_mask);
	if (sigaction(signal, &a, NULL))
		say("sigaction: %s\n", strerror(errno));
}

static void plain(void)
{
	struct sigaction a = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO };
	sigset_t s;

	sigemptyset(&a.sa_mask);
	sigaddset(&a.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &a, NULL);
	TRY(kill(getpid(), SIGUSR1));
	TRY(raise(SIGUSR1));
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	say("blocked, then:\n");
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	set(SIGUSR1, on_nested, SA_NODEFER);
	raise(SIGUSR1);
	set(SIGUSR1, on_nested, 0);
	rounds = 0;
	raise(SIGUSR1);
	set(SIGUSR1, on_chain, 0);
	set(SIGUSR2, on_chain, 0);
	raise(SIGUSR1);
	set(SIGUSR1, on_chain, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &a);
	say("afterwards: default %d\n", a.sa_handler == SIG_DFL);
}

static void on_other_stack(void)
{
	stack_t s = { .ss_sp = stack, .ss_size = sizeof stack }, old;

	TRY(sigaltstack(&s, NULL));
	set(SIGUSR1, on_info, SA_SIGINFO | SA_ONSTACK);
	raise(SIGUSR1);
	set(SIGUSR1, on_info, SA_SIGINFO);
	raise(SIGUSR1);
	s.ss_flags = (int)(1u << 31);
	TRY(sigaltstack(&s, NULL));
	set(SIGUSR1, on_info, SA_SIGINFO | SA_ONSTACK);
	raise(SIGUSR1);
	TRY(sigaltstack(NULL, &old));
	say("autodisarm: flags %x, as set %d\n", (unsigned)old.ss_flags, old.ss_sp == stack && old.ss_size == sizeof stack);
}

static void on_change(int signal)
{
	stack_t s = { .ss_sp = stack, .ss_size = sizeof stack }, old;

	(void)signal;
	TRY(sigaltstack(&s, NULL));
	TRY(sigaltstack(NULL, &old));
	say("in the handler: flags %x\n", (unsigned)old.ss_flags);
}

static void on_segv(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	say("SIG %d code %d at the page %d, trap %lld error %llx cr2 %d\n", signal, info->si_code, (char *)info->si_addr == page + 5,
	    u->uc_mcontext.gregs[REG_TRAPNO], u->uc_mcontext.gregs[REG_ERR], (char *)u->uc_mcontext.gregs[REG_CR2] == page + 5);
	mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void on_jump(int signal)
{
	(void)signal;
	siglongjmp(out, 1);
}

static int recurse(int n)
{
	volatile char room[4000];

	room[0] = (char)n;
	return recurse(n + 1) + room[0];
}

static void faults(void)
{
	stack_t s = { .ss_sp = stack, .ss_size = sizeof stack };

	page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	set(SIGSEGV, on_segv, SA_SIGINFO);
	*(volatile char *)(page + 5) = 7;
	say("the page has %d\n", page[5]);
	munmap(page, PAGE);
	say("and then %d\n", *(volatile char *)(page + 5));
	mprotect(page, PAGE, PROT_READ);
	*(volatile char *)(page + 5) = 8;
	say("and at last %d\n", page[5]);
	sigaltstack(&s, NULL);
	set(SIGUSR2, on_change, SA_ONSTACK);
	raise(SIGUSR2);
	set(SIGSEGV, on_jump, SA_ONSTACK);
	for (volatile int i = 0; i < 3; i++)
		if (!sigsetjmp(out, 1))
			recurse(0);
		else
			say("out of the overflow\n");
}

/* ---- What a handler finds, and changes, in its frame ------------------- */

static void on_ud(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	say("SIG %d code %d at rip %d trap %lld\n", signal, info->si_code, (long)info->si_addr == u->uc_mcontext.gregs[REG_RIP],
	    u->uc_mcontext.gregs[REG_TRAPNO]);
	u->uc_mcontext.gregs[REG_RIP] += 2;
	u->uc_mcontext.gregs[REG_RBX] = 0x1234;
}

static void on_divide(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	say("SIG %d code %d trap %lld\n", signal, info->si_code, u->uc_mcontext.gregs[REG_TRAPNO]);
	u->uc_mcontext.gregs[REG_RCX] = 5;
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	say("SIG %d code %d trap %lld eflags trap %d direction %d\n", signal, info->si_code, u->uc_mcontext.gregs[REG_TRAPNO],
	    (int)(u->uc_mcontext.gregs[REG_EFL] >> 8 & 1), (int)(u->uc_mcontext.gregs[REG_EFL] >> 10 & 1));
	u->uc_mcontext.gregs[REG_EFL] |= 1; /* carry */
}

static unsigned char before[16][16], after[16][16];

static void on_vectors(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	uint32_t *words = (uint32_t *)((char *)u->uc_mcontext.fpregs + 464), magic2;
	unsigned mxcsr = 0x7f80;

	(void)signal, (void)info;
	memcpy(&magic2, (char *)u->uc_mcontext.fpregs + words[4], sizeof magic2);
	say("magic %x %x, sizes %d, x87 and SSE %d, aligned %d, mxcsr %x, control word %x\n", words[0], magic2, words[1] == words[4] + 4,
	    (int)(words[2] & 3), (int)((uintptr_t)u->uc_mcontext.fpregs % 64), u->uc_mcontext.fpregs->mxcsr, u->uc_mcontext.fpregs->cwd);
	memset(&u->uc_mcontext.fpregs->_xmm[3], 0x5a, 16);
	__asm__ volatile("ldmxcsr %0; fninit; fldpi" : : "m"(mxcsr));
	for (int i = 0; i < 16; i++)
		__asm__ volatile("pxor %xmm0,%xmm0; pxor %xmm1,%xmm1; pxor %xmm2,%xmm2; pxor %xmm3,%xmm3; pxor %xmm4,%xmm4; pxor %xmm15,%xmm15");
}

#define EACH(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) x(13) x(14) x(15)
#define LOAD(n) "movdqu " #n "*16(%%r12), %%xmm" #n "\n"
#define STORE(n) "movdqu %%xmm" #n ", " #n "*16(%%r13)\n"

static void vectors(void)
{
	unsigned mxcsr = 0x3f80, mxcsr_after;
	unsigned short control = 0x27f, control_after;
	long double pi = 0;

	for (int i = 0; i < 256; i++)
		before[i / 16][i % 16] = (unsigned char)(i * 7 + 1);
	set(SIGUSR1, on_vectors, SA_SIGINFO);
	register void *from __asm__("r12") = before;
	register void *to __asm__("r13") = after;
	__asm__ volatile("ldmxcsr %3; fninit; fldcw %4; fld1; fldpi\n" EACH(LOAD)
			 "mov %5, %%edi; mov %6, %%esi; mov $62, %%eax; syscall\n" EACH(STORE)
			 "stmxcsr %0; fnstcw %1; fstpt %2; fninit\n"
			 : "=m"(mxcsr_after), "=m"(control_after), "=m"(pi)
			 : "m"(mxcsr), "m"(control), "r"(getpid()), "i"(SIGUSR1), "r"(from), "r"(to)
			 : "rax", "rcx", "rdi", "rsi", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
			   "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	mxcsr = 0x1f80;
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	for (int i = 0; i < 16; i++)
		if (memcmp(before[i], after[i], 16))
			say_bytes(i == 3 ? "xmm3, which the handler changed" : "another register that changed", after[i], 16);
	say("mxcsr %x, control word %x, pi %.6Lf\n", mxcsr_after, control_after, pi);
}

static void frame(void)
{
	long value = 0;

	set(SIGILL, on_ud, SA_SIGINFO);
	__asm__ volatile("ud2" : "=b"(value));
	say("rbx is %lx\n", value);
	set(SIGFPE, on_divide, SA_SIGINFO);
	value = 0;
	__asm__ volatile("mov $100, %%eax; xor %%edx, %%edx; div %%ecx" : "=a"(value) : "c"(0l) : "rdx");
	say("the quotient is %ld\n", value);
	set(SIGTRAP, on_trap, SA_SIGINFO);
	__asm__ volatile("std; clc; int3; cld; setc %b0" : "=a"(value) : : "cc");
	say("carry is %ld\n", value & 0xff);
	vectors();
}

/* ---- Ends --------------------------------------------------------------- */

static void on_forge(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	if (signal == SIGUSR1)
		u->uc_mcontext.fpregs->mxcsr = 0xffffffff;
	if (signal == SIGUSR2)
		u->uc_mcontext.gregs[REG_RIP] = 0x123456789abcdef0;
	(void)info;
}

static void on_nothing(int signal)
{
	(void)signal;
	say("this handler should not run\n");
}

static void die(const char *how)
{
	struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } raw = { on_nothing, 0, NULL, 0 };
	sigset_t s;

	say("dies: %s\n", how);
	if (!strcmp(how, "norestorer")) {
		syscall(SYS_rt_sigaction, SIGUSR1, &raw, NULL, 8);
		raise(SIGUSR1);
	} else if (!strcmp(how, "nostack")) {
		set(SIGUSR1, on_nothing, 0);
		__asm__ volatile("mov $8192, %%rsp; syscall; ud2" : : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1) : "rcx", "r11");
	} else if (!strcmp(how, "mxcsr")) {
		set(SIGUSR1, on_forge, SA_SIGINFO);
		raise(SIGUSR1);
	} else if (!strcmp(how, "rip")) {
		set(SIGUSR2, on_forge, SA_SIGINFO);
		raise(SIGUSR2);
	} else if (!strcmp(how, "overflow")) {
		set(SIGSEGV, on_nothing, 0);
		recurse(0);
	} else {
		set(SIGSEGV, on_nothing, 0);
		sigfillset(&s);
		sigprocmask(SIG_BLOCK, &s, NULL);
		*(volatile char *)BAD = 1;
	}
	say("did not\n");
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		die(argv[2]);
	} else if (argc > 1) {
		frame();
	} else {
		plain();
		on_other_stack();
		faults();
	}
	return 0;
}
