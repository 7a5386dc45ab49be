/* none: fails "8 ended"; keys: fails "8 ended"; full: fails "8 ended" */
#define ATTACK_OPENS
#include <linux/futex.h>
#include <sched.h>
#include <time.h>

#include "attack.h"

/* Addresses that the kernel is told now and uses later: at a thread's end, for a signal's frame, when a timer expires. */
static uint64_t robust[3];

static void at_exit_of_robust(long p)
{
	robust[0] = (uint64_t)p; /* the list's first element, its futex there, too */
	raw(SYS_set_robust_list, (long)robust, 24, 0, 0, 0, 0);
}

static void robust_head(long p)
{
	raw(SYS_set_robust_list, p, 24, 0, 0, 0, 0);
}

static void clear_tid(long p)
{
	raw(SYS_set_tid_address, p, 0, 0, 0, 0, 0);
}

static void signal_stack(long p)
{
	stack_t stack = { .ss_sp = (void *)(p & -(long)PAGE), .ss_size = PAGE };
	struct sigaction action = { .sa_handler = _exit, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void handler(long p)
{
	struct sigaction action = { .sa_handler = (void (*)(int))p };

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void clone_words(long p)
{
	raw(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, p, p, 0, 0);
}

static void clone_stack(long p)
{
	long child = SYS_clone; /* which must not touch its stack here: at none it would be the attacker's own harm */

	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tud2\n1:" : "+a"(child)
			 : "D"((long)(CLONE_VM | CLONE_VFORK | SIGCHLD)), "S"(p & -16l), "d"(0l) : "rcx", "r11", "memory", "cc");
}

static void futexes(long p)
{
	for (int op = 0; op < 14; op++)
		raw(SYS_futex, p, op | FUTEX_PRIVATE_FLAG, 1, (long)&(struct timespec){ 0, 1000 }, p,
		    (long)FUTEX_OP(FUTEX_OP_SET, 0x21212121, FUTEX_OP_CMP_EQ, 0));
}

int main(void)
{
	static void (*const ways[])(long) = { at_exit_of_robust, robust_head, clear_tid, signal_stack, handler, clone_words, clone_stack, futexes };
	static const char *const places[] = { "kernel_secret", "victim", "user_page", "cpu_pending" };
	int ended = 0;

	for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
		int here = 0;

		for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
			pid_t child = fork();

			if (child == 0) {
				alarm(2);
				ways[way]((long)at(places[i]));
				_exit(0);
			}
			here += waitpid(child, NULL, 0) == child;
		}
		ended += here == sizeof places / sizeof *places;
	}
	say("%d ended\n", ended);
	return 0;
}
