/* pipe and pipe2. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "kernel/file.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

/* Both ends with descriptors, or nothing. */
static long install(struct file *ends[2], bool cloexec, uintptr_t to)
{
	int fds[2];

	fds[0] = file_install(ends[0], 0, cloexec);
	if (fds[0] < 0) {
		file_release(ends[1]);
		return fds[0];
	}
	fds[1] = file_install(ends[1], 0, cloexec);
	if (fds[1] >= 0 && copy_out(to, fds, sizeof fds) == 0)
		return 0;
	file_close(fds[0]);
	if (fds[1] < 0)
		return fds[1];
	file_close(fds[1]);
	return -EFAULT;
}

static long make(uintptr_t to, int flags)
{
	struct file *ends[2];
	int error = pipe_make(flags, ends);

	return error ? error : install(ends, flags & O_CLOEXEC, to);
}

long sys_pipe(const uint64_t *a)
{
	return make(a[0], 0);
}

long sys_pipe2(const uint64_t *a)
{
	return (int)a[1] & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT) ? -EINVAL : make(a[0], (int)a[1]);
}
