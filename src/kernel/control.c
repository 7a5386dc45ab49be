/* Control data of messages, from and to the guest. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/control.h"
#include "kernel/file.h"
#include "kernel/proc.h"

#define CONTROL_MOST 20480u /* bytes of control data, as Linux's net.core.optmem_max was for long */

/* ---- In -------------------------------------------------------------------- */

static long files_in(const struct cmsghdr *c, struct outgoing *o)
{
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	if (count > (size_t)(SOCKET_FILES_MAX - o->file_count))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		struct file *f;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
		f = file_get_any(fd);
		if (!f)
			return -EBADF;
		f->uses++;
		o->files[o->file_count++] = f;
	}
	return 0;
}

static bool is_own(unsigned id, const unsigned ids[IDS])
{
	return id == ids[REAL] || id == ids[EFFECTIVE] || id == ids[SAVED];
}

/* Nobody may say that he is somebody else. */
static long credentials_in(const struct cmsghdr *c, struct outgoing *o)
{
	const struct proc *p = current_proc();
	struct ucred who;

	if (c->cmsg_len != CMSG_LEN(sizeof who))
		return -EINVAL;
	memcpy(&who, CMSG_DATA(c), sizeof who);
	if (who.pid != p->pid || !is_own(who.uid, p->facts.uid) || !is_own(who.gid, p->facts.gid))
		return -EPERM;
	o->who = (struct credentials){ who.pid, who.uid, who.gid };
	return 0;
}

static long parse(char *bytes, size_t length, struct outgoing *o)
{
	long error = 0;

	for (size_t at = 0; !error && length - at >= sizeof(struct cmsghdr);) {
		struct cmsghdr *c = (struct cmsghdr *)(bytes + at);

		if (c->cmsg_len < sizeof *c || c->cmsg_len > length - at)
			return -EINVAL;
		if (c->cmsg_level == SOL_SOCKET)
			error = c->cmsg_type == SCM_RIGHTS ? files_in(c, o) : c->cmsg_type == SCM_CREDENTIALS ? credentials_in(c, o) : -EINVAL;
		at += CMSG_ALIGN(c->cmsg_len);
		if (at > length)
			break;
	}
	return error;
}

long control_in(uintptr_t at, size_t length, struct outgoing *o)
{
	char *bytes;
	long error;

	if (!length)
		return 0;
	if (length > CONTROL_MOST)
		return -ENOBUFS;
	bytes = malloc(length);
	if (!bytes)
		return -ENOMEM;
	error = copy_in(bytes, at, length) ? -EFAULT : parse(bytes, length, o);
	if (!error && o->file_count && !sockets_may_carry())
		error = -ETOOMANYREFS;
	if (error) {
		files_release(o->files, o->file_count);
		o->file_count = 0;
	}
	free(bytes);
	return error;
}

/* ---- Out ------------------------------------------------------------------- */

/* Room for a header with so many bytes: how many of these fit; -1: not even the header. */
static ssize_t room_for(struct control_out *c, size_t length)
{
	size_t left = c->room - c->done;

	if (left < sizeof(struct cmsghdr)) {
		c->truncated = true;
		return -1;
	}
	if (left >= CMSG_LEN(length))
		return (ssize_t)length;
	c->truncated = true;
	return (ssize_t)(left - CMSG_LEN(0));
}

static void put(struct control_out *c, int type, const void *data, size_t length)
{
	struct cmsghdr h = { .cmsg_len = CMSG_LEN(length), .cmsg_level = SOL_SOCKET, .cmsg_type = type };
	size_t space = CMSG_SPACE(length);

	if (copy_out(c->at + c->done, &h, sizeof h) != 0 || copy_out(c->at + c->done + CMSG_LEN(0), data, length) != 0)
		return; /* as Linux: that the guest gave no such memory is told by what is missing */
	c->done += space < c->room - c->done ? space : c->room - c->done;
}

static void put_credentials(struct control_out *c, const struct incoming *in)
{
	const struct ucred who = { in->who.pid, in->who.uid, in->who.gid };
	ssize_t fits = room_for(c, sizeof who);

	if (fits >= 0)
		put(c, SCM_CREDENTIALS, &who, (size_t)fits);
}

/* As many descriptors as have room; the other files are let go. */
static void put_files(struct control_out *c, struct incoming *in)
{
	int fds[SOCKET_FILES_MAX], count = 0;
	ssize_t fits = room_for(c, (size_t)in->file_count * sizeof(int));

	while (fits >= (ssize_t)((size_t)(count + 1) * sizeof(int)) && count < in->file_count) {
		struct file *f = in->files[count];

		f->uses++; /* file_install takes over one, also on failure */
		fds[count] = file_install(f, 0, c->cloexec);
		if (fds[count] < 0)
			break;
		count++;
	}
	c->truncated |= count < in->file_count;
	if (count > 0)
		put(c, SCM_RIGHTS, fds, (size_t)count * sizeof(int));
}

void control_out(struct control_out *c, bool credentials, struct incoming *in)
{
	if (credentials)
		put_credentials(c, in);
	if (in->file_count)
		put_files(c, in);
}
