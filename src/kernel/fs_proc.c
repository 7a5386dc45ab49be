/*
 * /proc, of uos's own processes. One table says what there is; in its paths *
 * stands for a live process's number and # for one of its open descriptors. A
 * text is made when it is opened.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "kernel/directory.h"
#include "kernel/fs_proc.h"
#include "machine/host.h"

#define FIRST_NUMBER 1000u /* a directory's position of the name "0"; below are the table's rows */
#define PROC_DEVICE 0xffffeu

struct row {
	const char *path;
	unsigned mode;
	text_function *text;
	link_function *link;
	const char *fixed; /* the text itself, or the link's */
};

static link_function link_self, link_thread_self;

#define DIRECTORY(name) { .path = name, .mode = S_IFDIR | 0555 }
#define TEXT(name) .path = name, .mode = S_IFREG | 0444
#define LINK(name) .path = name, .mode = S_IFLNK | 0777

static const struct row rows[] = {
	DIRECTORY(""),
	{ TEXT("cpuinfo"), .text = text_cpuinfo },
	{ TEXT("filesystems"), .text = text_filesystems },
	{ TEXT("loadavg"), .text = text_loadavg },
	{ TEXT("meminfo"), .text = text_meminfo },
	{ LINK("mounts"), .fixed = "self/mounts" },
	{ LINK("self"), .link = link_self },
	{ TEXT("stat"), .text = text_system_stat },
	DIRECTORY("sys"),
	DIRECTORY("sys/fs"),
	{ TEXT("sys/fs/file-max"), .fixed = "9223372036854775807\n" },
	{ TEXT("sys/fs/nr_open"), .fixed = "1024\n" },
	{ TEXT("sys/fs/pipe-max-size"), .fixed = "1048576\n" },
	DIRECTORY("sys/kernel"),
	{ TEXT("sys/kernel/cap_last_cap"), .fixed = "40\n" },
	{ TEXT("sys/kernel/domainname"), .text = text_domainname },
	{ TEXT("sys/kernel/hostname"), .text = text_hostname },
	{ TEXT("sys/kernel/ngroups_max"), .fixed = "65536\n" },
	{ TEXT("sys/kernel/osrelease"), .text = text_osrelease },
	{ TEXT("sys/kernel/ostype"), .text = text_ostype },
	{ TEXT("sys/kernel/pid_max"), .fixed = "4194304\n" },
	DIRECTORY("sys/kernel/random"),
	{ TEXT("sys/kernel/random/boot_id"), .text = text_boot_id },
	{ TEXT("sys/kernel/random/uuid"), .text = text_uuid },
	{ TEXT("sys/kernel/version"), .text = text_kernel_version },
	DIRECTORY("sys/vm"),
	{ TEXT("sys/vm/mmap_min_addr"), .fixed = "65536\n" },
	{ TEXT("sys/vm/overcommit_memory"), .fixed = "2\n" },
	{ LINK("thread-self"), .link = link_thread_self },
	{ TEXT("uptime"), .text = text_uptime },
	{ TEXT("version"), .text = text_version },
	DIRECTORY("*"),
	{ .path = "*/auxv", .mode = S_IFREG | 0400, .text = text_auxv },
	{ TEXT("*/cgroup"), .text = text_cgroup },
	{ TEXT("*/cmdline"), .text = text_cmdline },
	{ .path = "*/comm", .mode = S_IFREG | 0644, .text = text_comm },
	{ LINK("*/cwd"), .link = link_cwd },
	{ .path = "*/environ", .mode = S_IFREG | 0400, .text = text_environ },
	{ LINK("*/exe"), .link = link_exe },
	{ .path = "*/fd", .mode = S_IFDIR | 0500 },
	{ .path = "*/fd/#", .mode = S_IFLNK | 0500 },
	{ TEXT("*/limits"), .text = text_limits },
	{ TEXT("*/maps"), .text = text_maps },
	{ TEXT("*/mountinfo"), .text = text_mountinfo },
	{ TEXT("*/mounts"), .text = text_mounts },
	{ LINK("*/root"), .link = link_root },
	{ TEXT("*/stat"), .text = text_stat },
	{ TEXT("*/statm"), .text = text_statm },
	{ TEXT("*/status"), .text = text_status },
	DIRECTORY("*/task"),
	DIRECTORY("*/task/*"),
};

