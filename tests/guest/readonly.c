/* What every changing call answers in ./ro, a read-only mount, and between it and ./rw: tests/e2e/test_readonly.py. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

static const char *const names[] = {
	"ro/file", "ro/dir", "ro/link", "ro/dangling", "ro/missing", "ro/file/", "ro/dir/", "ro/missing/", "ro/link/",
	"ro/dir/.", "ro/dir/..", "ro", "ro/.", "ro/missing/x", "ro/file/x", "ro/looping", "ro/dir/inner", "ro/full",
};

static void say(const char *call, const char *name, long result)
{
	dprintf(1, "%s %s: %s\n", call, name, result < 0 ? strerrorname_np(errno) : "ok");
}

static void by_name(const char *n)
{
	static const struct timespec wrong[2] = { { 0, -1 }, { 0, 0 } }, omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	char text[16];
	int fd;

	say("mkdir", n, mkdir(n, 0777));
	say("rmdir", n, rmdir(n));
	say("unlink", n, unlink(n));
	say("mknod", n, mknod(n, S_IFREG | 0666, 0));
	say("mknod fifo", n, mknod(n, S_IFIFO | 0666, 0));
	say("symlink", n, symlink("x", n));
	say("symlink empty", n, symlink("", n));
	say("chmod", n, chmod(n, 0700));
	say("chown", n, chown(n, 1, 1));
	say("lchown", n, lchown(n, 1, 1));
	say("chown -1", n, chown(n, (uid_t)-1, (gid_t)-1));
	say("utime", n, utime(n, NULL));
	say("utimensat wrong", n, utimensat(AT_FDCWD, n, wrong, 0));
	say("utimensat omit", n, utimensat(AT_FDCWD, n, omit, 0));
	say("lutimes", n, lutimes(n, NULL));
	say("truncate", n, truncate(n, 1));
	say("truncate -1", n, truncate(n, -1));
	for (int mode = 0; mode < 8; mode++)
		say("access", n, access(n, mode));
	say("setxattr", n, setxattr(n, "user.a", "1", 1, 0));
	say("lsetxattr", n, lsetxattr(n, "user.a", "1", 1, 0));
	say("setxattr flag", n, setxattr(n, "user.a", "1", 1, 77));
	say("removexattr", n, removexattr(n, "user.a"));
	say("getxattr", n, getxattr(n, "user.a", text, sizeof text));
	for (int flags = 0; flags < 2; flags++) {
		say("open w", n, fd = open(n, O_WRONLY | flags * O_TRUNC));
		say("open creat", n, fd = open(n, O_RDONLY | O_CREAT | flags * O_EXCL, 0666));
		if (fd >= 0)
			close(fd);
	}
}

static void by_two(const char *a, const char *b)
{
	char both[64];

	snprintf(both, sizeof both, "%s %s", a, b);
	say("rename", both, rename(a, b));
	for (unsigned flags = 1; flags < 8; flags++)
		if (flags != 4)
			say("renameat2", both, renameat2(AT_FDCWD, a, AT_FDCWD, b, flags));
	say("link", both, link(a, b));
	say("linkat follow", both, linkat(AT_FDCWD, a, AT_FDCWD, b, AT_SYMLINK_FOLLOW));
}

static void by_descriptor(const char *name, int flags)
{
	int fd = open(name, flags);
	struct statvfs v;

	say("open", name, fd);
	say("fchmod", name, fchmod(fd, 0700));
	say("fchown", name, fchown(fd, 1, 1));
	say("fchownat", name, fchownat(fd, "", 1, 1, AT_EMPTY_PATH));
	say("futimens", name, futimens(fd, NULL));
	say("ftruncate", name, ftruncate(fd, 1));
	say("ftruncate -1", name, ftruncate(fd, -1));
	say("fallocate", name, fallocate(fd, 0, 0, 100));
	say("fsetxattr", name, fsetxattr(fd, "user.a", "1", 1, 0));
	say("fremovexattr", name, fremovexattr(fd, "user.a"));
	say("fchmodat2", name, syscall(452, fd, "", 0700, AT_EMPTY_PATH));
	say("linkat", name, linkat(fd, "", AT_FDCWD, "rw/new", AT_EMPTY_PATH));
	say("mkdirat", name, mkdirat(fd, "new", 0777));
	say("unlinkat", name, unlinkat(fd, "inner", 0));
	say("fstatvfs", name, fstatvfs(fd, &v));
	dprintf(1, "read-only: %d\n", !!(v.f_flag & ST_RDONLY));
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		by_name(names[i]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		by_two(names[i], "ro/new");
		by_two(names[i], "ro/file");
		by_two("ro/dir", names[i]);
		by_two("ro/file", names[i]);
		by_two(names[i], "rw/new");
		by_two("rw/file", names[i]);
	}
	by_descriptor("ro/file", O_RDONLY);
	by_descriptor("ro/dir", O_RDONLY | O_DIRECTORY);
	by_descriptor("ro/file", O_PATH);
	by_descriptor("ro/link", O_PATH | O_NOFOLLOW);
	return 0;
}
