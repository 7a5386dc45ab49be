/*
 * A scheduling policy: which of the runnable threads has the CPU (OSTEP,
 * chapters 7 to 9). The mechanism (src/kernel/sched.c) knows who is runnable
 * and switches; the policy only chooses. It sees threads, time and its
 * options, never the machine; it may keep state of its own in static
 * variables, for nothing of it is ever entered twice at once. It must not
 * block and needs no lock.
 *
 * A plug-in is a shared object that includes this header only and defines
 *
 *	const struct uos_policy uos_policy = { .version = UOS_POLICY_VERSION, ... };
 *
 *	cc -shared -fPIC -I.../include -o mine.so mine.c && ./uos -s ./mine.so spin hello
 *
 * All times are ns. `now` never goes back; where it starts is nobody's business.
 */
#ifndef UOS_POLICY_H
#define UOS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UOS_POLICY_VERSION 1
#define UOS_NO_LIMIT UINT64_MAX /* a slice that no tick ends */
#define UOS_LEAST_SLICE 20000   /* ns; a plug-in's shorter ones are made so long: a tick takes 7000 and more */

/*
 * A thread, as a policy sees it. What is above the line is the mechanism's to
 * write and the policy's to read; `ran` is up to date at every call.
 */
struct uos_thread {
	int pid;
	uint64_t ran;      /* ns it has had the CPU, since its birth */
	uint64_t length;   /* ns of CPU it will need in all, as its user said; 0: not said */
	uint64_t weight;   /* its share (tickets) against others'; 1 if not said, never 0 */
	uint64_t priority; /* 0, the most urgent, if not said */
	/* ---- the policy's own; zero at birth ---- */
	struct uos_thread *next, *prev;
	uint64_t own[12];
};

/* What -s NAME:key=value,... may say; the command line checks and stores it before start(). */
struct uos_option {
	const char *key;
	enum {
		UOS_NUMBER,  /* one number, into *value */
		UOS_TIME,    /* one duration, into *value */
		UOS_NUMBERS, /* one a program, N/N/N: into the member of struct uos_thread at `member` */
		UOS_TIMES,   /* likewise, durations */
	} kind;
	uint64_t *value;
	size_t member;
	uint64_t least, most; /* what is accepted */
	const char *help;     /* a few words */
};

/* Functions that are not said to be NULL are mandatory. */
struct uos_policy {
	unsigned version; /* UOS_POLICY_VERSION */
	const char *name;
	const struct uos_option *options; /* ends with one that has no key; NULL: it has none */

	/*
	 * Once, before all others, when the options have been read. `quantum` is
	 * what -q said, `seed` what --seed did: the only source of chance.
	 */
	void (*start)(uint64_t quantum, uint64_t seed);
	/* `t` has become runnable: it is new, or what it waited for has come. */
	void (*enqueue)(struct uos_thread *t, uint64_t now);
	/* `t`, which has the CPU, is no longer runnable: it waits, or has ended. */
	void (*dequeue)(struct uos_thread *t, uint64_t now);
	/*
	 * Who has the CPU next. It stays runnable meanwhile, and may be picked
	 * again. NULL only if nobody is runnable.
	 */
	struct uos_thread *(*pick_next)(uint64_t now);
	/*
	 * The timer interrupted `t`, whose slice is over (or within 1 us of it),
	 * while others are runnable. False: it continues, with a new slice.
	 * True: pick_next.
	 */
	bool (*tick)(struct uos_thread *t, uint64_t now);
	/* `t`, which has the CPU, offers it to others (sched_yield). pick_next follows. */
	void (*yield)(struct uos_thread *t, uint64_t now);
	/*
	 * `woken` has just been enqueued while `running` has the CPU. True: it
	 * is not to wait for the slice's end; pick_next follows, perhaps after
	 * others have woken. NULL: never so.
	 */
	bool (*wakeup)(struct uos_thread *running, struct uos_thread *woken, uint64_t now);
	/*
	 * ns that `t`, just picked or let continue, may run from now until a tick;
	 * UOS_NO_LIMIT: no tick. NULL: the quantum.
	 */
	uint64_t (*slice)(const struct uos_thread *t);
};

/* ---- A queue, for those who need no more; costs O(1) ------------------- */

struct uos_queue {
	struct uos_thread *head, *tail;
};

static inline void uos_queue_append(struct uos_queue *q, struct uos_thread *t)
{
	t->next = NULL;
	t->prev = q->tail;
	if (q->tail)
		q->tail->next = t;
	else
		q->head = t;
	q->tail = t;
}

static inline void uos_queue_remove(struct uos_queue *q, struct uos_thread *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		q->head = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		q->tail = t->prev;
}

#endif
