/* getsockopt and setsockopt: a socket's own level, as far as AF_UNIX has something there. */
#define _GNU_SOURCE
#include <asm/socket.h>
#include <errno.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/proc.h"
#include "kernel/socket.h"
#include "kernel/socket_user.h"
#include "kernel/syscall.h"

#define SECOND 1000000000ul
#define MICROSECOND 1000ul
#define BUFFER_LEAST 4608      /* Linux's least, */
#define RECEIVE_LEAST 2304
#define BUFFER_MOST 212992     /* and most that one may ask for; it gives twice as much */

/* Options that are on or off, and kept for who asks: nothing here depends on them. */
static const int switches[] = { SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_REUSEPORT, SO_TIMESTAMP };

static int switch_of(int option)
{
	for (unsigned i = 0; i < sizeof switches / sizeof *switches; i++)
		if (switches[i] == option)
			return (int)i;
	return -1;
}

static size_t buffer_size(int wanted, size_t least)
{
	size_t size = 2ul * (size_t)(wanted < 0 || wanted > BUFFER_MOST ? BUFFER_MOST : wanted);

	return size < least ? least : size;
}

static long set_timeout(uint64_t *timeout, uintptr_t at, unsigned length)
{
	struct timeval t;

	if (length < sizeof t)
		return -EINVAL;
	if (copy_in(&t, at, sizeof t) != 0)
		return -EFAULT;
	if (t.tv_usec < 0 || (uint64_t)t.tv_usec * MICROSECOND >= SECOND)
		return -EDOM;
	*timeout = t.tv_sec < 0 ? 1 : timespec_ns(&(struct timespec){ t.tv_sec, t.tv_usec * (long)MICROSECOND });
	return 0;
}

static long set_number(struct socket *s, int option, int value)
{
	int bit = switch_of(option);

	if (bit >= 0) {
		s->switches = (s->switches & ~(1u << bit)) | (unsigned)(value != 0) << bit;
		return 0;
	}
	switch (option) {
	case SO_PASSCRED:
		s->pass_credentials = value;
		return 0;
	case SO_SNDBUF:
		s->send_buffer = buffer_size(value, BUFFER_LEAST);
		socket_wake(s);
		return 0;
	case SO_RCVBUF:
		s->receive_buffer = buffer_size(value, RECEIVE_LEAST);
		return 0;
	case SO_PRIORITY:
	case SO_RCVLOWAT:
		return 0; /* neither is looked at */
	case SO_LINGER:
		return 0; /* nothing lingers: what was sent is there */
	default:
		return -ENOPROTOOPT;
	}
}

long sys_setsockopt(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	int option = (int)a[2], value;
	long error = socket_get((int)a[0], &f, &s);

	if (error)
		return error;
	if ((int)a[4] < 0)
		return -EINVAL;
	if ((int)a[1] != SOL_SOCKET)
		return -EOPNOTSUPP;
	if ((unsigned)a[4] < sizeof value)
		return -EINVAL;
	if (copy_in(&value, a[3], sizeof value) != 0)
		return -EFAULT;
	if (option == SO_RCVTIMEO_OLD || option == SO_RCVTIMEO_NEW)
		return set_timeout(&s->receive_timeout, a[3], (unsigned)a[4]);
	if (option == SO_SNDTIMEO_OLD || option == SO_SNDTIMEO_NEW)
		return set_timeout(&s->send_timeout, a[3], (unsigned)a[4]);
	return set_number(s, option, value);
}

/* An option's value: its size, or -ENOPROTOOPT. */
union value {
	int number;
	struct timeval time;
	struct ucred who;
	struct linger linger;
};

static struct timeval timeval_of(uint64_t ns)
{
	return (struct timeval){ (time_t)(ns / SECOND), (long)(ns % SECOND / MICROSECOND) };
}

static int take_error(struct socket *s)
{
	int error = s->error;

	s->error = 0;
	return error;
}

static long number_of(struct socket *s, int option, int *number)
{
	int bit = switch_of(option);

	switch (option) {
	case SO_TYPE:
		*number = s->type;
		break;
	case SO_DOMAIN:
		*number = AF_UNIX;
		break;
	case SO_PROTOCOL:
	case SO_PRIORITY:
		*number = 0;
		break;
	case SO_ERROR:
		*number = take_error(s);
		break;
	case SO_ACCEPTCONN:
		*number = s->state == SOCKET_LISTENING;
		break;
	case SO_PASSCRED:
		*number = s->pass_credentials;
		break;
	case SO_SNDBUF:
		*number = (int)s->send_buffer;
		break;
	case SO_RCVBUF:
		*number = (int)s->receive_buffer;
		break;
	case SO_RCVLOWAT:
		*number = 1;
		break;
	default:
		if (bit < 0)
			return -ENOPROTOOPT;
		*number = (int)(s->switches >> bit & 1);
	}
	return sizeof *number;
}

static long value_of(struct socket *s, int option, union value *v)
{
	switch (option) {
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		v->time = timeval_of(s->receive_timeout);
		return sizeof v->time;
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		v->time = timeval_of(s->send_timeout);
		return sizeof v->time;
	case SO_LINGER:
		v->linger = (struct linger){ 0 };
		return sizeof v->linger;
	case SO_PEERCRED:
		v->who = (struct ucred){ s->other.pid, s->other.pid ? s->other.uid : -1u, s->other.pid ? s->other.gid : -1u };
		return sizeof v->who;
	default:
		return number_of(s, option, &v->number);
	}
}

long sys_getsockopt(const uint64_t *a)
{
	struct file *f;
	struct socket *s;
	union value value;
	int room;
	long size = socket_get((int)a[0], &f, &s);

	if (size)
		return size;
	if ((int)a[1] != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (copy_in(&room, a[4], sizeof room) != 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	size = value_of(s, (int)a[2], &value);
	if (size < 0)
		return size;
	if (room > size)
		room = (int)size;
	if (copy_out(a[3], &value, (size_t)room) != 0)
		return -EFAULT;
	return copy_out(a[4], &room, sizeof room);
}
