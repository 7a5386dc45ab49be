/* /dev/pts: a name for each pseudo-terminal whose master is open; and ptmx, by which one is made. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "kernel/directory.h"
#include "kernel/file.h"
#include "kernel/pty.h"

#define PTMX "ptmx"
#define NOT_THERE (-1)
#define IS_DIRECTORY (-2)
#define IS_PTMX (-3)
#define DIRECTORY_INODE 1
#define DIGITS_MOST 4

/* A slave's number, or what else has that name. */
static int find(const char *name)
{
	int number = 0;
	size_t length = strlen(name);

	if (!length)
		return IS_DIRECTORY;
	if (strcmp(name, PTMX) == 0)
		return IS_PTMX;
	if (length > DIGITS_MOST || (*name == '0' && length > 1))
		return NOT_THERE;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return NOT_THERE;
		number = number * 10 + (*name - '0');
	}
	return pty_find(number) ? number : NOT_THERE;
}

static void describe_other(int what, struct statx *st)
{
	bool ptmx = what == IS_PTMX;

	*st = (struct statx){ .stx_mask = STATX_BASIC_STATS, .stx_blksize = 1024, .stx_nlink = ptmx ? 1 : 2,
			      .stx_mode = ptmx ? S_IFCHR | 0666 : S_IFDIR | 0755, .stx_ino = ptmx ? PTMX_INODE : DIRECTORY_INODE,
			      .stx_rdev_major = ptmx ? PTMX_MAJOR : 0, .stx_rdev_minor = ptmx ? PTMX_MINOR : 0,
			      .stx_dev_minor = PTS_DEVICE };
}

static int pts_stat(const struct place *at, struct statx *st)
{
	int what = find(at->name);

	if (what == NOT_THERE)
		return -ENOENT;
	if (what >= 0)
		pty_describe(pty_find(what), st);
	else
		describe_other(what, st);
	return 0;
}

static ssize_t pts_readlink(const struct place *at, char *to, size_t room)
{
	(void)to, (void)room;
	return find(at->name) == NOT_THERE ? -ENOENT : -EINVAL;
}

/* ---- The directory, open ----------------------------------------------- */

/* Entry `i`: ".", "..", ptmx, and from FIRST_SLAVE on the first slave whose number is not less. Where the next begins; 0: no more. */
#define FIRST_SLAVE 3

static uint64_t entry(uint64_t i, char name[16], struct dirent64 *d)
{
	static const char *const fixed[FIRST_SLAVE] = { ".", "..", PTMX };
	int number;

	if (i < FIRST_SLAVE) {
		strcpy(name, fixed[i]);
		d->d_ino = i == FIRST_SLAVE - 1 ? PTMX_INODE : DIRECTORY_INODE;
		d->d_type = i == FIRST_SLAVE - 1 ? DT_CHR : DT_DIR;
		return i + 1;
	}
	number = i - FIRST_SLAVE > INT32_MAX ? -1 : pty_next((int)(i - FIRST_SLAVE));
	if (number < 0)
		return 0;
	snprintf(name, 16, "%d", number);
	d->d_ino = (uint64_t)number + FIRST_SLAVE_INODE;
	d->d_type = DT_CHR;
	return (uint64_t)number + 1 + FIRST_SLAVE;
}

static ssize_t directory_entries(struct file *f, void *buffer, size_t room)
{
	struct listing l = { buffer, room, 0 };
	struct dirent64 head;
	char name[16];

	for (uint64_t next; (next = entry(f->offset, name, &head)); f->offset = next)
		if (!listing_add(&l, head.d_ino, head.d_type, name, next))
			return listing_full(&l);
	return (ssize_t)l.done;
}

static const struct file_ops directory = {
	.read = directory_read, .seek = directory_seek, .stat = made_up_stat, .entries = directory_entries
};

/* ---- Opening ----------------------------------------------------------- */

static int pts_open(struct file *f, const struct place *at, int flags, unsigned mode)
{
	int what = find(at->name), error = made_up_check(flags, what == IS_DIRECTORY);

	(void)mode;
	if (what == NOT_THERE)
		return flags & O_CREAT ? -EACCES : -ENOENT;
	f->ops = what == IS_DIRECTORY ? &directory : &name_only;
	if (error || what == IS_DIRECTORY || flags & O_PATH)
		return error;
	return what == IS_PTMX ? pty_open_master(f) : pty_open_slave(f, pty_find(what), flags);
}

const struct fs fs_pts = { .stat = pts_stat, .readlink = pts_readlink, .open = pts_open };

struct place *pts_place(int number)
{
	const struct mount *m = mounts;
	struct place *at;

	while (m && m->fs != &fs_pts)
		m = m->next;
	at = m ? calloc(1, sizeof *at) : NULL;
	if (!at)
		return NULL;
	at->mount = m;
	snprintf(at->name, sizeof at->name, "%d", number);
	return at;
}
