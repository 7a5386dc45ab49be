/*
 * Sockets that only messages hold. A socket can lie in a message that waits in
 * itself, or in one that waits in the first: closed, nobody can receive either
 * any more, and each keeps the other. Found by where one can still get to from
 * a socket that somebody has, as Linux's unix_gc does.
 */
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/socket.h"

static uint64_t in_flight; /* files in messages */

void sockets_carry(int count)
{
	in_flight += (uint64_t)count; /* less, if negative */
}

static struct socket *carried(const struct message *m, int i)
{
	return socket_of(m->files[i]);
}

static void count_uses(void)
{
	struct socket *t;

	for (struct socket *s = sockets; s; s = s->next) {
		s->carried = 0;
		s->reached = false;
	}
	for (struct socket *s = sockets; s; s = s->next)
		for (const struct message *m = s->first; m; m = m->next)
			for (int i = 0; i < m->file_count; i++)
				if ((t = carried(m, i)))
					t->carried++;
}

/* Onto the list of those whose messages are to be looked at. */
static void reach(struct socket *s, struct socket **todo)
{
	if (!s || s->reached)
		return;
	s->reached = true;
	s->next_reached = *todo;
	*todo = s;
}

/* Who has a file of which a use is not a message's, and all that can be received from there, or accepted. */
static void reach_all(void)
{
	struct socket *todo = NULL, *s;

	for (s = sockets; s; s = s->next)
		if (s->file && s->file->uses > s->carried)
			reach(s, &todo);
	while ((s = todo)) {
		todo = s->next_reached;
		for (const struct message *m = s->first; m; m = m->next)
			for (int i = 0; i < m->file_count; i++)
				reach(carried(m, i), &todo);
		for (struct socket *p = s->pending; p; p = p->next_pending)
			reach(p, &todo);
	}
}

void sockets_collect(void)
{
	struct socket *lost = NULL, *s;

	if (!in_flight)
		return;
	count_uses();
	reach_all();
	for (s = sockets; s; s = s->next)
		if (!s->reached && s->first) {
			s->uses++; /* the messages may be its last */
			s->next_reached = lost;
			lost = s;
		}
	while ((s = lost)) {
		lost = s->next_reached;
		socket_drop_messages(s);
		socket_release(s);
	}
}

bool sockets_may_carry(void)
{
	rlim_t most = current_proc()->facts.limits[RLIMIT_NOFILE].rlim_cur;

	if (in_flight > most)
		sockets_collect();
	return in_flight <= most;
}
