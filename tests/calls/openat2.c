/* calls: openat2; as: nobody */
#include <linux/openat2.h>

#include "say.h"

/* Linux answers EAGAIN to a ".." where anybody on the machine renames or mounts meanwhile. */
static long patiently(long dir, const char *name, struct open_how *how)
{
	long fd = -1;

	for (int i = 0; i < 1000 && (i == 0 || (fd < 0 && errno == EAGAIN)); i++)
		fd = syscall(SYS_openat2, dir, name, how, sizeof *how);
	return fd;
}

static void opened(long dir, const char *name, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
	struct stat st;
	long fd = told("openat2 %.40s flags %#lo mode %lo resolve %#lx", patiently(dir, name, &how), name,
		       (long)flags, (long)mode, (long)resolve);

	if (fd < 0)
		return;
	if (fstat((int)fd, &st) == 0)
		say_stat("it is", &st);
	told("F_GETFL", fcntl((int)fd, F_GETFL) & ~O_LARGEFILE);
	told("F_GETFD", fcntl((int)fd, F_GETFD));
	close((int)fd);
}

static void flags(void)
{
	opened(AT_FDCWD, "file", O_RDONLY, 0, 0);
	opened(AT_FDCWD, "file", O_RDWR | O_CLOEXEC | O_APPEND, 0, 0);
	opened(AT_FDCWD, "file", O_RDONLY, 0644, 0);
	opened(AT_FDCWD, "new", O_CREAT | O_WRONLY, 0640, 0);
	opened(AT_FDCWD, "new2", O_CREAT | O_WRONLY, 010640, 0);
	opened(AT_FDCWD, "new2", O_CREAT | O_WRONLY, 1ul << 32, 0);
	opened(AT_FDCWD, "file", 1ul << 40, 0, 0);
	opened(AT_FDCWD, "file", 0x40000000, 0, 0);
	opened(AT_FDCWD, "file", O_PATH, 0, 0);
	opened(AT_FDCWD, "file", O_PATH | O_RDWR, 0, 0);
	opened(AT_FDCWD, "file", O_PATH | O_APPEND, 0, 0);
	opened(AT_FDCWD, "link", O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, 0);
	opened(AT_FDCWD, "dir", O_CREAT | O_DIRECTORY, 0755, 0);
	opened(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600, 0);
	opened(AT_FDCWD, ".", O_TMPFILE, 0600, 0);
	opened(AT_FDCWD, "file", O_RDONLY, 0, 1ul << 40);
	opened(AT_FDCWD, "file", O_RDONLY, 0, 0x40);
	opened(AT_FDCWD, "file", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT);
	opened(NO_FD, "file", O_RDONLY, 0, 0);
}

/* Each way of resolving, with names that cross what it forbids. */
static void resolving(long dir)
{
	static const char *const names[] = {"inner", "sub/deep", "sub/../inner", "..", "../dir/inner", "sub/../../file", "up", "here/inner",
					    "here/sub/../inner", "/", "/etc", "in-root", "in-root-up", "../../../inner", ".", "missing", "nothing/x"};
	static const uint64_t resolve[] = {RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT,
					   RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	TRY(symlinkat("/inner", (int)dir, "in-root"));
	TRY(symlinkat("../../../inner", (int)dir, "in-root-up"));
	for (size_t r = 0; r < sizeof resolve / sizeof *resolve; r++)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			opened(dir, names[i], O_RDONLY, 0, resolve[r]);
	opened(dir, "up", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS);
	opened(dir, "/made", O_CREAT | O_WRONLY, 0600, RESOLVE_IN_ROOT);
	opened(dir, "../made2", O_CREAT | O_WRONLY, 0600, RESOLVE_IN_ROOT);
	opened(dir, "../made3", O_CREAT | O_WRONLY, 0600, RESOLVE_BENEATH);
	opened(dir, "sub/deep", O_RDONLY, 0, RESOLVE_NO_XDEV);
	opened(dir, "/dev/null", O_RDONLY, 0, RESOLVE_NO_XDEV);
	opened(AT_FDCWD, "/proc/self/fd/0", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS);
	opened(AT_FDCWD, "/proc/self/fd/0", O_RDONLY, 0, RESOLVE_NO_SYMLINKS);
	opened(AT_FDCWD, "made4", O_CREAT | O_WRONLY, 0600, RESOLVE_CACHED);
}

static void sizes(char *edge)
{
	struct { struct open_how how; uint64_t more[4]; } larger = {0};

	CALL(openat2, AT_FDCWD, "file", &larger, 0);
	CALL(openat2, AT_FDCWD, "file", &larger, 23);
	CALL(close, CALL(openat2, AT_FDCWD, "file", &larger, sizeof larger));
	larger.more[3] = 1;
	CALL(openat2, AT_FDCWD, "file", &larger, sizeof larger);
	CALL(openat2, AT_FDCWD, "file", &larger, 4097);
	CALL(openat2, AT_FDCWD, "file", BAD, 24);
	CALL(openat2, AT_FDCWD, "file", edge + GUARD - 24, 24);
	CALL(openat2, AT_FDCWD, "file", edge + GUARD - 23, 24);
	CALL(openat2, AT_FDCWD, "file", edge + GUARD - 24, 25);
	CALL(openat2, AT_FDCWD, BAD, edge + GUARD - 24, 24);
	CALL(openat2, AT_FDCWD, BAD, BAD, 3);
}

int main(void)
{
	long dir = open("dir", O_PATH);

	flags();
	resolving(dir);
	sizes(edge_pages());
	return 0;
}
