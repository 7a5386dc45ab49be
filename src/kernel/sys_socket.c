/* System calls on sockets, but for those that send and receive. Of families there is AF_UNIX alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "kernel/socket_user.h"
#include "kernel/syscall.h"

#define FOR_EVER UINT64_MAX
#define TYPE_MASK 15        /* of socket(2)'s second argument; the rest are flags */
#define NAME_MOST 128u      /* bytes, of any family */
#define FAMILIES 46         /* Linux's AF_MAX: from there on a number is no family at all */

struct credentials socket_own_credentials(void)
{
	const struct proc *p = current_proc();

	return (struct credentials){ p->pid, p->facts.uid[EFFECTIVE], p->facts.gid[EFFECTIVE] };
}

int socket_get(int fd, struct file **f, struct socket **s)
{
	*f = file_get(fd);
	if (!*f)
		return -EBADF;
	*s = socket_of(*f);
	return *s ? 0 : -ENOTSOCK;
}

int socket_wait(struct socket *s, const char *channel, uint64_t until)
{
	int error;

	s->uses++; /* another thread may close it */
	error = sched_block(channel, until);
	socket_release(s);
	return error == -ETIMEDOUT ? -EAGAIN : error;
}

uint64_t socket_until(const struct file *f, uint64_t timeout, unsigned flags)
{
	if (f->flags & O_NONBLOCK || flags & MSG_DONTWAIT)
		return 0;
	return timeout ? clock_now() + timeout : FOR_EVER;
}

/* ---- Names --------------------------------------------------------------- */

int socket_name_in(struct socket_name *name, uintptr_t from, unsigned length)
{
	char bytes[NAME_MOST] = { 0 };

	if (length > sizeof bytes)
		return -EINVAL;
	if (copy_in(bytes, from, length) != 0)
		return -EFAULT;
	memcpy(&name->un, bytes, sizeof name->un);
	name->length = length;
	return 0;
}

/* Of this family, and long enough to be a name. */
int socket_name_check(const struct socket_name *name)
{
	return name->length > sizeof(sa_family_t) && name->length <= sizeof name->un && name->un.sun_family == AF_UNIX ? 0 : -EINVAL;
}

/* As much as there is room for; its length whole. */
int socket_name_out(const struct socket_name *name, uintptr_t to, uintptr_t length_at)
{
	const sa_family_t unnamed = AF_UNIX;
	int room, length = name->length ? (int)name->length : (int)sizeof unnamed;

	if (copy_in(&room, length_at, sizeof room) != 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (room > length)
		room = length;
	if (copy_out(to, name->length ? (const void *)&name->un : &unnamed, (size_t)room) != 0)
		return -EFAULT;
	return copy_out(length_at, &length, sizeof length);
}

long sys_getsockname(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);

	return error ? error : socket_name_out(&s->name, a[1], a[2]);
}

long sys_getpeername(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);

	if (error)
		return error;
	return s->peer ? socket_name_out(&s->peer->name, a[1], a[2]) : -ENOTCONN;
}

/* ---- Making -------------------------------------------------------------- */

/* The kind of socket that is asked for: its type, or -errno. */
static int check_kind(int family, int type, int protocol)
{
	int flags = type & ~TYPE_MASK;

	type &= TYPE_MASK;
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (family < 0 || family >= FAMILIES)
		return -EAFNOSUPPORT;
	if (family != AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)
		return SOCK_DGRAM;
	return type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET ? type : -ESOCKTNOSUPPORT;
}

static long install(struct socket *s, int flags)
{
	struct file *f = socket_file(s, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);

	return f ? file_install(f, 0, flags & SOCK_CLOEXEC) : -ENFILE;
}

long sys_socket(const uint64_t *a)
{
	int type = check_kind((int)a[0], (int)a[1], (int)a[2]);
	struct socket *s = type < 0 ? NULL : socket_create(type);

	return type < 0 ? type : s ? install(s, (int)a[1]) : -ENOMEM;
}

