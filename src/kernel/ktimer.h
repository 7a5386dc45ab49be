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
	 * are saved. It may arm and cancel any timer, wake threads, free its own, but never wait.
	 */
	void (*expired)(struct ktimer *t);
	uint64_t times;        /* how often it has expired since somebody last made this 0: all that was missed counts */
	bool armed;
	bool rests;            /* it has an interval, has expired, and waits for ktimer_go_on */
	struct ktimer *next;   /* by time, while armed */
};

void ktimer_arm(struct ktimer *t, uint64_t at, uint64_t interval); /* again, if it is armed; `times` begins at 0 */
void ktimer_count(struct ktimer *t, uint64_t at, uint64_t interval); /* likewise, but it never expires: one that is only looked at */
void ktimer_cancel(struct ktimer *t);                              /* one that is not armed: nothing */
/* Its owner has taken notice of its expiry: periods that have passed since count, and it is armed for the next. If it rests. */
void ktimer_go_on(struct ktimer *t);
uint64_t ktimer_left(const struct ktimer *t);                      /* ns until its next period, 1 at least; 0: there is none */

/* For sleep.c and sched.c: when the first is due, UINT64_MAX for never; and what runs those that are. */
extern uint64_t ktimer_next;
void ktimers_run(uint64_t now);

#endif
