/*
 * switches swapcontext|dispatched|same|differing [DEPTH]: two contexts of one process
 * switch to each other, by glibc's swapcontext or by src/machine/swtch.S.
 * "dispatched": swapcontext, with Syscall User Dispatch on as it is in uos,
 * which makes its host call (rt_sigprocmask) dearer. "same": both call it at the same place, so the CPU predicts well;
 * "differing": at two places. DEPTH: how many calls deep, which all return
 * before the next switch and mispredict, because their callers' stack changed.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "measure.h"

#define STACK 65536
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

void swtch(void **save, void *load); /* swtch.S */

/* Aligned: where a stack lies within a page is no matter of luck. */
static _Alignas(4096) char stack[2][STACK];
static void *mine, *other, *outside; /* saved stack pointers */
static ucontext_t my_context, other_context;
static int depth;
static volatile char selector; /* let all calls pass */

/* A place from which swtch is called, DEPTH calls below a loop. */
#define PLACE(name) \
	__attribute__((noipa)) static void deeper_##name(void **save, void **load, int more) \
	{ \
		if (more) \
			deeper_##name(save, load, more - 1); \
		else \
			swtch(save, *load); \
		__asm__ volatile(""); /* no tail call */ \
	} \
	__attribute__((noipa)) static void loop_##name(void **save, void **load, long times) \
	{ \
		while (times--) \
			if (depth == 1) \
				swtch(save, *load); \
			else \
				deeper_##name(save, load, depth - 2); \
	}
PLACE(here)
PLACE(there)

static void other_same(void)
{
	loop_here(&other, &mine, LONG_MAX);
}

static void other_differing(void)
{
	loop_there(&other, &mine, LONG_MAX);
}

static void other_swapcontext(void)
{
	for (;;)
		swapcontext(&other_context, &my_context);
}

static long by_swtch(long n)
{
	loop_here(&mine, &other, (n + 1) / 2); /* there and back: two switches */
	return n + n % 2;
}

static long by_swapcontext(long n)
{
	for (long i = 0; i < n; i += 2)
		swapcontext(&my_context, &other_context);
	return n + n % 2;
}

/* As swtch leaves a stack: six registers, where to go, and a return address that is none. */
static void *begin(char *lowest, void (*entry)(void))
{
	void **sp = (void **)(lowest + STACK);

	*--sp = NULL;
	*--sp = (void *)entry;
	return sp - 6;
}

static void measure_swtch(void)
{
	measure(by_swtch);
	swtch(&mine, outside); /* for good */
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	depth = argc > 2 ? atoi(argv[2]) : 1;
	if (!strcmp(argv[1], "dispatched") && prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector) != 0)
		measure_fail("Syscall User Dispatch");
	if (!strcmp(argv[1], "swapcontext") || !strcmp(argv[1], "dispatched")) {
		getcontext(&other_context);
		other_context.uc_stack.ss_sp = stack[1];
		other_context.uc_stack.ss_size = STACK;
		makecontext(&other_context, other_swapcontext, 0);
		measure(by_swapcontext);
	} else {
		mine = begin(stack[0], measure_swtch);
		other = begin(stack[1], !strcmp(argv[1], "same") ? other_same : other_differing);
		swtch(&outside, mine);
	}
	return 0;
}
