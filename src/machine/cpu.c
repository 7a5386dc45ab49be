/* The CPU: whose instruction was interrupted, and what waits for the way out. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "machine/hw.h"

uintptr_t cpu_kstack;
uint64_t *cpu_scratch;
uint64_t cpu_host_fs;
uint64_t cpu_secret;
uint8_t cpu_keys;
volatile uint32_t cpu_pending;
trap_handler *cpu_vectors[VECTOR_COUNT];

void trap_set_handler(enum vector v, trap_handler *handler)
{
	cpu_vectors[v] = handler;
}

struct frame *cpu_frame(void)
{
	return (struct frame *)(cpu_kstack - FRAME_PUSHED);
}

static bool within(uintptr_t rip, const char *start, const char *end)
{
	return rip >= (uintptr_t)start && rip < (uintptr_t)end;
}

/*
 * The mode of whoever was interrupted. A variable could not say it: it cannot
 * be written in the same instant as PKRU, so it is wrong for several
 * instructions each way. The ranges come first; in them PKRU may be either.
 */
enum mode cpu_mode(const ucontext_t *uc)
{
	uintptr_t rip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];

	if (rip < GUEST_END)
		return MODE_USER; /* also with its own WRPKRU or XRSTOR in force, for as long as that lasts */
	if (within(rip, way_out, way_out_end))
		return MODE_WAY_OUT;
	if (within(rip, way_in_start, way_in_end))
		return MODE_WAY_IN;
	if (cpu_keys ? !(xstate_signal_pkru(uc) & 1) : host_text_has(rip))
		return MODE_KERNEL;
	return MODE_USER;
}

void machine_raise(enum vector line)
{
	__atomic_fetch_or(&cpu_pending, 1u << line, __ATOMIC_SEQ_CST);
	trap_interrupt_cpu();
}

/*
 * One bit at a time, cleared just before its handler: a handler may switch to
 * another thread or never return, and the bits that still wait are that
 * thread's to find. The timer comes last, for the same reason.
 */
void cpu_take_interrupts(struct frame *f)
{
	uint32_t waiting;

	while ((waiting = cpu_pending)) {
		int v = __builtin_ctz(waiting);

		__atomic_fetch_and(&cpu_pending, ~(1u << v), __ATOMIC_SEQ_CST);
		cpu_vectors[v](f);
	}
}

/*
 * Signals are blocked only here. Without it, one that comes between the look
 * at cpu_pending and ppoll would be slept through.
 */
void cpu_idle(uint64_t until)
{
	sigset_t all, none, before;
	struct timespec wait, *timeout = NULL;

	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (until != UINT64_MAX) {
		uint64_t now = clock_now(), ns = until > now ? until - now : 0;

		ns -= ns / 1000; /* ppoll may be late by as much; the caller looks at the clock and idles again */
		wait = (struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
		timeout = &wait;
	}
	if (!cpu_pending)
		ppoll(NULL, 0, timeout, &none);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
