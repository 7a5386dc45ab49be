/* The event ring. One CPU writes it, with interrupts off: no lock. */
#include "trace/ring.h"

#include <stdlib.h>

bool ring_on;
static struct event *ring;
static uint64_t capacity, written;

bool ring_start(uint64_t events)
{
	ring = calloc(events, sizeof *ring); /* becomes memory as it fills */
	capacity = events;
	ring_on = ring;
	return ring_on;
}

struct event *ring_next(void)
{
	return &ring[written++ % capacity];
}

uint64_t ring_lost(void)
{
	return written > capacity ? written - capacity : 0;
}

const struct event *ring_event(uint64_t n)
{
	return n < written - ring_lost() ? &ring[(ring_lost() + n) % capacity] : NULL;
}
