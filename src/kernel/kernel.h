/* The kernel, as the command line sees it. */
#ifndef UOS_KERNEL_H
#define UOS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct program {
	const char *path; /* a file of the host, as it was called */
	const char *exe;  /* the same, absolute and without links: /proc/self/exe */
	char **argv;      /* NULL-terminated; argv[0] names the process */
};

struct kernel_options {
	bool preempt;
	uint64_t quantum;       /* ns */
	char **envp;            /* every program's environment */
	int (*finished)(void);  /* called by pid 1 when no process is left; returns uos's exit status */
	void (*halting)(void);  /* called last, however the run ends, but for a panic */
};

/* What became of a program of the command line; pid is its index + 2. */
struct outcome {
	const char *name;
	int status; /* exit status, if signal is 0 */
	int signal; /* that ended it */
};

struct kernel_stats {
	uint64_t switches, switches_by_timer;
	uint64_t ticks_ended, ticks_early, ticks_alone; /* ended a slice; before its end; nobody else to run */
	uint64_t calls;
	uint64_t pages, descriptors, entries; /* still held */
};

/* For a watchdog in another host thread: pids, 0 for none; each a single word. */
struct kernel_watch {
	volatile int holder, waiter, waiting; /* who runs; the first who waits; how many wait */
	volatile uint64_t since;              /* clock_now() at the holder's dispatch */
};

extern struct kernel_watch kernel_watch;

void kernel_boot(const struct kernel_options *o);
/* Makes a process. NULL, or a message for "uos: PATH: ..." with *status 126 or 127. */
const char *kernel_load(const struct program *p, int *status);
_Noreturn void kernel_run(void);

int kernel_outcomes(const struct outcome **out); /* how many programs were loaded */
struct kernel_stats kernel_stats(void);
const char *kernel_call_name(unsigned nr); /* NULL: there is no such call */
/* The n-th call that programs asked for and that is not there, or NULL. */
const char *kernel_missing_call(int n, uint64_t *count);

#endif
