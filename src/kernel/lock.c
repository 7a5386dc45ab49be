/*
 * Locks of files: the host's, so that other processes of the host see them.
 * Those of an open file are the open file's there. Those of a process (POSIX)
 * would all be uos's own there, one guest's no different from another's; so a
 * process that locks a file has it opened once more, for its locks alone, and
 * they are that open file's. What waits for a lock asks when a guest has given
 * one up, and again and again beside: the host would have to stop all of uos to
 * tell of its own processes'.
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

static const char released; /* who waits for a lock sleeps on this */
static int waiting;

void locks_released(void)
{
	if (waiting)
		sched_wakeup(&released);
}

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
	locks_released();
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

/* A lock that is asked for. Its host is looked up each time: another thread may have closed a descriptor of the file meanwhile. */
struct asking {
	struct file *f;
	const struct statx *st;
	bool of_process;
	struct flock lock;
};

static int host_for(const struct asking *a)
{
	return a->of_process ? host_of(a->f, a->st) : a->f->host;
}

/* Does whoever has it wait for a lock of this process, be it by others who wait for each other? */
static bool would_deadlock(const struct asking *a)
{
	struct proc *own = current_proc(), *p = own;
	struct flock l = a->lock;

	if (!a->of_process || query(host_for(a), &l, a->st) != 0 || l.l_type == F_UNLCK || l.l_pid <= 0)
		return false;
	own->facts.lock_awaited = l.l_pid;
	for (uint64_t hops = proc_count(); p && p->facts.lock_awaited && hops > 0; hops--) {
		p = proc_find(p->facts.lock_awaited);
		if (p == own)
			return true;
	}
	return false;
}

static int ask_lock(const struct asking *a)
{
	struct flock l = a->lock;
	int host = host_for(a);

	l.l_pid = 0;
	return host < 0 ? host : disk_lock(host, &l, false);
}

/* Until the next is given up, and at most for so long. */
static int wait_for_release(uint64_t *pause)
{
	int error;

	waiting++;
	error = sched_block(&released, clock_now() + *pause);
	waiting--;
	if (*pause < LAST_PAUSE)
		*pause *= 2;
	return error == -EINTR ? error : 0;
}

static long set_lock(const struct asking *a, bool wait)
{
	uint64_t pause = FIRST_PAUSE;
	long answer;

	while ((answer = ask_lock(a)) == -EAGAIN && wait) {
		answer = would_deadlock(a) ? -EDEADLK : wait_for_release(&pause);
		current_proc()->facts.lock_awaited = 0;
		if (answer)
			return answer;
	}
	if (!answer && a->lock.l_type != F_WRLCK)
		locks_released();
	return answer;
}

/* Files that only the kernel has are locked by nobody else: granted. */
static long apply(struct file *f, int command, struct flock *l)
{
	struct statx st;
	struct asking a = { .f = f, .st = &st, .of_process = is_of_process(command) };
	long answer = absolute(f, l);

	if (answer)
		return answer;
	if (f->host < 0 || f->ops->stat(f, &st) != 0 || !is_lockable(&st)) {
		l->l_type = is_query(command) ? F_UNLCK : l->l_type;
		return 0;
	}
	a.lock = *l;
	a.lock.l_pid = 0;
	if (!is_query(command))
		return set_lock(&a, command == F_SETLKW || command == F_OFD_SETLKW);
	answer = host_for(&a);
	if (answer >= 0)
		answer = query((int)answer, &a.lock, &st);
	if (a.lock.l_type == F_UNLCK)
		l->l_type = F_UNLCK; /* and nothing else changes */
	else
		*l = a.lock;
	return answer;
}

long lock_fcntl(struct file *f, int command, uintptr_t at)
{
	struct flock l;
	long answer;

	if (copy_in(&l, at, sizeof l) != 0)
		return -EFAULT;
	answer = check(f, command, &l);
	if (answer)
		return answer;
	f->uses++; /* another thread may close it meanwhile */
	answer = apply(f, command, &l);
	file_release(f);
	return !answer && is_query(command) ? copy_out(at, &l, sizeof l) : answer;
}

static long set_flock(struct file *f, int operation, bool wait)
{
	uint64_t pause = FIRST_PAUSE;
	long answer;

	while ((answer = disk_flock(f->host, operation | LOCK_NB)) == -EAGAIN && wait) {
		answer = wait_for_release(&pause);
		if (answer)
			return answer;
	}
	if (!answer && operation != LOCK_EX)
		locks_released();
	return answer;
}

long sys_flock(const uint64_t *a)
{
	int operation = (int)a[1] & ~LOCK_NB;
	struct file *f = file_get((int)a[0]);
	long answer;

	if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN)
		return -EINVAL;
	if (!f)
		return -EBADF;
	if (f->host < 0 || pipe_is(f))
		return 0;
	f->uses++;
	answer = set_flock(f, operation, !((int)a[1] & LOCK_NB));
	file_release(f);
	return answer;
}
