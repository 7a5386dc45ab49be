/* What scheduling, and waiting for something, offers the rest of the kernel. */
#ifndef UOS_KERNEL_SCHED_H
#define UOS_KERNEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct kernel_options;
struct thread;

enum state { READY, RUNNING, BLOCKED, ZOMBIE };

/* sched.c: mechanism. The caller's thread is `current`; `now` is clock_now()'s. */
extern struct thread *current;
extern bool sched_preempt, sched_plug_in; /* the policy is a plug-in: it may use vector registers */
extern struct kernel_stats sched_stats;    /* switches, ticks, calls; the rest is not filled */
void sched_boot(const struct kernel_options *o, struct thread *reaper);
_Noreturn void sched_start(void);
void sched_ready(struct thread *t, uint64_t now); /* new, or no longer blocked */
void sched_stop(enum state state, uint64_t now);  /* the current thread cannot run on; returns when it can */
void sched_yield_cpu(void);
_Noreturn void sched_exit(void);                  /* the current thread is a zombie now */
void sched_settle(void);                          /* the running thread's time is counted until now */
void sched_reaper_wait(void);                     /* all zombies are reaped: until the next */
void sched_tick(struct frame *f);
void sched_give_way(void);                        /* to somebody more urgent, if one has woken up */
void sched_set_timer(void);                       /* so that an interrupt comes when the next slice or sleep ends */

/* sleep.c. Gives up the CPU until wakeup(channel) or `until`. 0, -ETIMEDOUT, or -EINTR if it is summoned. */
int sched_block(const void *channel, uint64_t until);
void sched_sleep(const void *channel, uint64_t until); /* likewise, summoned or not; sched_interrupt ends it, too */
void sched_wakeup(const void *channel);
void sched_interrupt(struct thread *t);           /* out of sched_block, if it is there */
/*
 * Who is told of a channel's wake-ups without sleeping on it (epoll). woken()
 * comes before those who sleep are awake, and like them at any time: vector
 * registers may be a guest's, so it calls nothing of libc. It may wake others,
 * and neither watches nor unwatches.
 */
struct watcher {
	const void *channel;
	void (*woken)(struct watcher *w);
	void *owner;                       /* whatever woken() needs */
	struct watcher *next, **link;
};
void sched_watch(struct watcher *w);
void sched_unwatch(struct watcher *w);
void sleep_wake_due(uint64_t now);                /* sleepers, and kernel timers (ktimer.h) */
void sleep_also_until(uint64_t at);               /* a kernel timer is due then */
extern uint64_t sleep_next_wake;                  /* no sleeper's time comes before */
uint64_t sleep_next_tick(void);                   /* when the CPU, unless it is idle, is to be interrupted for that */

#endif
