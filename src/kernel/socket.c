/* A socket's life: made, connected, shut down, closed; and what it is as a file. */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/socket.h"

#define BUFFER 212992ul  /* Linux's net.core.wmem_default */
#define SOCKET_DEVICE 8  /* Linux's number of that file system is as arbitrary */

struct socket *sockets;
static unsigned long last_number;

bool socket_connects(const struct socket *s)
{
	return s->type != SOCK_DGRAM;
}

struct socket *socket_create(int type)
{
	struct socket *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	*s = (struct socket){ .uses = 1, .type = type, .send_buffer = BUFFER, .receive_buffer = BUFFER,
			      .own = socket_own_credentials(), .number = ++last_number, .next = sockets };
	sockets = s;
	return s;
}

void socket_release(struct socket *s)
{
	struct socket **link = &sockets;

	if (--s->uses > 0)
		return;
	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	free(s);
}

void socket_wake(struct socket *s)
{
	sched_wakeup(&s->readable);
	sched_wakeup(&s->writable);
	sched_wakeup(&s->room);
}

/* Each is the other's peer. */
void socket_pair(struct socket *a, struct socket *b)
{
	a->peer = b;
	b->peer = a;
	a->uses++;
	b->uses++;
	a->other = b->own;
	b->other = a->own;
	a->state = b->state = SOCKET_CONNECTED;
}

void socket_set_peer(struct socket *s, struct socket *to)
{
	struct socket *before = s->peer;

	s->peer = to;
	s->state = to ? SOCKET_CONNECTED : SOCKET_FREE;
	if (to)
		to->uses++;
	if (!before)
		return;
	if (before != to && s->first) {
		socket_drop_messages(s);
		if (!before->closed && before->peer == s)
			before->error = ECONNRESET;
	}
	socket_wake(before);
	socket_release(before);
	socket_wake(s);
}

void socket_shut(struct socket *s, bool read, bool write)
{
	s->shut_read |= read;
	s->shut_write |= write;
	if (s->peer && socket_connects(s)) {
		s->peer->shut_read |= write;
		s->peer->shut_write |= read;
		socket_wake(s->peer);
	}
	socket_wake(s);
}

/* Those that nobody accepted find that out. */
static void refuse_pending(struct socket *s)
{
	struct socket *p;

	while ((p = s->pending)) {
		s->pending = p->next_pending;
		p->peer->error = ECONNRESET;
		socket_end(p);
		socket_release(p);
	}
}

/* A connected peer reads what is left and then its end; at once, if this one had not read all. */
void socket_end(struct socket *s)
{
	struct socket *peer = s->peer;

	s->closed = true;
	s->file = NULL;
	if (peer && socket_connects(s)) {
		if (s->first)
			peer->error = ECONNRESET;
		socket_shut(s, true, true);
	}
	refuse_pending(s);
	s->state = SOCKET_FREE;
	socket_drop_messages(s);
	s->peer = NULL;
	if (peer) {
		socket_wake(peer);
		socket_release(peer);
	}
	for (peer = socket_connects(s) ? NULL : sockets; peer; peer = peer->next)
		if (peer->peer == s)
			socket_wake(peer);
	socket_wake(s);
}

/* ---- As a file ---------------------------------------------------------- */

struct socket *socket_of(const struct file *f)
{
	return f->ops == &socket_ops ? f->data : NULL;
}

/* Of what else a message brings only sendmsg's other half makes something. */
static ssize_t socket_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct incoming *in = calloc(1, sizeof *in);
	ssize_t n;

	(void)offset;
	if (!in)
		return -ENOMEM;
	in->bytes = (struct cursor){ iov, count, 0 };
	in->length = pieces_total(iov, count);
	in->waits = !(f->flags & O_NONBLOCK);
	n = socket_receive(f->data, in);
	files_release(in->files, in->file_count);
	free(in);
	return n;
}

static ssize_t socket_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct outgoing o = { .bytes = { iov, count, 0 }, .length = pieces_total(iov, count),
			      .who = socket_own_credentials() };

	(void)offset;
	return socket_send(f->data, &o);
}

static short socket_poll(struct file *f, short events)
{
	const struct socket *s = f->data;
	short ready = 0;

	if (s->error)
		ready |= POLLERR;
	if ((s->shut_read && s->shut_write) || (socket_connects(s) && s->state == SOCKET_FREE))
		ready |= POLLHUP;
	if (s->shut_read)
		ready |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (s->first || s->pending)
		ready |= POLLIN | POLLRDNORM;
	if (socket_can_write(s))
		ready |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return ready & (events | POLLERR | POLLHUP);
}

static const void *socket_channel(struct file *f, short events)
{
	struct socket *s = f->data;

	return events & POLLOUT ? &s->writable : &s->readable;
}

static int socket_stat(struct file *f, struct statx *st)
{
	const struct socket *s = f->data;

	*st = (struct statx){ .stx_mask = STATX_BASIC_STATS, .stx_blksize = PAGE_SIZE, .stx_nlink = 1, .stx_ino = s->number,
			      .stx_mode = S_IFSOCK | 0777, .stx_dev_minor = SOCKET_DEVICE, .stx_uid = s->own.uid,
			      .stx_gid = s->own.gid };
	return 0;
}

static long socket_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	const struct socket *s = f->data;
	int n;

	if (command == FIONREAD && s->state == SOCKET_LISTENING)
		return -EINVAL;
	if (command != FIONREAD && command != TIOCOUTQ)
		return -ENOTTY;
	n = (int)(command == FIONREAD ? socket_readable_bytes(s) : s->sent);
	return copy_out(argument, &n, sizeof n);
}

static void socket_close(struct file *f)
{
	socket_end(f->data);
	socket_release(f->data);
}

const struct file_ops socket_ops = {
	.read = socket_read, .write = socket_write, .poll = socket_poll, .channel = socket_channel, .stat = socket_stat,
	.ioctl = socket_ioctl, .close = socket_close
};

struct file *socket_file(struct socket *s, int flags)
{
	struct file *f = file_new(&socket_ops, O_RDWR);

	if (!f) {
		socket_end(s);
		socket_release(s);
		return NULL;
	}
	f->data = s;
	s->file = f;
	f->flags = O_RDWR | (flags & O_NONBLOCK);
	return f;
}
