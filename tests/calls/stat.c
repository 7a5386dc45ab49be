/* calls: stat lstat fstat newfstatat statx; as: nobody */
#include "say.h"

#define NO_FLAG 0x8000000

static void one(const char *name, int dirfd, int flags)
{
	struct stat st;

	if (told("fstatat %d %s, %x", call_of(SYS_newfstatat, (long[8]){ 0, dirfd, (long)name, (long)&st, flags }), dirfd, name, flags) == 0)
		say_stat("", &st);
}

static void extended(const char *name, int dirfd, int flags, unsigned mask)
{
	struct statx x;
	struct stat st;

	memset(&x, 0xaa, sizeof x);
	if (told("statx %d %s, %x %x", call_of(SYS_statx, (long[8]){ 0, dirfd, (long)name, flags, mask, (long)&x }), dirfd, name, flags, mask))
		return;
	say("has %x mode %o uid %u gid %u blksize %u device %u\n", x.stx_mask & mask & STATX_BASIC_STATS, x.stx_mode, x.stx_uid, x.stx_gid,
	    x.stx_blksize, x.stx_rdev_major + x.stx_rdev_minor);
	if (!S_ISDIR(x.stx_mode) && (mask & STATX_BASIC_STATS) == STATX_BASIC_STATS) /* what was not asked for may be there or not */
		say("links %u size %llu blocks %d mtime %lld.%u\n", x.stx_nlink, (unsigned long long)x.stx_size, x.stx_blocks > 0,
		    (long long)x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec);
	if (fstatat(dirfd, name, &st, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) == 0)
		say("the same file: %d\n", st.st_ino == x.stx_ino && st.st_dev == ((dev_t)x.stx_dev_major << 8 | x.stx_dev_minor));
}

int main(void)
{
	static const char *const each[] = {
		"file", "file/", "file/.", "dir", "dir/", "dir/.", "dirlink", "dirlink/", "link", "link/", "dangling", "dangling/", "loop", "c1", "c2",
		"slashed", "slashed/", "absolute", "dir/here/here/up", "dir/here/../link", "ro", "none", "locked/secret", "locked", "hard1", "big",
		"dir/../file", "missing/../file", "file/../file", "", "dirlink/../file", "dir/sub/../../file", "sticky", "many/e49", "many/e50",
	};
	static const int flags[] = { 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH };
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("ro", O_PATH), link = open("link", O_PATH | O_NOFOLLOW), gone;
	char *edge = edge_pages();
	struct stat a, b;

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
			one(each[i], AT_FDCWD, flags[k]);
	for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
		int fds[] = { dir, file, path, link, -1, 99 };

		for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
			one("", fds[i], flags[k]);
			one("inner", fds[i], flags[k]);
		}
	}
	one("file", AT_FDCWD, NO_FLAG);
	one("missing", AT_FDCWD, NO_FLAG);
	one("file", AT_FDCWD, AT_REMOVEDIR);
	CALL(stat, "file", BAD);
	CALL(stat, "missing", BAD);
	CALL(stat, "file", edge + GUARD - 100);
	CALL(stat, "file", edge + GUARD - sizeof(struct stat));
	CALL(lstat, "link", edge + READABLE);
	CALL(fstat, file, BAD);
	CALL(fstat, -1, BAD);
	CALL(fstat, path, edge);
	CALL(fstat, AT_FDCWD, edge);

	extended("file", AT_FDCWD, 0, STATX_BASIC_STATS);
	extended("file", AT_FDCWD, 0, 0);
	extended("big", AT_FDCWD, 0, STATX_ALL);
	extended("file", AT_FDCWD, AT_STATX_FORCE_SYNC, STATX_TYPE);
	extended("file", AT_FDCWD, AT_STATX_DONT_SYNC, STATX_SIZE);
	extended("file", AT_FDCWD, AT_STATX_DONT_SYNC | AT_STATX_FORCE_SYNC, STATX_SIZE);
	extended("file", AT_FDCWD, 0, 0x80000000);
	extended("file", AT_FDCWD, NO_FLAG, STATX_SIZE);
	extended("missing", AT_FDCWD, NO_FLAG, STATX_SIZE);
	extended("link", AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS);
	extended("", file, AT_EMPTY_PATH, STATX_BASIC_STATS);
	extended("", path, AT_EMPTY_PATH, STATX_BASIC_STATS);
	extended("", link, AT_EMPTY_PATH, STATX_BASIC_STATS);
	extended("", file, 0, STATX_BASIC_STATS);
	extended("inner", dir, 0, STATX_BASIC_STATS);
	extended("inner", file, 0, STATX_BASIC_STATS);
	extended("inner", -1, 0, STATX_BASIC_STATS);
	CALL(statx, AT_FDCWD, "file", 0, STATX_BASIC_STATS, BAD);

	TRY(stat("hard1", &a));
	TRY(stat("hard2", &b));
	say("one file: %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	TRY(fstat(file, &a));
	TRY(stat("link", &b));
	say("one file: %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	TRY(stat(".", &a));
	TRY(stat("dir/..", &b));
	say("one directory: %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	gone = open("gone", O_RDWR | O_CREAT, 0600);
	unlink("gone");
	one("", gone, AT_EMPTY_PATH);
	CALL(fstat, gone, edge);
	return 0;
}