#define ROWS (sizeof rows / sizeof *rows)

/* A name that was found. */
struct node {
	const struct row *row;
	struct proc *p;    /* NULL: not below a process's directory */
	struct thread *t;  /* of that process, below whose directory of its own; or NULL */
	int fd;            /* of #, or -1 */
	struct file *open; /* what # stands for */
};

/* ---- Names ------------------------------------------------------------ */

/* The decimal number at *s, which moves past it; -1 if there is none or it is not written as one. */
static int number_at(const char **s)
{
	const char *begin = *s;
	int n = 0;

	while (**s >= '0' && **s <= '9' && *s - begin < 8)
		n = n * 10 + (*(*s)++ - '0');
	return *s == begin || (*begin == '0' && *s - begin > 1) ? -1 : n;
}

/* "12/task/13/stat" is "12/stat" of *thread 13, "12/task/13" its "12/task/12"; *thread 0: no thread's. False: nobody's. */
static bool without_task(const char *name, char *to, size_t room, int *thread)
{
	const char *rest = name;
	int pid = number_at(&rest);

	*thread = 0;
	if (pid < 0 || strncmp(rest, "/task/", 6) != 0)
		return snprintf(to, room, "%s", name) < (int)room;
	rest += 6;
	*thread = number_at(&rest);
	if (*thread < 0 || (*rest && *rest != '/') || strncmp(rest, "/task", 5) == 0)
		return false;
	if (!*rest)
		return snprintf(to, room, "%d/task/%d", pid, pid) < (int)room;
	return snprintf(to, room, "%d%s", pid, rest) < (int)room;
}

/* A process has a thread of its own number, whatever has become of that. */
static bool find_thread(struct node *n, int tid)
{
	for (n->t = n->p->threads; n->t && n->t->tid != tid;)
		n->t = n->t->sibling;
	return n->t || tid == n->p->pid;
}

static bool match(const char *pattern, const char *name, struct node *n)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*') {
			struct proc *p = proc_find(number_at(&name));

			if (!p || (n->p && n->p != p))
				return false;
			n->p = p;
		} else if (*pattern == '#') {
			n->fd = number_at(&name);
			if (n->fd < 0 || n->fd >= FD_MAX || !n->p->files[n->fd])
				return false;
			n->open = n->p->files[n->fd];
		} else if (*pattern != *name++) {
			return false;
		}
	}
	return *name == 0;
}

static int find(const char *full, struct node *n)
{
	char name[256];
	int tid;

	if (!without_task(full, name, sizeof name, &tid))
		return -ENOENT;
	for (size_t i = 0; i < ROWS; i++) {
		*n = (struct node){ .row = &rows[i], .fd = -1 };
		if (match(rows[i].path, name, n))
			return tid && !find_thread(n, tid) ? -ENOENT : 0;
	}
	return -ENOENT;
}

static uint64_t inode_of(const struct row *row, int id, int fd)
{
	return (uint64_t)(row - rows) + 1 + ((uint64_t)(fd + 1) << 8) + ((uint64_t)id << 24);
}

static int id_of(const struct node *n)
{
	return n->t ? n->t->tid : n->p ? n->p->pid : 0;
}

static unsigned link_mode(const struct file *f)
{
	unsigned access = (unsigned)f->flags & O_ACCMODE;

	if (f->flags & O_PATH)
		return S_IFLNK;
	return S_IFLNK | 0100 | (access != O_WRONLY ? 0400 : 0) | (access != O_RDONLY ? 0200 : 0);
}

