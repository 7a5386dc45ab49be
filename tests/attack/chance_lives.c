/* none: fails "all over"; keys: fails "all over"; full: fails "all over" */
#include "chance.h"

#include <sched.h>
#include <time.h>

/*
 * Lives by chance, in each other, all at the same addresses: fork, vfork, processes and threads that share memory, exec and exit from any of
 * them, signals that stop, continue and kill, groups, sessions, futexes and what is written at a thread's end. What is counted must come out.
 */
#define LIVES 30
#define STEPS 30
#define DEPTH 4
#define STACKS 128
#define STACK (4 * PAGE)
#define MSEC 300

static char *stacks;
static int used, words[16];
static uint32_t state; /* shared by all threads: whatever comes of that is as good */

static uint32_t any(uint32_t limit)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % limit;
}

static long call(long nr, long a, long b, long c)
{
	return raw(nr, a, b, c, 0, 0, 0);
}

static void live(int depth, int steps);

static int part(void *depth)
{
	live((int)(long)depth, 6 + (int)any(8));
	call(any(3) ? SYS_exit : SYS_exit_group, 0, 0, 0);
	return 0;
}

static void start(int depth)
{
	static const int kinds[] = {
		CLONE_VM | CLONE_VFORK | SIGCHLD, CLONE_VM | SIGCHLD, CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS | SIGCHLD,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID,
	};
	char *stack = stacks + (size_t)(__sync_fetch_and_add(&used, 1) % STACKS + 1) * STACK;

	if (depth >= DEPTH)
		return;
	if (any(3) == 0) {
		if (call(SYS_fork, 0, 0, 0) == 0) {
			state ^= (uint32_t)call(SYS_gettid, 0, 0, 0) * 7919;
			live(depth + 1, 8);
			call(SYS_exit_group, 0, 0, 0);
		}
		return;
	}
	clone(part, stack, kinds[any(5)], (void *)(long)(depth + 1), &words[any(16)], NULL, &words[any(16)]);
}

static void live(int depth, int steps)
{
	const char *argv[] = { "true", NULL };
	static long list[3];

	for (int i = 0; i < steps; i++)
		switch (any(20)) {
		case 0: case 1: case 2: case 3: case 4: case 5: start(depth); break;
		case 6: call(SYS_execve, (long)(any(3) ? "/none" : "/bin/true"), (long)argv, 0); break;
		case 7: if (any(6) == 0) call(SYS_exit, 0, 0, 0); break;
		case 8: if (any(8) == 0) call(SYS_exit_group, 0, 0, 0); break;
		case 9: if (any(8) == 0) call(SYS_kill, call(SYS_getpid, 0, 0, 0), SIGKILL, 0); break;
		case 10: call(SYS_kill, 0, (const int[]){ SIGUSR1, SIGSTOP, SIGCONT, SIGUSR2, SIGCHLD }[any(5)], 0); break;
		case 11: call(SYS_setpgid, 0, 0, 0); break;
		case 12: if (any(8) == 0) call(SYS_setsid, 0, 0, 0); break;
		case 13: call(SYS_wait4, -1, 0, WNOHANG | WUNTRACED); break;
		case 14: raw(SYS_futex, (long)&words[any(16)], any(2), 0, (long)&(struct timespec){ 0, 1000000 }, 0, 0); break;
		case 15: call(SYS_set_tid_address, (long)&words[any(16)], 0, 0); break;
		case 16: list[0] = (long)list, call(SYS_set_robust_list, (long)list, sizeof list, 0); break;
		case 17: call(SYS_prctl, PR_SET_PDEATHSIG, any(3) ? 0 : SIGKILL, 0); break;
		case 18: call(SYS_sched_yield, 0, 0, 0); break;
		default: words[any(16)]++;
		}
}

static void handler(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	for (int number = 0; number < LIVES; number++) {
		pid_t child = fork();

		if (child == 0) {
			setsid();
			prctl(PR_SET_NAME, "life");
			stacks = map((STACKS + 1) * STACK / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
			state = (uint32_t)number * 2654435761u;
			live(0, STEPS);
			_exit(0);
		}
		for (int i = 0; i < MSEC && waitpid(child, NULL, WNOHANG) != child; i++) {
			usleep(1000);
			if (i % 20 == 19)
				kill(-child, SIGCONT);
		}
		kill(-child, SIGKILL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	end_named("(life)");
	end_named("(true)"); /* executed, and stopped */
	say("all over\n");
	return 0;
}
