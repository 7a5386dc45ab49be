/* Sending and receiving by sockets: send, recv, and the eight calls that they are made of. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/control.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "kernel/socket_user.h"
#include "kernel/syscall.h"

#define BUFFERS_MOST 1024u                    /* of one message, as Linux */
#define PIECES_MOST (BUFFERS_MOST + 64)       /* and a page each of the longest datagram */
#define LENGTH_MOST FILE_RW_MAX
#define MESSAGES_MOST 1024u
#define KNOWN_NAME 128                        /* bytes of a name, of any family */

/* A guest's message: struct msghdr, or what the simpler calls have of it. */
struct request {
	struct iovec *buffers; /* the guest's */
	unsigned count;
	size_t total;
	uintptr_t name;
	unsigned name_length;
	uintptr_t control;
	size_t control_length;
	unsigned flags;
};

/* ---- The guest's buffers --------------------------------------------------- */

/* As pieces, from `skip` on: how many bytes, -EFAULT if not even the first is there. */
static ssize_t gather(const struct request *r, size_t skip, int prot, struct iovec *pieces, struct cursor *out)
{
	size_t length = 0;
	int count = 0;

	for (unsigned i = 0; i < r->count && count < (int)PIECES_MOST; i++) {
		size_t size = r->buffers[i].iov_len, got = 0;
		int n;

		if (skip >= size) {
			skip -= size;
			continue;
		}
		size -= skip;
		n = user_pieces((uintptr_t)r->buffers[i].iov_base + skip, size, prot, pieces + count, (int)PIECES_MOST - count);
		skip = 0;
		if (n < 0 && !count)
			return -EFAULT;
		while (n-- > 0)
			got += pieces[count++].iov_len;
		length += got;
		if (got < size)
			break;
	}
	*out = (struct cursor){ pieces, count, 0 };
	return (ssize_t)length;
}

/* The guest's array, in memory that is the caller's to free. */
static long buffers_in(struct request *r, uintptr_t at, size_t count)
{
	r->count = 0;
	r->total = 0;
	r->buffers = NULL;
	if (count > BUFFERS_MOST)
		return -EMSGSIZE;
	r->buffers = malloc((count + 1) * sizeof *r->buffers);
	if (!r->buffers)
		return -ENOMEM;
	if (copy_in(r->buffers, at, count * sizeof *r->buffers) != 0)
		return -EFAULT;
	for (r->count = (unsigned)count; count-- > 0; r->total += r->buffers[count].iov_len) {
		if ((ssize_t)r->buffers[count].iov_len < 0)
			return -EINVAL;
		if (r->buffers[count].iov_len > LENGTH_MOST - r->total)
			r->buffers[count].iov_len = LENGTH_MOST - r->total;
	}
	return 0;
}

/* ---- Sending --------------------------------------------------------------- */

/* Whom a datagram goes to, if it says so itself. */
static long receiver(struct socket *s, const struct request *r, struct outgoing *o)
{
	struct socket_name name;
	long error;

	if (!r->name || !r->name_length)
		return 0;
	error = socket_name_in(&name, r->name, r->name_length);
	if (error || s->type == SOCK_SEQPACKET)
		return error;
	if (s->type == SOCK_STREAM)
		return s->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	error = socket_name_check(&name);
	return error ? error : socket_find(&name, s->type, &o->to);
}

static long wait_for_room(struct socket *s, struct socket *to, uint64_t until)
{
	return to && s->sent < s->send_buffer ? socket_wait(to, &to->room, until) : socket_wait(s, &s->writable, until);
}

/* A stream's call goes on until all is sent; a datagram goes at once or not at all. */
static long send_all(struct socket *s, const struct request *r, struct outgoing *o, struct iovec *pieces, uint64_t until)
{
	size_t done = 0;
	ssize_t n;

	for (;;) {
		n = gather(r, done, PROT_READ, pieces, &o->bytes);
		if (n < 0 || (s->type != SOCK_STREAM && (size_t)n < r->total && r->total <= s->send_buffer))
			return done ? (long)done : -EFAULT;
		o->length = s->type == SOCK_STREAM ? (size_t)n : r->total;
		n = socket_send(s, o);
		if (n == -EAGAIN && until) {
			n = wait_for_room(s, o->to, until);
			if (!n)
				continue;
		}
		if (n < 0)
			break;
		done += (size_t)n;
		if (s->type != SOCK_STREAM || done >= r->total)
			return (long)done;
	}
	if (n == -EPIPE && !done && s->type == SOCK_STREAM && !(r->flags & MSG_NOSIGNAL))
		signal_send(current_proc(), SIGPIPE, SI_KERNEL);
	return done ? (long)done : n;
}

