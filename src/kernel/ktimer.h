/* Kernel timers: a function that is called when its time has come. What is behind alarm(2), timer_create(2), timerfd. */
#ifndef UOS_KERNEL_KTIMER_H
#define UOS_KERNEL_KTIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Its owner's memory; all zero but for `expired` to begin with. */
struct ktimer {
	uint64_t at, interval; /* clock_now()'s, of the next expiry while armed; 0: once */
	/*
	 * Called in kernel mode on the way in or out, or while idle: the current thread may be anybody. The vector registers
	 * are saved. It may arm and cancel any timer, wake threads, free its own, but never wait. It is armed anew by then.
	 */
	void (*expired)(struct ktimer *t);
	uint64_t times;        /* how often it has expired since somebody last made this 0: all that was missed counts */
	bool armed;
	struct ktimer *next;   /* by time, while armed */
};

void ktimer_arm(struct ktimer *t, uint64_t at, uint64_t interval); /* again, if it is armed; `times` begins at 0 */
void ktimer_cancel(struct ktimer *t);                              /* one that is not armed: nothing */

/* For sleep.c and sched.c: when the first is due, UINT64_MAX for never; and what runs those that are. */
extern uint64_t ktimer_next;
void ktimers_run(uint64_t now);

#endif
