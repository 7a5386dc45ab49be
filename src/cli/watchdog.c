/*
 * A host thread beside the machine. It reads three words that the kernel
 * publishes and prints, or pulls the plug; it never enters the kernel.
 */
#include <stdio.h>
#include <time.h>

#include "cli/run.h"
#include "cli/table.h"
#include "kernel/kernel.h"

#define HOLD_NS 2000000000u
#define LOOK_NS 100000000u

static const struct options *options;

static const char *name_of(int pid)
{
	const struct outcome *outcomes;
	int n = kernel_outcomes(&outcomes); /* all loaded before the first runs: it no longer changes */

	return pid >= 2 && pid - 2 < n ? outcomes[pid - 2].name : "?";
}

static void notice(void)
{
	static uint64_t told; /* the dispatch that was told of already */
	int holder = kernel_watch.holder, waiter = kernel_watch.waiter, waiting = kernel_watch.waiting;
	uint64_t since = kernel_watch.since;

	if (!waiting || holder < 2 || since == told || clock_now() < since + HOLD_NS)
		return;
	told = since;
	if (waiting > 1)
		console_line("%s (pid %d) has held the CPU for 2 s while %s (pid %d) and %d more wait; -m preempt would take it back",
			     name_of(holder), holder, name_of(waiter), waiter, waiting - 1);
	else
		console_line("%s (pid %d) has held the CPU for 2 s while %s (pid %d) waits; -m preempt would take it back",
			     name_of(holder), holder, name_of(waiter), waiter);
}

static void *watchdog(void *unused)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	char time[16];

	(void)unused;
	for (;;) {
		struct timespec rest = look;
		uint64_t now = clock_now();

		if (options->timeout_ns && now >= options->timeout_ns) {
			console_line("timeout after %s: all processes killed", table_time((double)options->timeout_ns, time));
			machine_power_status = STATUS_TIMEOUT;
			machine_raise(VECTOR_POWER);
			return NULL;
		}
		if (options->timeout_ns && options->timeout_ns - now < LOOK_NS)
			rest.tv_nsec = (long)(options->timeout_ns - now);
		nanosleep(&rest, NULL);
		if (!options->preempt)
			notice();
	}
}

void watchdog_start(const struct options *o)
{
	static char stack[65536] __attribute__((aligned(64)));

	options = o;
	if (!o->preempt || o->timeout_ns)
		machine_thread(watchdog, stack, sizeof stack);
}
