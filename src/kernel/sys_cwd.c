/* The current directory, and closing many descriptors at once. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

/* Takes over the use of `f`, also on failure. */
static long change_to(struct file *f)
{
	struct proc *p = current_proc();
	long error = f->ops->entries ? 0 : -ENOTDIR;

	if (!error && f->host >= 0)
		error = disk_access(f->host, "", MAY_SEARCH);
	if (!error) {
		struct file *before = p->cwd;

		p->cwd = f;
		f = before;
	}
	file_release(f);
	return error;
}

long sys_chdir(const uint64_t *a)
{
	char name[PATH_MAX];
	long error = string_in(name, a[0], sizeof name);
	struct file *f;

	if (error < 0)
		return error;
	error = file_open(current_proc(), AT_FDCWD, name, O_PATH | O_DIRECTORY, 0, &f);
	return error ? error : change_to(f);
}

long sys_fchdir(const uint64_t *a)
{
	struct file *f = file_get_any((int)a[0]);

	if (!f)
		return -EBADF;
	f->uses++;
	return change_to(f);
}

/* Unlike libc's, the call returns the name's length, NUL included. */
long sys_getcwd(const uint64_t *a)
{
	struct place at;
	char name[PATH_MAX];
	ssize_t n = file_where(current_proc()->cwd, &at);

	if (!n)
		n = place_name(&at, name, sizeof name);
	if (n < 0)
		return n;
	if ((uint64_t)n + 1 > a[1])
		return -ERANGE;
	return copy_out(a[0], name, (size_t)n + 1) ? -EFAULT : n + 1;
}

long sys_close_range(const uint64_t *a)
{
	unsigned first = (unsigned)a[0], last = (unsigned)a[1], flags = (unsigned)a[2];

	if (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	for (unsigned fd = first; fd <= last && fd < FD_MAX; fd++)
		if (flags & CLOSE_RANGE_CLOEXEC)
			current_proc()->cloexec[fd] = true;
		else
			file_close((int)fd);
	return 0;
}
