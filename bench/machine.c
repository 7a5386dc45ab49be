/*
 * machine asm|ucontext: uos's own context_switch() between two kernel threads
 * of a machine that was booted for it and runs nothing else. No scheduler, no
 * trap, no vector state (kernel threads have none that is saved).
 */
#include <stdio.h>
#include <string.h>

#include "machine/machine.h"
#include "measure.h"

static struct context first, second;

static long by_context_switch(long n)
{
	for (long i = 0; i < n; i += 2)
		context_switch(&first, &second);
	return n + n % 2;
}

static void run_first(void)
{
	measure(by_context_switch);
	fflush(stdout);
	machine_halt(0);
}

static void run_second(void)
{
	for (;;)
		context_switch(&second, &first);
}

int main(int argc, char **argv)
{
	const char *lacks = machine_boot(PROTECT_NONE, argc > 1 && !strcmp(argv[1], "asm") ? SWITCH_ASM : SWITCH_UCONTEXT);

	if (lacks || !context_create(&first, run_first) || !context_create(&second, run_second)) {
		fprintf(stderr, "%s\n", lacks ? lacks : "out of memory");
		return 1;
	}
	context_start(&first);
}