static long send_request(struct file *f, struct socket *s, const struct request *r)
{
	struct outgoing o = { .who = socket_own_credentials() };
	struct file *files[SOCKET_FILES_MAX];
	struct iovec *pieces;
	long answer = r->flags & MSG_OOB ? -EOPNOTSUPP : 0;

	o.files = files;
	if (!answer)
		answer = control_in(r->control, r->control_length, &o);
	if (!answer)
		answer = receiver(s, r, &o);
	pieces = answer ? NULL : malloc(PIECES_MOST * sizeof *pieces);
	if (!answer)
		answer = pieces ? 0 : -ENOMEM;
	if (!answer) {
		if (o.to)
			o.to->uses++;
		answer = send_all(s, r, &o, pieces, socket_until(f, s->send_timeout, r->flags));
		if (o.to)
			socket_release(o.to);
	}
	files_release(files, o.file_count);
	free(pieces);
	return answer;
}

/* ---- Receiving ------------------------------------------------------------- */

static bool is_enough(const struct request *r, const struct incoming *in, size_t done)
{
	return !(r->flags & MSG_WAITALL) || r->flags & MSG_PEEK || done >= r->total || !in->more_to_come;
}

static long receive_all(struct socket *s, const struct request *r, struct incoming *in, struct iovec *pieces, uint64_t until)
{
	size_t done = 0;
	ssize_t n;

	for (;;) {
		n = gather(r, done, PROT_WRITE, pieces, &in->bytes);
		if (n < 0 && s->first)
			break;
		in->length = n < 0 ? 0 : (size_t)n;
		n = socket_receive(s, in);
		if (n == -EAGAIN && until) {
			n = socket_wait(s, &s->readable, until);
			if (!n)
				continue;
		}
		if (n < 0)
			break;
		done += (size_t)n;
		if (s->type != SOCK_STREAM || n == 0 || is_enough(r, in, done))
			return (long)done;
	}
	return done ? (long)done : n;
}

/* What came beside the bytes is in *in, and is then the caller's. */
static long receive_request(struct file *f, struct socket *s, const struct request *r, struct incoming *in)
{
	struct iovec *pieces;
	long answer;

	memset(in, 0, sizeof *in);
	if (r->flags & MSG_OOB)
		return s->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
	pieces = malloc(PIECES_MOST * sizeof *pieces);
	if (!pieces)
		return -ENOMEM;
	in->peek = r->flags & MSG_PEEK;
	in->waits = socket_until(f, s->receive_timeout, r->flags) != 0;
	answer = receive_all(s, r, in, pieces, socket_until(f, s->receive_timeout, r->flags));
	free(pieces);
	return answer;
}

/* A datagram's length may be asked for; what of it was cut off is told. */
static long told_length(const struct socket *s, const struct request *r, const struct incoming *in, long n)
{
	return n >= 0 && s->type != SOCK_STREAM && r->flags & MSG_TRUNC && in->any ? (long)in->whole : n;
}

/* ---- The calls: one buffer ------------------------------------------------- */

long sys_sendto(const uint64_t *a)
{
	struct iovec buffer = { (void *)a[1], a[2] < LENGTH_MOST ? a[2] : LENGTH_MOST };
	struct request r = { .buffers = &buffer, .count = 1, .total = buffer.iov_len, .name = a[4],
			     .name_length = (unsigned)a[5], .flags = (unsigned)a[3] };
	struct file *f;
	struct socket *s;
	long answer = socket_get((int)a[0], &f, &s);

	if (answer)
		return answer;
	f->uses++; /* another thread may close it meanwhile */
	answer = send_request(f, s, &r);
	file_release(f);
	return answer;
}

static const struct socket_name nameless = { .length = 0 };

/* Of whom has no name nothing is told but that: a length of 0. */
static long sender_out(const struct incoming *in, uintptr_t to, uintptr_t length_at)
{
	const struct socket_name *from = in->any ? &in->from : &nameless;
	int none = 0;

	return from->length ? socket_name_out(from, to, length_at) : copy_out(length_at, &none, sizeof none);
}

long sys_recvfrom(const uint64_t *a)
{
	struct iovec buffer = { (void *)a[1], a[2] < LENGTH_MOST ? a[2] : LENGTH_MOST };
	struct request r = { .buffers = &buffer, .count = 1, .total = buffer.iov_len, .flags = (unsigned)a[3] };
	struct incoming *in;
	struct file *f;
	struct socket *s;
	long answer = socket_get((int)a[0], &f, &s);

	if (answer)
		return answer;
	in = malloc(sizeof *in);
	if (!in)
		return -ENOMEM;
	f->uses++;
	answer = told_length(s, &r, in, receive_request(f, s, &r, in));
	files_release(in->files, in->file_count);
	if (answer >= 0 && a[4] && sender_out(in, a[4], a[5]) != 0)
		answer = -EFAULT;
	file_release(f);
	free(in);
	return answer;
}