static void stat_node(const struct node *n, struct statx *st)
{
	struct host_identity id = host_identity();
	struct timespec now;

	host_clock(CLOCK_REALTIME, &now);
	*st = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = 1024,
		.stx_nlink = S_ISDIR(n->row->mode) ? 2 : 1,
		.stx_uid = n->p ? id.euid : 0,
		.stx_gid = n->p ? id.egid : 0,
		.stx_mode = (uint16_t)(n->open ? link_mode(n->open) : n->row->mode),
		.stx_ino = inode_of(n->row, id_of(n), n->fd),
		.stx_size = n->open ? 64 : 0,
		.stx_dev_minor = PROC_DEVICE,
	};
	st->stx_atime.tv_sec = st->stx_mtime.tv_sec = st->stx_ctime.tv_sec = now.tv_sec;
	st->stx_atime.tv_nsec = st->stx_mtime.tv_nsec = st->stx_ctime.tv_nsec = (unsigned)now.tv_nsec;
}

static int proc_stat(const struct place *at, struct statx *st)
{
	struct node n;
	int error = find(at->name, &n);

	if (!error)
		stat_node(&n, st);
	return error;
}

/* ---- Links ------------------------------------------------------------ */

static ssize_t link_self(struct proc *p, char *to, size_t room)
{
	(void)p;
	return snprintf(to, room, "%d", current_proc()->pid);
}

static ssize_t link_thread_self(struct proc *p, char *to, size_t room)
{
	(void)p;
	return snprintf(to, room, "%d/task/%d", current_proc()->pid, current->tid);
}

static ssize_t proc_readlink(const struct place *at, char *to, size_t room)
{
	struct node n;
	int error = find(at->name, &n);
	ssize_t length;

	if (error)
		return error;
	if (!S_ISLNK(n.row->mode))
		return -EINVAL;
	if (n.open)
		length = proc_file_name(n.open, to, room);
	else if (n.row->link)
		length = n.row->link(n.p, to, room);
	else
		length = snprintf(to, room, "%s", n.row->fixed);
	return length < (ssize_t)room ? length : -ENAMETOOLONG;
}

static struct file *proc_file(const struct place *link)
{
	struct node n;

	if (find(link->name, &n) != 0)
		return NULL;
	return n.row->link == link_exe ? n.p->exe : n.open;
}

static int open_text(struct file *f, const struct node *n)
{
	struct text *t = calloc(1, sizeof *t);

	if (!t)
		return -ENOMEM;
	f->ops = &text_file;
	f->data = t;
	t->thread = n->t;
	if (n->row->fixed)
		text_add(t, "%s", n->row->fixed);
	else
		n->row->text(t, n->p);
	return t->failed ? -ENOMEM : 0; /* who has made the file releases it, and the text with it */
}

/* ---- Open directories --------------------------------------------------- */

struct entry {
	char name[32];
	const struct row *row;
	int id, fd; /* id: of its process or thread */
};

/* Whether `r` is directly in `dir`, by a name of its own. */
static bool is_in(const struct row *r, const struct row *dir)
{
	bool thread = strcmp(dir->path, "*/task/*") == 0;
	size_t length = thread ? 1 : strlen(dir->path);
	const char *own = r->path + length + (length > 0);

	if (strncmp(r->path, dir->path, length) != 0 || strlen(r->path) <= length || (length > 0 && r->path[length] != '/'))
		return false;
	return *own != '*' && *own != '#' && !strchr(own, '/') && !(thread && strcmp(own, "task") == 0);
}

static int next_pid(int from)
{
	int pid = -1;

	for (struct proc *p = proc_list; p; p = p->next)
		if (p->pid >= from && (pid < 0 || p->pid < pid))
			pid = p->pid;
	return pid;
}

