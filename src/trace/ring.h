/*
 * The event ring: everything that happens is one event of fixed size with a
 * time stamp. The bottom layer: it includes nothing of ours, and whoever makes
 * events knows nothing of who reads them. Off, an event costs a predicted
 * branch.
 */
#ifndef UOS_TRACE_RING_H
#define UOS_TRACE_RING_H

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
	EVENT_TRAP_TABLE,  /* boot filled it */
	EVENT_TIMER_START, /* a: quantum, ns */
	EVENT_SPAWN,       /* memory, image, argv, kernel stack; text: name */
	EVENT_TRAP,        /* a system call; sub: its number; a: first argument; text: what it writes */
	EVENT_RETURN,      /* return-from-trap; sub: 1 + number of the call it ends, or 0; a: its result */
	EVENT_TICK,        /* a timer interrupt; sub: enum tick_decision */
	EVENT_SWITCH,      /* a: to which pid; sub: 1 if the timer made it */
	EVENT_BLOCK,       /* waits for something */
	EVENT_WAKEUP,      /* can run again */
	EVENT_INTERRUPT,   /* of a device or the keyboard; sub: enum interrupt_source; pid 0: the CPU was idle */
	EVENT_FAULT,       /* an exception; sub: signal */
	EVENT_EXIT,        /* a: status; sub: signal; its memory is free */
	EVENT_REAP,        /* its entry left the process list */
};

/* The slice is over; it is, but the policy lets it go on; it is not; it is not, but somebody more urgent woke; nobody else can run. */
enum tick_decision { TICK_ENDED, TICK_CONTINUED, TICK_EARLY, TICK_WOKEN, TICK_ALONE };
enum interrupt_source { INTERRUPT_DEVICE, INTERRUPT_KEYBOARD };

#define EVENT_TEXT 24 /* bytes of text; longer is cut */

struct event {
	uint64_t tsc;
	int32_t pid; /* whom it is about; 0: the machine */
	uint16_t kind, sub;
	uint64_t a;
	uint32_t length; /* of the text, before it was cut */
	char text[EVENT_TEXT];
};

extern bool ring_on;

/* Makes room for the last `events` events and begins. False: no memory. */
bool ring_start(uint64_t events);
/* The n-th event that is still there, oldest first; NULL past the last. */
const struct event *ring_event(uint64_t n);
uint64_t ring_lost(void); /* events that newer ones took the place of */
struct event *ring_next(void);

/* Returns the event, for text to be added, or NULL while the ring is off. */
static inline struct event *ring_put(enum event_kind kind, int pid, unsigned sub, uint64_t a)
{
	struct event *e;

#ifdef NO_RING /* bench/: what a ring that is off costs */
	return 0;
#endif
	if (__builtin_expect(!ring_on, 1))
		return 0;
	e = ring_next();
	e->tsc = __builtin_ia32_rdtsc();
	e->pid = pid;
	e->kind = (uint16_t)kind;
	e->sub = (uint16_t)sub;
	e->a = a;
	e->length = 0;
	return e;
}

#endif
