/*
 * Sockets by name: bind, listen, connect, accept. A path is a node on the disk
 * that holds the place, as on Linux; who is meant by it is known here alone, so
 * that a socket of the host is never reached, and answers as one that nobody
 * listens at.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/names.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "machine/disk.h"

#define PATH_AT offsetof(struct sockaddr_un, sun_path)
#define NODE_MODE 0777u
#define BACKLOG_MOST 4096      /* Linux's somaxconn */
#define AUTOMATIC_NAMES 0x100000u
#define AUTOMATIC_LENGTH 6u    /* a NUL and five digits */

static bool is_path(const struct socket_name *name)
{
	return name->length > PATH_AT && name->un.sun_path[0];
}

static bool is_node(const struct socket *s, const struct statx *st)
{
	return s->bound && is_path(&s->name) && s->inode == st->stx_ino &&
	       s->device == ((uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor);
}

/* The path with its end: a name may fill sun_path without one. */
static void path_of(const struct socket_name *name, char *path)
{
	size_t n = name->length - PATH_AT;

	memcpy(path, name->un.sun_path, n);
	path[n] = 0;
}

static int find_path(const struct socket_name *name, struct socket **out)
{
	char path[sizeof name->un + 1];
	const char *rest;
	struct place at;
	struct statx st;
	int error, root;

	path_of(name, path);
	error = path_walk(current_proc(), AT_FDCWD, path, WALK_FOLLOW, &at, NULL);
	if (!error)
		error = place_stat(&at, &st);
	if (error)
		return error;
	root = place_root(&at, &rest);
	if (root >= 0)
		error = disk_access(root, rest, W_OK);
	if (error || !S_ISSOCK(st.stx_mode))
		return error ? error : -ECONNREFUSED;
	for (*out = sockets; *out && (!is_node(*out, &st) || (*out)->closed); *out = (*out)->next)
		;
	return *out ? 0 : -ECONNREFUSED;
}

static struct socket *find_abstract(const struct socket_name *name, int type)
{
	struct socket *s = sockets;

	while (s && (!s->bound || s->closed || s->type != type || s->name.length != name->length ||
		     memcmp(&s->name.un, &name->un, name->length) != 0))
		s = s->next;
	return s;
}

int socket_find(const struct socket_name *name, int type, struct socket **out)
{
	if (is_path(name)) {
		int error = find_path(name, out);

		return error ? error : (*out)->type == type ? 0 : -EPROTOTYPE;
	}
	*out = find_abstract(name, type);
	return *out ? 0 : -ECONNREFUSED;
}

/* ---- bind --------------------------------------------------------------- */

static void bind_automatically(struct socket *s)
{
	static unsigned last;
	char digits[AUTOMATIC_LENGTH];

	s->name.un.sun_family = AF_UNIX;
	s->name.length = PATH_AT + AUTOMATIC_LENGTH;
	do {
		snprintf(digits, sizeof digits, "%05x", ++last % AUTOMATIC_NAMES);
		memcpy(s->name.un.sun_path + 1, digits, AUTOMATIC_LENGTH - 1);
	} while (find_abstract(&s->name, s->type));
	s->bound = true;
}

static int bind_path(struct socket *s, struct socket_name *name)
{
	char path[sizeof name->un + 1];
	struct statx st;
	int error;

	path_of(name, path);
	name->length = (socklen_t)(PATH_AT + strlen(path) + 1);
	error = name_make_socket(path, NODE_MODE, &st);
	if (error)
		return error == -EEXIST ? -EADDRINUSE : error;
	s->device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	s->inode = st.stx_ino;
	return 0;
}

int socket_bind(struct socket *s, struct socket_name *name)
{
	int error = 0;

	if (name->length == PATH_AT) {
		if (!s->name.length)
			bind_automatically(s);
		return 0;
	}
	if (s->name.length)
		return -EINVAL;
	if (is_path(name))
		error = bind_path(s, name);
	else if (find_abstract(name, s->type))
		error = -EADDRINUSE;
	if (error)
		return error;
	s->name = *name;
	s->bound = true;
	return 0;
}

/* ---- listen, connect, accept -------------------------------------------- */

int socket_listen(struct socket *s, int backlog)
{
	if (!socket_connects(s))
		return -EOPNOTSUPP;
	if (!s->name.length || s->state == SOCKET_CONNECTED)
		return -EINVAL;
	s->backlog = (unsigned)backlog < BACKLOG_MOST ? backlog : BACKLOG_MOST;
	s->state = SOCKET_LISTENING;
	s->own = socket_own_credentials();
	sched_wakeup(&s->room);
	return 0;
}

/* The other end of the connection, which waits to be accepted. */
static int connect_to(struct socket *s, struct socket *listener)
{
	struct socket *end = socket_create(s->type), **link = &listener->pending;

	if (!end)
		return -ENOMEM;
	s->own = socket_own_credentials();
	end->own = listener->own;
	end->name = listener->name;
	socket_pair(s, end);
	while (*link)
		link = &(*link)->next_pending;
	*link = end;
	listener->waiting++;
	sched_wakeup(&listener->readable);
	sched_wakeup(&s->writable);
	return 0;
}

int socket_connect(struct socket *s, const struct socket_name *name)
{
	struct socket *to;
	int error;

	if (!socket_connects(s) && name->un.sun_family == AF_UNSPEC) {
		socket_set_peer(s, NULL);
		return 0;
	}
	error = socket_find(name, s->type, &to);
	if (error)
		return error;
	if (!socket_connects(s)) {
		if (to->peer && to->peer != s)
			return -EPERM;
		socket_set_peer(s, to);
		return 0;
	}
	if (to->state != SOCKET_LISTENING || to->shut_read)
		return -ECONNREFUSED;
	if (s->state != SOCKET_FREE)
		return s->state == SOCKET_CONNECTED ? -EISCONN : -EINVAL;
	return to->waiting > to->backlog ? -EAGAIN : connect_to(s, to);
}

struct socket *socket_accept(struct socket *s)
{
	struct socket *end = s->pending;

	if (!end)
		return NULL;
	s->pending = end->next_pending;
	end->next_pending = NULL;
	s->waiting--;
	sched_wakeup(&s->room);
	return end;
}
