/* Opening by name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>

#include "kernel/file.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)
#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) /* with O_PATH no others count */
#define KNOWN_FLAGS                                                                                            \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT | \
	 FILE_LARGE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)
#define MODE_MAX 07777u

static bool creates(int flags)
{
	return flags & (O_CREAT | TMPFILE_BIT);
}

/* What nobody can mean. */
static int check_flags(int flags)
{
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if (flags & TMPFILE_BIT && ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_ACCMODE) == O_RDONLY))
		return -EINVAL;
	return 0;
}

/* The descriptor's own open file, where there is no name to open it by: /dev/stdin of a pipe. */
static int share(struct file *f, int flags, struct file **out)
{
	int wanted = flags & O_ACCMODE, has = f->flags & O_ACCMODE;

	if (pipe_is(f))
		return pipe_open(f, flags, out);
	if (has != O_RDWR && wanted != has)
		return -EACCES;
	f->uses++;
	*out = f;
	return 0;
}

static struct place *keep(const struct place *at)
{
	struct place *kept = malloc(sizeof *kept);

	if (!kept)
		return NULL;
	*kept = *at;
	kept->is_seen = false;
	return kept;
}

static int open_place(const struct place *at, int flags, unsigned mode, struct file **out)
{
	const struct place *named = at->file ? at->file->at : at;
	const struct fs *fs = at->file ? &fs_host : at->mount->fs;
	struct file *f = file_new(NULL, flags);
	int error;

	if (!f)
		return -ENOMEM;
	f->at = named ? keep(named) : NULL;
	error = named && !f->at ? -ENOMEM : fs->open(f, at, flags, mode);
	if (error)
		file_release(f);
	else
		*out = f;
	return error;
}

static int open_walking(struct proc *p, int dirfd, const char *name, int flags, unsigned mode, unsigned how,
			struct file **out)
{
	bool create = flags & O_CREAT, slash;
	struct place at;
	const char *rest;
	int error;

	if (create)
		how |= WALK_CREATE;
	if (!(flags & O_NOFOLLOW) && !(create && flags & O_EXCL))
		how |= WALK_FOLLOW;
	error = path_walk(p, dirfd, name, how, &at, &slash);
	if (error)
		return error;
	if (create && slash)
		return -EISDIR;
	if (at.file && place_root(&at, &rest) < 0)
		return share(at.file, flags, out);
	return open_place(&at, flags, mode & ~p->umask, out);
}

int file_open(struct proc *p, int dirfd, const char *name, int flags, unsigned mode, struct file **out)
{
	int error = check_flags(flags);

	return error ? error : open_walking(p, dirfd, name, flags, mode, 0, out);
}

/* ---- System calls ----------------------------------------------------- */

/* After the flags were checked. */
static long open_user(int dirfd, uintptr_t name, int flags, unsigned mode, unsigned how)
{
	char text[PATH_MAX];
	long n = string_in(text, name, sizeof text);
	struct file *f;

	if (n < 0)
		return n;
	if (file_vacant(0) < 0)
		return -EMFILE;
	n = open_walking(current_proc(), dirfd, text, flags, mode, how, &f);
	return n ? n : file_install(f, 0, flags & O_CLOEXEC);
}

/* open(2) takes no offence at what it does not know. */
static long open_old(int dirfd, uintptr_t name, int flags, unsigned mode)
{
	int error;

	flags &= flags & O_PATH ? PATH_FLAGS : KNOWN_FLAGS;
	error = check_flags(flags);
	return error ? error : open_user(dirfd, name, flags, creates(flags) ? mode & MODE_MAX : 0, 0);
}

long sys_open(const uint64_t *a)
{
	return open_old(AT_FDCWD, a[0], (int)a[1], (unsigned)a[2]);
}

long sys_openat(const uint64_t *a)
{
	return open_old((int)a[0], a[1], (int)a[2], (unsigned)a[3]);
}

long sys_creat(const uint64_t *a)
{
	return open_old(AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, (unsigned)a[1]);
}

/* A guest's struct open_how, which may grow: what we do not know of it must be zero. */
static long how_in(struct open_how *how, uintptr_t from, uint64_t size)
{
	char more;

	if (size < sizeof *how)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	for (uint64_t i = sizeof *how; i < size; i++) {
		if (copy_in(&more, from + i, 1) != 0)
			return -EFAULT;
		if (more)
			return -E2BIG;
	}
	return copy_in(how, from, sizeof *how);
}

static long check_how(const struct open_how *how)
{
	const uint64_t resolve_known = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |
				       RESOLVE_IN_ROOT | RESOLVE_CACHED;
	const uint64_t scopes = RESOLVE_BENEATH | RESOLVE_IN_ROOT;

	if (how->flags & ~(uint64_t)KNOWN_FLAGS || how->resolve & ~resolve_known || (how->resolve & scopes) == scopes)
		return -EINVAL;
	if (how->mode & ~(uint64_t)(creates((int)how->flags) ? MODE_MAX : 0))
		return -EINVAL;
	if (how->flags & O_PATH && how->flags & ~(uint64_t)PATH_FLAGS)
		return -EINVAL;
	return check_flags((int)how->flags);
}

static unsigned walk_flags(uint64_t resolve)
{
	return (resolve & RESOLVE_NO_XDEV ? WALK_NO_MOUNTS : 0u) | (resolve & RESOLVE_NO_MAGICLINKS ? WALK_NO_JUMPS : 0u) |
	       (resolve & RESOLVE_NO_SYMLINKS ? WALK_NO_LINKS : 0u) | (resolve & RESOLVE_BENEATH ? WALK_BENEATH : 0u) |
	       (resolve & RESOLVE_IN_ROOT ? WALK_IN_ROOT : 0u);
}

long sys_openat2(const uint64_t *a)
{
	struct open_how how;
	long error = how_in(&how, a[2], a[3]);

	if (!error)
		error = check_how(&how);
	if (error)
		return error;
	if (how.resolve & RESOLVE_CACHED) /* there is no cache to open from: Linux's answer then, too */
		return -EAGAIN;
	return open_user((int)a[0], a[1], (int)how.flags, (unsigned)how.mode, walk_flags(how.resolve));
}
