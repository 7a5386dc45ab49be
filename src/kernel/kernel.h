/* The kernel, as the command line sees it. */
#ifndef UOS_KERNEL_H
#define UOS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <uos/policy.h>

struct program {
	const char *path; /* a file of the host, as it was called */
	char **argv;      /* NULL-terminated; argv[0] names the process */
	uint64_t length, weight, priority; /* for the policy; as in struct uos_thread */
};

struct kernel_options {
	bool preempt;
	uint64_t quantum;       /* ns */
	const struct uos_policy *policy;
	const char *plug_in;    /* the file it came from; NULL: it is one of the kernel's own */
	uint64_t seed;          /* of all chance in scheduling */
	uint64_t memory;        /* bytes that programs may have together; 0: as many as the host has */
	uint64_t procs;         /* processes and threads at once */
	bool rewrite;           /* system calls' instructions, so that they enter by the gate */
	bool account;           /* keep the split into user and kernel, calls by name, peak memory: costs some 20 ns a trap */
	char **envp;            /* every program's environment */
	const char *root;       /* the host's directory that guests have for "/"; NULL: "/" */
	const char *home;       /* the host's home directory of whoever started uos, or NULL */
	const char *cwd;        /* where programs start, as guests see it; NULL: where uos was started */
	char **rw, **ro;        /* directories as guests see them, NULL-terminated, or NULL */
	int (*finished)(void);  /* called by pid 1 when no process is left; returns uos's exit status */
	int (*halting)(int status); /* called last, however the run ends, but for a panic; returns the status */
};

/* What a process used. Times in ns; a point in time is clock_now()'s, since boot. */
struct usage {
	uint64_t arrival, first_run, completion;
	uint64_t run;         /* had the CPU: its slices together */
	uint64_t wait;        /* could have run, while another did */
	uint64_t user, kernel; /* of run, without what the host stole; only with kernel_options.account, as all below */
	uint64_t voluntary, involuntary; /* switches away from it */
	uint64_t calls, faults;
	uint64_t peak_memory; /* bytes that it had touched at most */
};

/* A program of the command line, and what became of it; pid is its index + 2. */
struct outcome {
	const char *name;
	int status; /* exit status, if signal is 0 */
	int signal; /* that ended it */
	bool ended; /* else all below is as of now */
	struct usage usage;
	const uint64_t *calls_by_number; /* with account: kernel_call_name tells up to where; else NULL */
};

struct kernel_stats {
	uint64_t switches, switches_by_timer;
	/* ended a slice; did, but the policy let it go on; before its end; nobody else to run */
	uint64_t ticks_ended, ticks_continued, ticks_early, ticks_alone;
	uint64_t calls;
	uint64_t sites_rewritten, sites_refused; /* system calls' instructions; those that a program came by */
	uint64_t pages, descriptors, mappings, entries; /* still held */
	/* With account, each measured on its own, ns: */
	uint64_t elapsed;      /* since boot, by the host's monotonic clock */
	uint64_t user, kernel; /* all processes', the machine's own work (loading, reaping) is kernel */
	uint64_t idle;
	uint64_t stolen;       /* runnable, but the host ran others: /proc/thread-self/schedstat */
	uint64_t host_cpu;     /* the same CPU time as the host counts it: getrusage(2) */
};

/* For a watchdog in another host thread: pids, 0 for none; each a single word. */
struct kernel_watch {
	volatile int holder, waiter, waiting; /* who runs; the first who waits; how many wait */
	volatile uint64_t since;              /* clock_now() at the holder's dispatch */
};

extern struct kernel_watch kernel_watch;

const char *kernel_boot(const struct kernel_options *o); /* NULL, or what is wrong with the directories, a line for a person */
/* Makes a process. NULL, or a message for "uos: PATH: ..." with *status 126 or 127. */
const char *kernel_load(const struct program *p, int *status);
_Noreturn void kernel_run(void);

/* The kernel's own policies, the default first; NULL past the last. */
const struct uos_policy *kernel_policy(int n);

int kernel_outcomes(const struct outcome **out); /* how many programs were loaded */
struct kernel_stats kernel_stats(void);
const char *kernel_call_name(unsigned nr); /* NULL: there is no such call */
/* The n-th call that programs asked for and that is not there, or NULL. */
const char *kernel_missing_call(int n, uint64_t *count);

#endif
