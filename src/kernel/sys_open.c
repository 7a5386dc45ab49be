/* Opening by name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) /* with O_PATH no others count */
#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)

static int check_flags(int flags)
{
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY) && !(flags & TMPFILE_BIT))
		return -EINVAL;
	if (flags & TMPFILE_BIT &&
	    ((flags & (O_TMPFILE | O_CREAT)) != O_TMPFILE || (flags & O_ACCMODE) == O_RDONLY))
		return -EINVAL;
	return 0;
}

/* The descriptor's own open file, where there is no name to open it by: /dev/stdin of a pipe. */
static int share(struct file *f, int flags, struct file **out)
{
	int wanted = flags & O_ACCMODE, has = f->flags & O_ACCMODE;

	if (has != O_RDWR && wanted != has)
		return -EACCES;
	f->uses++;
	*out = f;
	return 0;
}

static int open_place(const struct place *at, int flags, unsigned mode, struct file **out)
{
	const struct place *named = at->file ? at->file->at : at;
	const struct fs *fs = at->file ? &fs_host : at->mount->fs;
	struct file *f = file_new(NULL, flags);
	int error;

	if (!f)
		return -ENOMEM;
	if (named && !(f->at = malloc(sizeof *f->at)))
		error = -ENOMEM;
	else
		error = fs->open(f, at, flags, mode);
	if (error) {
		file_release(f);
		return error;
	}
	if (named)
		*f->at = *named;
	*out = f;
	return 0;
}

int file_open(struct proc *p, int dirfd, const char *name, int flags, unsigned mode, struct file **out)
{
	bool create, slash;
	struct place at;
	const char *rest;
	int error;

	if (flags & O_PATH)
		flags &= PATH_FLAGS;
	create = flags & O_CREAT;
	mode = create || flags & TMPFILE_BIT ? mode & 07777 & ~p->umask : 0;
	error = check_flags(flags);
	if (!error)
		error = path_walk(p, dirfd, name, (create ? WALK_CREATE : 0u) |
				  (flags & O_NOFOLLOW || (create && flags & O_EXCL) ? 0u : WALK_FOLLOW), &at, &slash);
	if (error)
		return error;
	if (create && slash)
		return -EISDIR;
	if (at.file && place_root(&at, &rest) < 0)
		return share(at.file, flags, out);
	return open_place(&at, flags, mode, out);
}
