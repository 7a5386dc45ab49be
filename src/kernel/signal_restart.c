/*
 * What becomes of a call that a signal interrupted: it answers EINTR, or the
 * program makes it again without knowing (signal(7)).
 */
#include <errno.h>
#include <signal.h>

#include "kernel/signal_parts.h"
#include "kernel/syscall.h"

#define SYSCALL_SIZE 2

enum restart {
	WITH_SA_RESTART, /* or if no handler ran */
	WITHOUT_HANDLER, /* only then */
	NEVER_RESTARTS,  /* nor if it was stopped and continued */
	IS_NO_ANSWER,    /* what looks like EINTR is the program's */
};

static enum restart kind_of(int call, const struct frame *f)
{
	switch (call) {
	case NR_rt_sigreturn:
		return IS_NO_ANSWER;
	case NR_pause:
	case NR_rt_sigsuspend:
	case NR_poll:
	case NR_ppoll:
	case NR_select:
	case NR_pselect6:
	case NR_nanosleep:
	case NR_clock_nanosleep:
		return WITHOUT_HANDLER;
	case NR_futex:
		return f->r10 ? WITHOUT_HANDLER : WITH_SA_RESTART; /* with a time */
	case NR_epoll_wait:
	case NR_epoll_pwait:
	case NR_epoll_pwait2:
	case NR_rt_sigtimedwait:
	case NR_semop:
	case NR_semtimedop:
		return NEVER_RESTARTS;
	default:
		return WITH_SA_RESTART;
	}
}

/*
 * Where the program comes from is a `syscall` or a jump to the gate. It is told
 * to do the first again, as Linux does (musl looks at rip to see whether a call
 * was cancelled before it began); else it goes through the gate, as if from there.
 */
static void make_again(struct frame *f, int call)
{
	uint8_t before[SYSCALL_SIZE];

	f->rax = (uint64_t)call;
	if (copy_in(before, f->rip - SYSCALL_SIZE, SYSCALL_SIZE) == 0 && before[0] == 0x0f && before[1] == 0x05) {
		f->rip -= SYSCALL_SIZE;
	} else {
		f->rcx = f->rip;
		f->rip = mmu_gate();
	}
}

void signal_restart(struct frame *f, int call, const struct sigaction_record *handler, bool was_stopped)
{
	enum restart kind;
	bool again;

	if (handler && call == NO_CALL)
		current->restart_call = NO_CALL; /* it runs before the call is made again */
	if (call == NO_CALL || f->rax != (uint64_t)-EINTR)
		return;
	kind = kind_of(call, f);
	if (handler)
		again = kind == WITH_SA_RESTART && handler->flags & SA_RESTART;
	else
		again = kind != IS_NO_ANSWER && (kind != NEVER_RESTARTS || !was_stopped);
	if (again)
		make_again(f, call);
	if (handler || !again)
		current->restart_call = NO_CALL;
}

/* ---- Deadlines -------------------------------------------------------- */

uint64_t signal_deadline(int call, uint64_t until)
{
	if (current->restart_call == call)
		until = current->restart_until;
	current->restart_call = NO_CALL;
	return until;
}

void signal_keep_deadline(int call, uint64_t until)
{
	current->restart_call = call;
	current->restart_until = until;
}