/* ---- The calls: messages --------------------------------------------------- */

static long header_in(struct request *r, uintptr_t at, struct msghdr *h)
{
	if (copy_in(h, at, sizeof *h) != 0)
		return -EFAULT;
	if (h->msg_name && (int)h->msg_namelen < 0)
		return -EINVAL;
	r->name = (uintptr_t)h->msg_name;
	r->name_length = h->msg_namelen < KNOWN_NAME ? h->msg_namelen : KNOWN_NAME;
	r->control = (uintptr_t)h->msg_control;
	r->control_length = r->control ? h->msg_controllen : 0;
	return buffers_in(r, (uintptr_t)h->msg_iov, h->msg_iovlen);
}

static long send_header(struct file *f, struct socket *s, uintptr_t at, unsigned flags)
{
	struct request r = { .flags = flags };
	struct msghdr h;
	long answer = header_in(&r, at, &h);

	if (!answer)
		answer = send_request(f, s, &r);
	free(r.buffers);
	return answer;
}

/* What a message brought beside its bytes, where the guest wants it. */
static long header_out(uintptr_t at, struct msghdr *h, struct socket *s, const struct request *r, struct incoming *in)
{
	struct control_out c = { .at = r->control, .room = r->control ? r->control_length : 0, .cloexec = r->flags & MSG_CMSG_CLOEXEC };
	long error = 0;

	if (in->any)
		control_out(&c, s->pass_credentials, in);
	h->msg_flags = (int)(r->flags & MSG_CMSG_CLOEXEC) | (c.truncated ? MSG_CTRUNC : 0) |
		       (s->type != SOCK_STREAM && in->whole > r->total ? MSG_TRUNC : 0);
	h->msg_controllen = c.done;
	if (h->msg_name)
		error = sender_out(in, (uintptr_t)h->msg_name, at + offsetof(struct msghdr, msg_namelen));
	if (!error)
		error = copy_out(at + offsetof(struct msghdr, msg_flags), &h->msg_flags, sizeof h->msg_flags);
	if (!error)
		error = copy_out(at + offsetof(struct msghdr, msg_controllen), &h->msg_controllen, sizeof h->msg_controllen);
	return error;
}

static long receive_header(struct file *f, struct socket *s, uintptr_t at, unsigned flags)
{
	struct incoming *in = malloc(sizeof *in);
	struct request r = { .flags = flags };
	struct msghdr h;
	long answer = in ? header_in(&r, at, &h) : -ENOMEM, error;

	if (!answer) {
		answer = receive_request(f, s, &r, in);
		error = answer < 0 ? 0 : header_out(at, &h, s, &r, in);
		answer = error ? error : told_length(s, &r, in, answer);
		files_release(in->files, in->file_count);
	}
	free(r.buffers);
	free(in);
	return answer;
}

typedef long message_call(struct file *f, struct socket *s, uintptr_t at, unsigned flags);

static long one(const uint64_t *a, message_call *call)
{
	struct file *f;
	struct socket *s;
	long answer = socket_get((int)a[0], &f, &s);

	if (answer)
		return answer;
	f->uses++;
	answer = call(f, s, a[1], (unsigned)a[2]);
	file_release(f);
	return answer;
}

long sys_sendmsg(const uint64_t *a)
{
	return one(a, send_header);
}

long sys_recvmsg(const uint64_t *a)
{
	return one(a, receive_header);
}

/* Several: how many, or why not even the first. `until`: no more are begun then. */
static long several(const uint64_t *a, message_call *call, uint64_t until)
{
	unsigned count = (unsigned)a[2] < MESSAGES_MOST ? (unsigned)a[2] : MESSAGES_MOST, flags = (unsigned)a[3], done;
	struct file *f;
	struct socket *s;
	long answer = socket_get((int)a[0], &f, &s);

	if (answer)
		return answer;
	f->uses++;
	for (done = 0; done < count && (!done || clock_now() < until); done++) {
		uintptr_t at = a[1] + done * sizeof(struct mmsghdr);
		unsigned length;

		answer = call(f, s, at, flags & ~MSG_WAITFORONE);
		length = (unsigned)answer;
		if (answer >= 0)
			answer = copy_out(at + offsetof(struct mmsghdr, msg_len), &length, sizeof length);
		if (answer < 0)
			break;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
	}
	file_release(f);
	return done ? (long)done : answer;
}

long sys_sendmmsg(const uint64_t *a)
{
	return several(a, send_header, UINT64_MAX);
}

long sys_recvmmsg(const uint64_t *a)
{
	struct timespec t;
	long error = a[4] ? timespec_in(&t, a[4]) : 0;

	return error ? error : several(a, receive_header, a[4] ? clock_now() + timespec_ns(&t) : UINT64_MAX);
}
