/*
 * A directory in memory that nobody else has. Best is a file system without a
 * name: it is gone with its last descriptor, however uos ends. Mounting one
 * takes rights that a user has in a user namespace of his own, so a helper
 * enters one, mounts, and leaves the descriptor in the table that it shares
 * with us. Where that is forbidden, a directory in /dev/shm, removed at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/disk.h"
#include "machine/hw.h"

#define HELPER_FAILED 255

static char fallback[] = "/dev/shm/uos-XXXXXX";
static bool in_fallback;

static int mount_memory(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), fd = -1;

	if (fs < 0)
		return -1;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "1777", 0) == 0 &&
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	close(fs);
	return fd;
}

static bool write_text(const char *file, const char *text, int length)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, (size_t)length) == length;

	if (fd >= 0)
		close(fd);
	return done;
}

/* In the new namespace we are still who we were: else what we create in it would be nobody's. */
static bool map_self(unsigned uid, unsigned gid)
{
	char line[64];

	return write_text("/proc/self/setgroups", "deny", 4) &&
	       write_text("/proc/self/uid_map", line, snprintf(line, sizeof line, "%u %u 1", uid, uid)) &&
	       write_text("/proc/self/gid_map", line, snprintf(line, sizeof line, "%u %u 1", gid, gid));
}

/* The helper's exit status is the descriptor's number. It has a copy of our memory, and of our descriptors the very table. */
static int mount_by_helper(void)
{
	struct clone_args how = { .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_FILES, .exit_signal = SIGCHLD };
	unsigned uid = geteuid(), gid = getegid();
	int status, fd;
	pid_t helper = (pid_t)syscall(SYS_clone3, &how, sizeof how);

	if (helper == 0) {
		fd = map_self(uid, gid) ? mount_memory() : -1;
		_exit(fd >= 0 && fd < HELPER_FAILED ? fd : HELPER_FAILED);
	}
	if (helper < 0)
		return -1;
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) != HELPER_FAILED ? WEXITSTATUS(status) : -1;
}

static int make_fallback(void)
{
	int fd;

	if (!mkdtemp(fallback))
		return -errno;
	in_fallback = true;
	fd = open(fallback, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int disk_private(void)
{
	int fd = mount_memory();

	if (fd < 0)
		fd = mount_by_helper();
	return fd < 0 ? make_fallback() : fd;
}

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)where;
	if (kind == FTW_DNR)
		chmod(name, 0700);
	remove(name);
	return 0;
}

void disk_private_remove(void)
{
	if (in_fallback)
		nftw(fallback, remove_one, 64, FTW_DEPTH | FTW_PHYS);
	in_fallback = false;
}
