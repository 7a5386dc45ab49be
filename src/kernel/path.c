/*
 * Walks. A name is taken component by component, as the manual says in
 * path_resolution(7); what has been walked is kept as a name from "/" that has
 * no link, "." or ".." in it, so that the longest mount that is a beginning of
 * it says where we are. Nothing is held meanwhile: if another process of the
 * host renames what we have passed, the machine finds something else or
 * nothing at the end, but never anything outside the mount.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "machine/disk.h"

#define LINKS_MAX 40

struct walk {
	struct place *at;         /* what `path` is */
	const struct mount *from; /* where the walk began */
	struct file *removed;     /* that directory, if it has been removed since, and we are still in it */
	unsigned flags, links;
	size_t length;            /* of path */
	size_t floor;             /* likewise, where it began: WALK_BENEATH, WALK_IN_ROOT */
	char *rest;               /* still to go: the end of text[] */
	char path[PATH_MAX];      /* walked; "" is "/" */
	char text[2 * PATH_MAX];
};

struct mount *mounts;

static bool is_below(const char *path, const char *directory, size_t length)
{
	return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Where a name from "/" without links is. */
static void locate(const char *path, struct place *out)
{
	const struct mount *m = mounts;
	size_t length;

	for (;; m = m->next) { /* the last is "/", and all are below it */
		length = m->at[1] ? strlen(m->at) : 0;
		if (is_below(path, m->at, length))
			break;
	}
	out->mount = m;
	out->file = NULL;
	out->is_seen = false;
	strcpy(out->name, path + length + (path[length] == '/'));
}

/* ---- Components ------------------------------------------------------- */

static size_t component(const char *rest)
{
	return (size_t)(strchrnul(rest, '/') - rest);
}

static bool is_dots(const char *c, size_t length)
{
	return (length == 1 && c[0] == '.') || (length == 2 && c[0] == '.' && c[1] == '.');
}

static char *skip_slashes(char *rest)
{
	while (*rest == '/')
		rest++;
	return rest;
}

static int push(struct walk *w, const char *c, size_t length)
{
	if (w->length + 1 + length >= sizeof w->path)
		return -ENAMETOOLONG; /* of a component by itself, who is asked for it says so */
	w->path[w->length] = '/';
	memcpy(w->path + w->length + 1, c, length);
	w->length += 1 + length;
	w->path[w->length] = 0;
	return 0;
}

static void truncate_path(struct walk *w, size_t length)
{
	w->length = length;
	w->path[length] = 0;
}

static void pop(struct walk *w)
{
	char *slash = strrchr(w->path, '/');

	if (slash)
		truncate_path(w, (size_t)(slash - w->path));
}

/* "..": of "/" it is "/". */
static int go_up(struct walk *w)
{
	if (w->flags & (WALK_BENEATH | WALK_IN_ROOT) && w->length == w->floor)
		return w->flags & WALK_BENEATH ? -EXDEV : 0;
	pop(w);
	return 0;
}

/* "/" at the beginning of the name or of a link. */
static int go_to_root(struct walk *w)
{
	if (w->flags & WALK_BENEATH)
		return -EXDEV;
	truncate_path(w, w->flags & WALK_IN_ROOT ? w->floor : 0);
	return 0;
}

/* ---- Steps ------------------------------------------------------------ */

/* What is at w->at; kept there for who asks next. */
static int look(struct walk *w, unsigned *mode)
{
	int error = w->at->mount->fs->stat(w->at, &w->at->seen);

	w->at->is_seen = !error;
	*mode = error ? 0 : w->at->seen.stx_mode;
	return error;
}

/* What the link at w->at says, before the rest. */
static int prepend_link(struct walk *w)
{
	size_t room = (size_t)(w->rest - w->text);
	ssize_t n = w->at->mount->fs->readlink(w->at, w->text, room);

	if (n <= 0)
		return n < 0 ? (int)n : -ENOENT;
	if ((size_t)n == room)
		return -ENAMETOOLONG;
	w->rest -= n;
	memmove(w->rest, w->text, (size_t)n);
	pop(w);
	return *w->rest == '/' ? go_to_root(w) : 0;
}

/* The link is a descriptor: on from where that file is now. What has no name is the file itself. */
static int jump(struct walk *w, struct file *f)
{
	struct place *at = w->at;
	ssize_t n;

	if (w->flags & WALK_NO_JUMPS)
		return -ELOOP;
	if (w->flags & (WALK_BENEATH | WALK_IN_ROOT))
		return -EXDEV;
	if (*w->rest && !f->ops->entries)
		return -ENOTDIR;
	if (file_place(f, at) != 0) {
		*at = (struct place){ .mount = f->at ? f->at->mount : NULL, .file = f };
		return *w->rest ? -ENOENT : 0;
	}
	n = place_name(at, w->path, sizeof w->path);
	if (n < 0)
		return (int)n;
	truncate_path(w, n == 1 ? 0 : (size_t)n);
	return 0;
}

static int follow(struct walk *w)
{
	const struct fs *fs = w->at->mount->fs;
	struct file *f = fs->file ? fs->file(w->at) : NULL;

	if (++w->links > LINKS_MAX || w->flags & WALK_NO_LINKS)
		return -ELOOP;
	return f ? jump(w, f) : prepend_link(w);
}

static bool is_last(const struct walk *w)
{
	return !*skip_slashes(w->rest);
}

/* May the next component be taken together with those before it? Not the last of a new name: it matters which is missing. */
static bool goes_along(const struct walk *w)
{
	char *next = skip_slashes(w->rest);
	size_t n = component(next);

	return n && !is_dots(next, n) && !(w->flags & WALK_CREATE && !*skip_slashes(next + n));
}

/* Takes one component, or with *count not NULL all that go along: how many. */
static int take(struct walk *w, int *count)
{
	int taken = 0;

	do {
		size_t n;
		int error;

		w->rest = skip_slashes(w->rest);
		n = component(w->rest);
		error = push(w, w->rest, n);
		if (error)
			return error;
		w->rest += n;
		taken++;
	} while (count && goes_along(w));
	if (count)
		*count = taken;
	locate(w->path, w->at);
	return 0;
}

/*
 * The host can resolve many components in one go, but stops at a link (ELOOP):
 * then we go one by one.
 */
static int step(struct walk *w, unsigned *mode)
{
	char *rest = w->rest;
	size_t length = w->length;
	int count = 0, error = w->flags & WALK_NO_MOUNTS ? -ELOOP : take(w, &count);

	if (!error)
		error = count == 1 || w->at->mount->fs == &fs_host ? look(w, mode) : -ELOOP;
	if (count == 1 || (error != -ELOOP && error != -ENAMETOOLONG))
		return error;
	w->rest = rest;
	truncate_path(w, length);
	error = take(w, NULL);
	return error ? error : look(w, mode);
}

/* Is the link that we stand at to be followed? A new name's never is because of a slash behind it: mkdir("link/"). */
static bool leads_on(const struct walk *w)
{
	return !is_last(w) || w->flags & WALK_FOLLOW || (*w->rest && !(w->flags & WALK_CREATE));
}

/* A component of dots: of a directory that may be searched, as any other. The next component asks that, too. */
static int take_dots(struct walk *w, size_t n)
{
	const char *name;
	int root, error = 0;

	w->rest += n;
	root = place_root(w->at, &name);
	if ((n == 2 || is_last(w)) && root >= 0)
		error = disk_access(root, name, MAY_SEARCH);
	return error || n == 1 ? error : go_up(w);
}

/*
 * A directory that was removed while somebody was in it: there is nothing in
 * it, but it is still there itself, and its parent is where it was.
 */
static int leave_removed(struct walk *w, size_t n)
{
	if (!is_dots(w->rest, n) || (n == 2 && !w->length))
		return -ENOENT;
	w->rest += n;
	if (n == 1)
		return 0;
	w->removed = NULL;
	return go_up(w);
}

/* After a step that no link leads on from. Too long a name is as a missing one: who makes it will be told. */
static int arrive(struct walk *w, int error, unsigned mode, bool *directory)
{
	if (is_last(w) && w->flags & WALK_CREATE && (!error || error == -ENOENT || error == -ENAMETOOLONG)) {
		*directory = *w->rest;
		return 0;
	}
	return !error && *w->rest && !S_ISDIR(mode) ? -ENOTDIR : error;
}

/* The next component, or as many as can be taken at once; w->at is where that leads. */
static int take_next(struct walk *w, bool *directory)
{
	size_t n = component(w->rest);
	unsigned mode = 0;
	int error;

	if (!w->removed && !is_dots(w->rest, n)) {
		error = step(w, &mode);
		if (error || !S_ISLNK(mode) || !leads_on(w))
			return arrive(w, error, mode, directory);
		error = follow(w);
	} else {
		error = w->removed ? leave_removed(w, n) : take_dots(w, n);
	}
	if (!error && !w->at->file)
		locate(w->path, w->at);
	return error;
}

/* From w->path, which is a directory, along w->rest. */
static int walk(struct walk *w, bool *directory)
{
	int error;

	while (w->rest = skip_slashes(w->rest), *w->rest) {
		error = take_next(w, directory);
		if (error || w->at->file)
			return error;
		if (w->flags & WALK_NO_MOUNTS && w->at->mount != w->from)
			return -EXDEV;
	}
	if (w->removed)
		*w->at = (struct place){ .mount = w->at->mount, .file = w->removed };
	return 0;
}

/* The name "": what the descriptor itself is. */
static int walk_nowhere(struct proc *p, struct file *f, struct place *out)
{
	if (f == p->cwd)
		return file_where(f, out);
	*out = (struct place){ .mount = f->at ? f->at->mount : NULL, .file = f };
	return 0;
}

/* The directory's name into w->path. */
static int begin_in(struct walk *w, struct file *from)
{
	ssize_t n = file_where(from, w->at);

	if (n == -ENOENT && from->ops == &host_directory) {
		w->removed = from;
		if (!*w->at->name)
			return 0; /* nobody knows where it was */
		n = 0;
	}
	if (!n)
		n = place_name(w->at, w->path, sizeof w->path);
	if (n < 0)
		return (int)n;
	truncate_path(w, n == 1 ? 0 : (size_t)n);
	return 0;
}

static int begin(struct walk *w, struct file *from, bool absolute)
{
	int error = 0;

	truncate_path(w, 0);
	w->removed = NULL;
	w->links = 0;
	if (absolute && w->flags & WALK_BENEATH)
		return -EXDEV;
	if (!absolute || w->flags & WALK_IN_ROOT)
		error = from ? begin_in(w, from) : -EBADF;
	w->floor = w->length;
	if (!error)
		locate(w->path, w->at);
	w->from = w->at->mount;
	return error;
}

int path_walk(struct proc *p, int dirfd, const char *name, unsigned flags, struct place *out, bool *directory)
{
	struct file *from = dirfd == AT_FDCWD ? p->cwd : dirfd >= 0 && dirfd < FD_MAX ? p->files[dirfd] : NULL;
	size_t length = strnlen(name, PATH_MAX);
	bool unused;
	struct walk w;
	int error;

	if (length == PATH_MAX)
		return -ENAMETOOLONG;
	if (!length && flags & WALK_EMPTY)
		return from ? walk_nowhere(p, from, out) : -EBADF;
	if (!length)
		return -ENOENT;
	w.at = out;
	w.flags = flags;
	error = begin(&w, from, *name == '/');
	if (error)
		return error;
	w.rest = w.text + sizeof w.text - 1 - length;
	memcpy(w.rest, name, length + 1);
	if (!directory)
		directory = &unused;
	*directory = false;
	return walk(&w, directory);
}

int path_walk_user(int dirfd, uintptr_t name, unsigned flags, struct place *out, bool *directory)
{
	char text[PATH_MAX];
	long n = string_in(text, name, sizeof text);

	return n < 0 ? (int)n : path_walk(current_proc(), dirfd, text, flags, out, directory);
}

/* ---- Places ----------------------------------------------------------- */

ssize_t place_name(const struct place *at, char *to, size_t room)
{
	const char *top = at->mount->at;
	size_t n = strlen(top), length = strlen(at->name);
	bool slash = length && n > 1;

	if (n + slash + length >= room)
		return -ENAMETOOLONG;
	memcpy(to, top, n);
	if (slash)
		to[n++] = '/';
	memcpy(to + n, at->name, length + 1);
	return (ssize_t)(n + length);
}

int place_stat(const struct place *at, struct statx *st)
{
	if (at->is_seen) {
		*st = at->seen;
		return 0;
	}
	return at->file ? at->file->ops->stat(at->file, st) : at->mount->fs->stat(at, st);
}

int place_root(const struct place *at, const char **name)
{
	*name = at->file ? "" : at->name;
	if (at->file)
		return at->file->ops == &host_file || at->file->ops == &host_directory ? at->file->host : -EROFS;
	return at->mount->fs == &fs_host ? at->mount->root : -EROFS;
}

int place_movable(const struct place *at)
{
	char name[PATH_MAX];
	ssize_t n = place_name(at, name, sizeof name);

	if (n < 0)
		return (int)n;
	for (const struct mount *m = mounts; m; m = m->next)
		if (is_below(m->at, name, n == 1 ? 0 : (size_t)n))
			return -EBUSY;
	return 0;
}

int place_writable(const struct place *at)
{
	return at->mount && at->mount->writable ? 0 : -EROFS;
}