static int next_fd(const struct proc *p, int from)
{
	for (int fd = from; fd < FD_MAX; fd++)
		if (p->files[fd])
			return fd;
	return -1;
}

/* Of a zombie its first, which is one, too. */
static int next_tid(const struct proc *p, int from)
{
	int tid = p->threads || p->pid < from ? -1 : p->pid;

	for (const struct thread *t = p->threads; t; t = t->sibling)
		if (t->tid >= from && (tid < 0 || t->tid < tid))
			tid = t->tid;
	return tid;
}

/* The first number that is in `dir`, from `from` on; -1: none. */
static int next_number(const struct node *dir, int from)
{
	if (strcmp(dir->row->path, "") == 0)
		return next_pid(from);
	if (strcmp(dir->row->path, "*/fd") == 0)
		return next_fd(dir->p, from);
	return strcmp(dir->row->path, "*/task") == 0 ? next_tid(dir->p, from) : -1;
}

static void name_number(const struct node *dir, int number, struct entry *e)
{
	bool fd = strcmp(dir->row->path, "*/fd") == 0;

	snprintf(e->name, sizeof e->name, "%d", number);
	e->fd = fd ? number : -1;
	e->id = fd ? id_of(dir) : number;
	for (e->row = rows; strcmp(e->row->path, fd ? "*/fd/#" : dir->p ? "*/task/*" : "*") != 0;)
		e->row++;
}

/* What stands at position *at of the directory or is the next after it; *at moves there. False: the end. */
static bool entry_at(const struct node *dir, uint64_t *at, struct entry *e)
{
	int number;

	*e = (struct entry){ .row = dir->row, .id = id_of(dir), .fd = -1 };
	if (*at < 2) {
		strcpy(e->name, *at ? ".." : ".");
		return true;
	}
	for (; *at < 2 + ROWS; ++*at)
		if (is_in(&rows[*at - 2], dir->row)) {
			e->row = &rows[*at - 2];
			snprintf(e->name, sizeof e->name, "%s", strrchr(e->row->path, '/') ? strrchr(e->row->path, '/') + 1 : e->row->path);
			return true;
		}
	if (*at < FIRST_NUMBER)
		*at = FIRST_NUMBER;
	number = *at - FIRST_NUMBER > INT_MAX ? -1 : next_number(dir, (int)(*at - FIRST_NUMBER));
	if (number < 0)
		return false;
	*at = FIRST_NUMBER + (uint64_t)number;
	name_number(dir, number, e);
	return true;
}

static ssize_t read_entries(struct file *f, void *buffer, size_t room)
{
	struct listing l = { buffer, room, 0 };
	struct entry e;
	struct node dir;

	if (find(f->at->name, &dir) != 0)
		return -ENOENT;
	for (; entry_at(&dir, &f->offset, &e); f->offset++)
		if (!listing_add(&l, inode_of(e.row, e.id, e.fd), IFTODT(e.row->mode), e.name, f->offset + 1))
			return listing_full(&l);
	return (ssize_t)l.done;
}

static const struct file_ops directory = { .read = directory_read, .seek = directory_seek, .stat = made_up_stat, .entries = read_entries };

/* ---- Opening ------------------------------------------------------------ */

static int proc_open(struct file *f, const struct place *at, int flags, unsigned mode)
{
	struct node n;
	int error = find(at->name, &n);

	(void)mode;
	mode = error ? 0 : n.row->mode;
	if (!error)
		error = made_up_check(flags, S_ISDIR(mode));
	if (error)
		return error;
	f->ops = S_ISDIR(mode) ? &directory : &name_only;
	if (flags & O_PATH || S_ISDIR(mode))
		return 0;
	if (S_ISLNK(mode))
		return -ELOOP;
	return (flags & O_ACCMODE) == O_RDONLY ? open_text(f, &n) : -EACCES;
}

const struct fs fs_proc = { .stat = proc_stat, .readlink = proc_readlink, .open = proc_open, .file = proc_file };
