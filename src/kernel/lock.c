/*
 * Locks of files: the host's, so that other processes of the host see them.
 * Those of an open file are the open file's there. Those of a process (POSIX)
 * would all be uos's own there, one guest's no different from another's; so a
 * process that locks a file has it opened once more, for its locks alone, and
 * they are that open file's. What waits for a lock asks again and again: the
 * host would have to stop all of uos to tell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define FIRST_PAUSE 1000000ul /* ns */
#define LAST_PAUSE 64000000ul

/* A file that a process has locked, or did. */
struct lock_file {
	struct lock_file *next;
	struct statx file; /* which one: its device and inode */
	int host;
};

static bool same_file(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static bool is_lockable(const struct statx *st)
{
	return S_ISREG(st->stx_mode) || S_ISDIR(st->stx_mode);
}

/* Where the current process's locks of this file are, or -errno. For writing, too, if the host lets us: it may be asked for later. */
static int host_of(struct file *f, const struct statx *st)
{
	struct facts *own = &current_proc()->facts;
	struct lock_file *l;

	for (l = own->lock_files; l; l = l->next)
		if (same_file(&l->file, st))
			return l->host;
	l = malloc(sizeof *l);
	if (!l)
		return -ENOLCK;
	l->file = *st;
	l->host = S_ISDIR(st->stx_mode) ? -EISDIR : disk_open(f->host, "", O_RDWR, 0);
	if (l->host < 0)
		l->host = disk_open(f->host, "", f->flags & O_ACCMODE, 0);
	if (l->host < 0) {
		free(l);
		return -ENOLCK;
	}
	l->next = own->lock_files;
	own->lock_files = l;
	return own->lock_files->host;
}

static void forget(struct lock_file **link)
{
	struct lock_file *l = *link;

	*link = l->next;
	disk_close(l->host);
	free(l);
}

void locks_end(struct proc *p)
{
	while (p->facts.lock_files)
		forget(&p->facts.lock_files);
}

void locks_file_closed(struct proc *p, struct file *f)
{
	struct statx st;

	if (!p->facts.lock_files || f->host < 0 || f->flags & O_PATH || f->ops->stat(f, &st) != 0)
		return;
	for (struct lock_file **link = &p->facts.lock_files; *link; link = &(*link)->next)
		if (same_file(&(*link)->file, &st)) {
			forget(link);
			return;
		}
}

/* Whether the lock *l is one of this file's: it is then not in its own way. */
static bool is_its(const struct lock_file *file, const struct flock *l)
{
	struct flock asked = *l;

	asked.l_type = F_WRLCK;
	return disk_lock(file->host, &asked, true) == 0 &&
	       (asked.l_type == F_UNLCK || asked.l_start != l->l_start || asked.l_len != l->l_len);
}

/* The guest that holds it; -1: it is an open file's, or nobody's of ours. */
static int holder(const struct flock *l, const struct statx *st)
{
	for (struct proc *p = proc_list; p; p = p->next)
		for (struct lock_file *file = p->facts.lock_files; file; file = file->next)
			if (same_file(&file->file, st) && is_its(file, l))
				return p->pid;
	return -1;
}

/* ---- Asking ------------------------------------------------------------ */

/* Until the host says something else than -EAGAIN; others run meanwhile. */
static long until_free(int (*ask)(int host, void *what), int host, void *what, bool wait)
{
	uint64_t pause = FIRST_PAUSE;
	long answer;

	while ((answer = ask(host, what)) == -EAGAIN && wait) {
		if (sched_block(&pause, clock_now() + pause) == -EINTR)
			return -EINTR;
		if (pause < LAST_PAUSE)
			pause *= 2;
	}
	return answer;
}

static int ask_lock(int host, void *what)
{
	return disk_lock(host, what, false);
}

static int ask_flock(int host, void *what)
{
	return disk_flock(host, *(int *)what);
}

static bool is_query(int command)
{
	return command == F_GETLK || command == F_OFD_GETLK;
}

static bool is_of_process(int command)
{
	return command == F_GETLK || command == F_SETLK || command == F_SETLKW;
}

/* As Linux checks: where it begins, what it is, and whether the file is open for that. */
static long check(struct file *f, int command, const struct flock *l)
{
	unsigned access = f->flags & O_ACCMODE;

	if (!is_of_process(command) && l->l_pid)
		return -EINVAL;
	if (is_query(command) && l->l_type != F_RDLCK && l->l_type != F_WRLCK && (command == F_GETLK || l->l_type != F_UNLCK))
		return -EINVAL;
	if (l->l_whence < SEEK_SET || l->l_whence > SEEK_END)
		return -EINVAL;
	if (l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK)
		return -EINVAL;
	if (!is_query(command) && ((l->l_type == F_RDLCK && access == O_WRONLY) || (l->l_type == F_WRLCK && access == O_RDONLY)))
		return -EBADF;
	return 0;
}

/* The offset is the descriptor's own, not that of the file opened for locks. */
static long absolute(struct file *f, struct flock *l)
{
	int64_t here = l->l_whence == SEEK_CUR ? disk_seek(f->host, 0, SEEK_CUR) : 0;

	if (here > 0 && l->l_start > INT64_MAX - here)
		return -EOVERFLOW;
	if (l->l_whence == SEEK_CUR) {
		l->l_start += here;
		l->l_whence = SEEK_SET;
	}
	return 0;
}

/* *l is then the lock that is in the way, or is of type F_UNLCK. */
static long query(int host, struct flock *l, const struct statx *st)
{
	long error = disk_lock(host, l, true);

	if (!error && l->l_type != F_UNLCK && l->l_pid == -1)
		l->l_pid = holder(l, st);
	return error;
}

/* Files that only the kernel has are locked by nobody else: granted. */
static long apply(struct file *f, int command, struct flock *l)
{
	struct statx st;
	struct flock asked;
	int host = f->host;
	long answer = absolute(f, l);

	if (answer)
		return answer;
	if (host < 0 || f->ops->stat(f, &st) != 0 || !is_lockable(&st)) {
		l->l_type = is_query(command) ? F_UNLCK : l->l_type;
		return 0;
	}
	if (is_of_process(command))
		host = host_of(f, &st);
	if (host < 0)
		return host;
	asked = *l;
	asked.l_pid = 0;
	if (!is_query(command))
		return until_free(ask_lock, host, &asked, command == F_SETLKW || command == F_OFD_SETLKW);
	answer = query(host, &asked, &st);
	if (asked.l_type == F_UNLCK)
		l->l_type = F_UNLCK; /* and nothing else changes */
	else
		*l = asked;
	return answer;
}

long lock_fcntl(struct file *f, int command, uintptr_t at)
{
	struct flock l;
	long answer;

	if (copy_in(&l, at, sizeof l) != 0)
		return -EFAULT;
	answer = check(f, command, &l);
	if (!answer)
		answer = apply(f, command, &l);
	return !answer && is_query(command) ? copy_out(at, &l, sizeof l) : answer;
}

long sys_flock(const uint64_t *a)
{
	int operation = (int)a[1] & ~LOCK_NB, now = operation | LOCK_NB;
	struct file *f = file_get((int)a[0]);

	if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN)
		return -EINVAL;
	if (!f)
		return -EBADF;
	return f->host < 0 || pipe_is(f) ? 0 : until_free(ask_flock, f->host, &now, !((int)a[1] & LOCK_NB));
}
