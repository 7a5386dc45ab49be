/* What a process may ask about itself: who it is, what it may use, where it stands among the others. */
#ifndef UOS_KERNEL_FACTS_H
#define UOS_KERNEL_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

enum { REAL, EFFECTIVE, SAVED, OF_FILES, IDS };

struct lock_file;
struct tty;

struct facts {
	unsigned uid[IDS], gid[IDS];
	int group, session; /* of processes: each program of the command line is a group, all are one session */
	struct tty *tty;    /* the session's controlling terminal, or NULL */
	int lost_foreground; /* of a session's leader: the group that was in the foreground of the terminal when that was taken away */
	int nice, policy;   /* as told to setpriority(2) and sched_setscheduler(2); the policy of --policy decides */
	struct rlimit limits[RLIM_NLIMITS];
	unsigned personality;
	int death_signal;   /* as told to prctl(2), as all that follows */
	bool undumpable, no_new_privileges, keeps_capabilities;
	struct lock_file *lock_files; /* lock.c, as is */
	int lock_awaited;   /* the process whose lock this one waits for, or 0 */
};

struct proc;
void facts_begin(struct proc *p); /* of a program of the command line */

/* sys_usage.c: CPU time so far, ns. Without accounts all of it is the user's. */
struct cpu_time { uint64_t user, kernel; };
struct cpu_time cpu_time(struct proc *p);
struct usage;
struct rusage usage_as_rusage(const struct usage *u);

/* sys_signal.c: a guest's signal set, if there is one (`from` is not 0), into *mask. 0, -EINVAL, -EFAULT. */
long signals_mask_in(uintptr_t from, uint64_t size, uint64_t *mask);

/* sys_time.c: a guest's struct timespec. 0, -EFAULT or -EINVAL; as ns, at most INT64_MAX. */
struct timespec;
long timespec_in(struct timespec *t, uintptr_t from);
uint64_t timespec_ns(const struct timespec *t);

#endif
