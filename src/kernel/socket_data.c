/*
 * What sockets send: messages in the receiver's queue. A sender may have so much
 * under way and no more, counted as Linux counts: the memory that its kernel
 * would take for them. So a socket is full here when Linux's is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/socket.h"

/* Linux's buffers: a head from powers of two, with an end of its own; the rest in pages. */
#define BUFFER_FIXED 256ul
#define BUFFER_END 320ul
#define SMALLEST 512ul
#define CACHE_LINE 64ul
#define STREAM_HEAD (4096 - BUFFER_END)          /* of a stream's message at most; what is longer is in pages */
#define STREAM_CHUNK (STREAM_HEAD + (32ul << 10))
#define DATAGRAM_HEAD (16384 - BUFFER_END)
#define DATAGRAM_FIXED 32                        /* a datagram is that much shorter than the buffer may be */
#define DATAGRAMS_MOST 10                        /* for one receiver, by those that it does not send to; as Linux's max_dgram_qlen */

/* What Linux would take for so many bytes. */
static size_t charge_of(const struct socket *s, size_t length)
{
	size_t head = s->type == SOCK_STREAM ? STREAM_HEAD : DATAGRAM_HEAD, pages = 0, bucket = SMALLEST;

	if (length > head)
		pages = (length - head + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	head = length > pages ? length - pages : 0;
	head = ((head + CACHE_LINE - 1) & ~(CACHE_LINE - 1)) + BUFFER_END;
	while (bucket < head)
		bucket *= 2;
	return BUFFER_FIXED + bucket + pages;
}

/* Of a receiver that does not send back: too many wait for it. */
static bool is_full(const struct socket *to, const struct socket *from)
{
	return to->peer != from && to->queued > DATAGRAMS_MOST;
}

bool socket_can_write(const struct socket *s)
{
	if (s->state == SOCKET_LISTENING || s->sent * 4 > s->send_buffer)
		return false;
	return socket_connects(s) || !s->peer || !is_full(s->peer, s);
}

size_t socket_readable_bytes(const struct socket *s)
{
	size_t sum = 0;

	for (const struct message *m = s->first; m; m = m->next) {
		sum += m->length - m->done;
		if (!socket_connects(s))
			break;
	}
	return sum;
}

static void free_message(struct message *m)
{
	sockets_carry(-m->file_count);
	while (m->file_count > 0)
		file_release(m->files[--m->file_count]);
	free(m->files);
	m->from->sent -= m->charge;
	sched_wakeup(&m->from->writable);
	socket_release(m->from);
	free(m);
}

static void take_first(struct socket *s)
{
	struct message *m = s->first;
	bool was_full = s->queued-- > DATAGRAMS_MOST;

	s->first = m->next;
	if (!s->first)
		s->last = NULL;
	free_message(m);
	for (struct socket *from = was_full && !socket_connects(s) ? sockets : NULL; from; from = from->next)
		if (from->peer == s)
			sched_wakeup(&from->writable);
	if (was_full)
		sched_wakeup(&s->room);
}

void socket_drop_messages(struct socket *s)
{
	while (s->first)
		take_first(s);
}

/* ---- Sending ------------------------------------------------------------ */

static void queue(struct socket *to, struct message *m)
{
	*(to->last ? &to->last->next : &to->first) = m;
	to->last = m;
	to->queued++;
	sched_wakeup(&to->readable);
}

/* The next `length` bytes, and the files. */
static int send_message(struct socket *s, struct socket *to, struct outgoing *o, size_t length)
{
	struct message *m = malloc(sizeof *m + length);

	if (!m)
		return -ENOBUFS;
	*m = (struct message){ .from = s, .who = o->who, .length = length, .charge = charge_of(s, length) };
	if (o->file_count && !(m->files = calloc((size_t)o->file_count, sizeof(struct file *)))) {
		free(m);
		return -ENOBUFS;
	}
	if (!pieces_move(&o->bytes, m->bytes, length, true)) {
		free(m->files);
		free(m);
		return -EFAULT;
	}
	if (o->file_count)
		memcpy(m->files, o->files, (size_t)o->file_count * sizeof(struct file *));
	m->file_count = o->file_count;
	sockets_carry(m->file_count);
	o->file_count = 0;
	s->sent += m->charge;
	s->uses++;
	queue(to, m);
	return 0;
}

static ssize_t send_stream(struct socket *s, struct outgoing *o)
{
	size_t done = 0, most = s->send_buffer / 2 - CACHE_LINE;
	int error = 0;

	if (s->state != SOCKET_CONNECTED || !s->peer)
		return -ENOTCONN;
	if (s->shut_write || s->peer->closed || s->peer->shut_read)
		return -EPIPE;
	if (most > STREAM_CHUNK)
		most = STREAM_CHUNK;
	while (!error && done < o->length) {
		size_t n = o->length - done < most ? o->length - done : most;

		error = s->sent < s->send_buffer ? send_message(s, s->peer, o, n) : -EAGAIN;
		done += error ? 0 : n;
	}
	return done ? (ssize_t)done : error;
}

/* The one that it was connected to is gone: then it is connected to nobody. */
static int check_peer(struct socket *s, struct socket *to)
{
	if (!to->closed)
		return 0;
	if (s->type == SOCK_SEQPACKET)
		return -EPIPE;
	if (s->peer == to)
		socket_set_peer(s, NULL);
	return -ECONNREFUSED;
}

static ssize_t send_datagram(struct socket *s, struct outgoing *o)
{
	struct socket *to = o->to ? o->to : s->peer;
	int error;

	if (!to || (s->type == SOCK_SEQPACKET && s->state != SOCKET_CONNECTED))
		return -ENOTCONN;
	if (o->length > s->send_buffer - DATAGRAM_FIXED)
		return -EMSGSIZE;
	if (s->shut_write)
		return -EPIPE;
	error = check_peer(s, to);
	if (error)
		return error;
	if (to->peer && to->peer != s)
		return -EPERM;
	if (to->shut_read)
		return -EPIPE;
	if (s->sent >= s->send_buffer || is_full(to, s))
		return -EAGAIN;
	error = send_message(s, to, o, o->length);
	return error ? error : (ssize_t)o->length;
}

ssize_t socket_send(struct socket *s, struct outgoing *o)
{
	return s->type == SOCK_STREAM ? send_stream(s, o) : send_datagram(s, o);
}

/* ---- Receiving ---------------------------------------------------------- */

/* What a message brings beside its bytes: handed over, or copied if it stays. */
static void take_rest(struct message *m, struct incoming *in)
{
	in->any = true;
	in->who = m->who;
	in->from = m->from->name;
	for (int i = 0; i < m->file_count; i++) {
		in->files[i] = m->files[i];
		m->files[i]->uses += in->peek;
	}
	in->file_count = m->file_count;
	if (in->peek)
		return;
	sockets_carry(-m->file_count);
	m->file_count = 0;
}

/* Nothing is there: why. Who would not wait is not told of a datagram socket's end. */
static ssize_t nothing(struct socket *s, const struct incoming *in)
{
	int error = s->error;

	s->error = 0;
	if (error)
		return -error;
	return s->shut_read && (in->waits || socket_connects(s)) ? 0 : -EAGAIN;
}

/* Two messages are one stream only if it does not matter whose they are, and the second brings no files. */
static bool goes_on(const struct socket *s, const struct message *m, const struct incoming *in)
{
	if (!m || in->file_count)
		return false;
	return !s->pass_credentials || memcmp(&m->who, &in->who, sizeof m->who) == 0;
}

static ssize_t receive_stream(struct socket *s, struct incoming *in)
{
	size_t done = 0, n;
	struct message *m = s->first;
	bool whole = true;

	if (s->state != SOCKET_CONNECTED)
		return -EINVAL;
	if (!m)
		return nothing(s, in);
	while (done < in->length && (!in->any || goes_on(s, m, in)) && whole) {
		n = m->length - m->done < in->length - done ? m->length - m->done : in->length - done;
		if (!pieces_move(&in->bytes, m->bytes + m->done, n, false))
			return done ? (ssize_t)done : -EFAULT;
		take_rest(m, in);
		done += n;
		whole = n == m->length - m->done;
		m->done += in->peek ? 0 : n;
		m = m->next;
		if (whole && !in->peek)
			take_first(s);
	}
	in->more_to_come = !in->file_count && (!m || goes_on(s, m, in));
	return (ssize_t)done;
}

static ssize_t receive_datagram(struct socket *s, struct incoming *in)
{
	struct message *m = s->first;
	size_t n;

	if (s->type == SOCK_SEQPACKET && s->state != SOCKET_CONNECTED)
		return -ENOTCONN;
	if (!m)
		return nothing(s, in);
	n = m->length < in->length ? m->length : in->length;
	in->whole = m->length;
	if (!pieces_move(&in->bytes, m->bytes, n, false)) {
		take_first(s);
		return -EFAULT;
	}
	take_rest(m, in);
	if (!in->peek)
		take_first(s);
	return (ssize_t)n;
}

ssize_t socket_receive(struct socket *s, struct incoming *in)
{
	return s->type == SOCK_STREAM ? receive_stream(s, in) : receive_datagram(s, in);
}
