/*
 * The kernel's own policies, one a file, and what several of them share. Like
 * a plug-in they see uos/policy.h and nothing of the kernel; unlike one they
 * run while the guest's vector registers are live: no call of libc, and
 * nothing that the compiler makes one of (a struct assigned, an array cleared).
 */
#ifndef UOS_SCHED_POLICIES_H
#define UOS_SCHED_POLICIES_H

#include <uos/policy.h>

#pragma GCC diagnostic ignored "-Wunused-parameter" /* a policy need not look at all that it is told */

extern const struct uos_policy fair_policy, fifo_policy, lottery_policy, mlfq_policy, prio_policy, rr_policy, sjf_policy,
	stcf_policy, stride_policy;

#define POLICY_MOST_TIME (366ull * 24 * 3600 * 1000000000) /* ns: a year */
#define POLICY_LEAST_TURN 20000 /* ns: as -q; a timer interrupt takes a third of that */
#define POLICY_MOST_WEIGHT 1000000

#define OPTION_WEIGHTS(key, help) \
	{key, UOS_NUMBERS, NULL, offsetof(struct uos_thread, weight), 1, POLICY_MOST_WEIGHT, help}
#define OPTION_LENGTHS \
	{"lengths", UOS_TIMES, NULL, offsetof(struct uos_thread, length), 0, POLICY_MOST_TIME, \
	 "CPU time that each needs in all; 0: learn it"}
#define OPTIONS_END {NULL, UOS_NUMBER, NULL, 0, 0, 0, NULL}

/*
 * What is left of a turn, for whoever is preempted and then goes on with it
 * instead of beginning anew: else who is preempted often would keep the CPU
 * from its equals. Less than a sixteenth is not worth a tick and counts as 0.
 */
static inline uint64_t turn_left(uint64_t turn, uint64_t used)
{
	return used + turn / 16 < turn ? turn - used : 0;
}

#endif
