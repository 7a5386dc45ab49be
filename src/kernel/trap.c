/*
 * The trap table, filled at boot: a number picks a function; a guest passes
 * numbers, never addresses. Compiled without vector registers: for calls that
 * are marked GENERAL, the guest's are live.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "kernel/account.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/syscall.h"
#include "kernel/tty.h"

struct call {
	syscall_function *function;
	const char *name;
	int refusal; /* what to answer if there is no function; 0: not there yet */
	bool full;   /* may use vector registers: save the guest's first */
};

enum { GENERAL = false, FULL = true };

static const struct call table[] = {
#define CALL(nr, name, kind, ...) [nr] = { sys_##name, #name, 0, kind },
#define REFUSE(nr, name, error, ...) [nr] = { 0, #name, error, GENERAL },
#define NONE(nr, name, ...) [nr] = { 0, #name, 0, GENERAL },
#include "kernel/syscall.tbl"
#undef CALL
#undef REFUSE
#undef NONE
};

#define CALLS (sizeof table / sizeof *table)
static uint64_t missing[CALLS];

static long not_there(uint64_t nr)
{
#ifdef UOS_TEST_HOOKS
	if (nr >= 1000)
		return test_hook(nr); /* tests/hooks.c */
#endif
	if (nr >= CALLS)
		return -ENOSYS;
	if (table[nr].refusal)
		return -table[nr].refusal;
	missing[nr]++;
	return -ENOSYS;
}

/* Whoever looks on, the event ring or the accounts: one branch on the way in, one on the way out. Inlined, it would take registers. */
static bool watched;

__attribute__((noinline)) static void watch_trap(struct frame *f)
{
	struct proc *p = current_proc();
	struct event *e = ring_put(EVENT_TRAP, p->pid, (unsigned)f->rax, f->rdi);

	account_enter();
	p->usage.calls++;
	if (f->rax < CALLS && p->calls_by_number)
		p->calls_by_number[f->rax]++;
	if (e && f->rax < CALLS && table[f->rax].function == sys_write) {
		frame_save_vectors(f);
		event_text_in(e, f->rsi, f->rdx);
	}
}

__attribute__((noinline)) void trap_watch_return(unsigned call, uint64_t result)
{
	ring_put(EVENT_RETURN, current_proc()->pid, call, result);
	account_leave();
}

static void syscall_handler(struct frame *f)
{
	const uint64_t args[6] = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9 };
	uint64_t nr = f->rax;

	if (watched)
		watch_trap(f);
	sched_stats.calls++;
	if (sched_plug_in || (nr < CALLS && table[nr].full)) /* a plug-in: for interrupts on the way out, too */
		frame_save_vectors(f);
	f->rax = (uint64_t)(nr < CALLS && table[nr].function ? table[nr].function(args) : not_there(nr));
	current->pinned_end = 0;
	sched_give_way();
	if (current->summoned)
		signals_deliver((int)nr);
	if (watched)
		trap_watch_return((unsigned)nr + 1, f->rax);
}

static void slow_syscall_handler(struct frame *f)
{
	sites_trapped(f);
	syscall_handler(f);
}

/* The beginning and the end of every interrupt; `f` is NULL if it found the CPU idle. */
static void enter_interrupt(const struct frame *f)
{
	if (f)
		account_enter();
}

static void return_from_interrupt(void)
{
	sched_give_way();
	if (sched_preempt && current->summoned)
		signals_deliver(-1);
	trap_watch_return(0, 0);
}

static void timer_handler(struct frame *f)
{
	enter_interrupt(f);
	sched_tick(f);
	if (f)
		return_from_interrupt();
}

static void device_handler(struct frame *f)
{
	enter_interrupt(f);
	ring_put(EVENT_INTERRUPT, f ? current_proc()->pid : 0, INTERRUPT_DEVICE, 0);
	files_device_ready();
	if (f)
		return_from_interrupt();
}

/*
 * Ctrl-C interrupts the guests; in coop that waits for the holder's next trap.
 * The second is the reset button, if none has handled the first.
 */
static void keyboard_handler(struct frame *f)
{
	static bool pressed;
	static uint64_t handled;

	enter_interrupt(f);
	if (f)
		frame_save_vectors(f); /* console_line uses them */
	if (!console_keys()) {
		if (f)
			return_from_interrupt();
		return;
	}
	ring_put(EVENT_INTERRUPT, f ? current_proc()->pid : 0, INTERRUPT_KEYBOARD, 0);
	if (pressed && handled == interrupts_handled) {
		console_line("interrupted again: all processes killed");
		kernel_halt(130);
	}
	pressed = true;
	handled = interrupts_handled;
	for (struct proc *p = proc_list; p; p = p->next)
		signal_send(p, SIGINT, SI_KERNEL);
	if (!f)
		return;
	if (!sched_preempt && current->summoned)
		console_line("interrupt pending until the next trap of %s (pid %d); Ctrl-C again kills all",
			     current_proc()->name, current_proc()->pid);
	return_from_interrupt();
}

static void power_handler(struct frame *f)
{
	enter_interrupt(f);
	kernel_halt(machine_power_status);
}

void trap_count_calls(struct proc *p)
{
	p->calls_by_number = calloc(CALLS, sizeof *p->calls_by_number);
}

void trap_table_boot(void)
{
	watched = ring_on || account_on;
	ring_put(EVENT_TRAP_TABLE, 0, 0, 0);
	trap_set_handler(VECTOR_TIMER, timer_handler);
	trap_set_handler(VECTOR_DEVICE, device_handler);
	trap_set_handler(VECTOR_KEYBOARD, keyboard_handler);
	trap_set_handler(VECTOR_POWER, power_handler);
	trap_set_handler(VECTOR_SYSCALL, syscall_handler);
	trap_set_handler(VECTOR_SLOW_SYSCALL, slow_syscall_handler);
	trap_set_handler(VECTOR_FAULT, fault_handler);
}

const char *kernel_call_name(unsigned nr)
{
	return nr < CALLS ? table[nr].name : 0;
}

const char *kernel_missing_call(int n, uint64_t *count)
{
	for (unsigned nr = 0; nr < CALLS; nr++)
		if (missing[nr] && n-- == 0) {
			*count = missing[nr];
			return table[nr].name;
		}
	return 0;
}