static long install_pair(struct socket *a, struct socket *b, int flags, uintptr_t to)
{
	int fds[2] = { (int)install(a, flags), (int)install(b, flags) };

	if (fds[0] >= 0 && fds[1] >= 0 && copy_out(to, fds, sizeof fds) == 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			file_close(fds[i]);
	return fds[0] < 0 ? fds[0] : fds[1] < 0 ? fds[1] : -EFAULT;
}

long sys_socketpair(const uint64_t *a)
{
	int type = check_kind((int)a[0], (int)a[1], (int)a[2]);
	struct socket *one, *other;

	if (type < 0)
		return type;
	one = socket_create(type);
	if (!one)
		return -ENOMEM;
	other = socket_create(type);
	if (!other) {
		socket_release(one);
		return -ENOMEM;
	}
	socket_pair(one, other);
	return install_pair(one, other, (int)a[1], a[3]);
}

long sys_shutdown(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);
	int how = (int)a[1];

	if (error)
		return error;
	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	socket_shut(s, how != SHUT_WR, how != SHUT_RD);
	return 0;
}

/* ---- By name -------------------------------------------------------------- */

long sys_bind(const uint64_t *a)
{
	struct socket_name name;
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);

	if (!error)
		error = socket_name_in(&name, a[1], (unsigned)a[2]);
	if (error)
		return error;
	if (name.length != sizeof(sa_family_t) || name.un.sun_family != AF_UNIX)
		error = socket_name_check(&name);
	return error ? error : socket_bind(s, &name);
}

long sys_listen(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);

	return error ? error : socket_listen(s, (int)a[1]);
}

/* The listener that has no room; it may be gone after each wait. */
static long connect_waiting(struct socket *s, const struct socket_name *name, uint64_t until)
{
	struct socket *full;
	long answer;

	while ((answer = socket_connect(s, name)) == -EAGAIN && until) {
		answer = socket_find(name, s->type, &full);
		if (!answer)
			answer = socket_wait(full, &full->room, until);
		if (answer)
			return answer;
	}
	return answer;
}

long sys_connect(const uint64_t *a)
{
	struct socket_name name;
	struct file *f;
	struct socket *s;
	long error = socket_get((int)a[0], &f, &s);

	if (!error)
		error = socket_name_in(&name, a[1], (unsigned)a[2]);
	if (!error && (socket_connects(s) || name.length < sizeof(sa_family_t) || name.un.sun_family != AF_UNSPEC))
		error = socket_name_check(&name);
	if (error)
		return error;
	f->uses++;
	error = connect_waiting(s, &name, socket_until(f, s->send_timeout, 0));
	file_release(f);
	return error;
}

static long accept_one(struct socket *s, uint64_t until, struct socket **end)
{
	int error;

	if (!socket_connects(s))
		return -EOPNOTSUPP;
	for (;;) {
		if (s->state != SOCKET_LISTENING || s->shut_read)
			return -EINVAL;
		*end = socket_accept(s);
		if (*end)
			return 0;
		error = until ? socket_wait(s, &s->readable, until) : -EAGAIN;
		if (error)
			return error;
	}
}

static long accept_with(const uint64_t *a, int flags)
{
	struct file *f;
	struct socket *s, *end;
	struct socket_name name;
	long answer = flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) ? -EINVAL : socket_get((int)a[0], &f, &s);

	if (answer)
		return answer;
	f->uses++;
	answer = accept_one(s, socket_until(f, s->receive_timeout, 0), &end);
	file_release(f);
	if (answer)
		return answer;
	name = end->peer ? end->peer->name : (struct socket_name){ 0 };
	answer = install(end, flags);
	if (answer >= 0 && a[1] && socket_name_out(&name, a[1], a[2]) != 0) {
		file_close((int)answer);
		return -EFAULT;
	}
	return answer;
}

long sys_accept(const uint64_t *a)
{
	return accept_with(a, 0);
}

long sys_accept4(const uint64_t *a)
{
	return accept_with(a, (int)a[3]);
}
