/* Round robin: one queue; who comes, waits behind all others. */
#include "kernel/proc.h"

static struct thread *head, *tail;
static int length;

void rr_enqueue(struct thread *t)
{
	t->next = NULL;
	if (tail)
		tail->next = t;
	else
		head = t;
	tail = t;
	length++;
}

struct thread *rr_pick_next(void)
{
	struct thread *t = head;

	if (!t)
		return NULL;
	head = t->next;
	if (!head)
		tail = NULL;
	length--;
	return t;
}

struct thread *rr_first(void)
{
	return head;
}

int rr_length(void)
{
	return length;
}
