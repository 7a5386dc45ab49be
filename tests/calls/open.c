/* calls: open openat creat close fstat; as: nobody */
#include "say.h"

static void stat_of(long fd)
{
	struct stat st;

	if (fd >= 0 && fstat((int)fd, &st) == 0)
		say_stat("it is", &st);
}

/* Opens it, says what it is, whether it can be read and written, and closes it again. */
static void opened(const char *name, long flags, long mode)
{
	char byte;
	long fd = told("open %.40s flags %#lo mode %lo", syscall(SYS_open, name, flags, mode), name, flags, mode);

	if (fd < 0)
		return;
	stat_of(fd);
	told("read", read((int)fd, &byte, 1));
	told("write", write((int)fd, "w", 1));
	told("F_GETFL", fcntl((int)fd, F_GETFL) & ~O_LARGEFILE);
	told("close", close((int)fd));
}

static void access_modes(void)
{
	static const char *const names[] = {"file", "ro", "none", "dir", "link", "dirlink", "locked", "locked/secret", "script"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (long mode = 0; mode < 4; mode++)
			opened(names[i], mode, 0);
}

static void creating(void)
{
	opened("new1", O_CREAT | O_WRONLY, 0666);
	opened("new2", O_CREAT | O_RDWR | O_EXCL, 07777);
	opened("new2", O_CREAT | O_RDWR | O_EXCL, 0666);
	opened("new3", O_CREAT | O_RDWR, 0);	/* the descriptor can write all the same */
	opened("new3", O_CREAT | O_RDWR, 0);
	opened("new4", O_CREAT | O_RDWR, 0xfffff000l | 0600);
	opened("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600);
	opened("dangling", O_CREAT | O_WRONLY, 0600);
	look("nowhere");
	opened("link", O_CREAT | O_EXCL | O_WRONLY, 0600);
	opened("dir", O_CREAT | O_RDONLY, 0600);
	opened("dirlink", O_CREAT | O_RDWR, 0600);
	opened("newdir/", O_CREAT | O_RDWR, 0600);
	opened("file/", O_CREAT | O_RDWR, 0600);
	opened("dir/", O_CREAT | O_RDWR, 0600);
	opened("missing/new", O_CREAT | O_RDWR, 0600);
	opened("file/new", O_CREAT | O_RDWR, 0600);
	opened("loop", O_CREAT | O_RDWR, 0600);
	opened(".", O_CREAT | O_RDWR, 0600);
	opened("dir/..", O_CREAT | O_RDWR, 0600);
	opened("locked/new", O_CREAT | O_RDWR, 0600);
	opened("sticky/new", O_CREAT | O_RDWR, 0600);
	opened("dir/here/here/new", O_CREAT | O_RDWR, 0640);
	opened("dir/up", O_CREAT | O_RDWR, 0640);
	opened("hard1", O_TRUNC | O_RDONLY, 0);
	opened("hard2", O_RDONLY, 0);
	opened("ro", O_TRUNC | O_RDONLY, 0);
	opened("big", O_TRUNC | O_WRONLY, 0);
	TRY(creat("created", 0751));
	CALL(creat, "created", 0600);
	CALL(creat, "dir", 0600);
}

static void kinds(void)
{
	opened("dir", O_DIRECTORY, 0);
	opened("dirlink", O_DIRECTORY, 0);
	opened("file", O_DIRECTORY, 0);
	opened("link", O_NOFOLLOW, 0);
	opened("link", O_NOFOLLOW | O_PATH, 0);
	opened("link", O_PATH, 0);
	opened("dirlink", O_NOFOLLOW, 0);
	opened("dirlink", O_NOFOLLOW | O_DIRECTORY, 0);
	opened("dirlink/", O_NOFOLLOW, 0);
	opened("dirlink/.", O_NOFOLLOW, 0);
	opened("dir", O_NOFOLLOW, 0);
	opened("dir", O_PATH | O_DIRECTORY, 0);
	opened("file", O_PATH | O_DIRECTORY, 0);
	opened("file", O_PATH | O_RDWR | O_TRUNC, 0);
	opened("none", O_PATH, 0);
	opened("nothing", O_PATH | O_CREAT, 0600);
	opened("file", O_APPEND | O_WRONLY, 0);
	opened("file", O_APPEND | O_RDWR | O_NONBLOCK | O_SYNC, 0);
	opened("file", O_CLOEXEC | O_NOCTTY | O_ASYNC, 0);
	opened("file", O_NOATIME, 0);
	opened("file", 0x40000000, 0);
	opened("absolute", 0, 0);
	opened("slashed", 0, 0);
	opened(".", O_TMPFILE | O_RDWR, 0600);
	opened(".", O_TMPFILE, 0600);
	opened("file", O_TMPFILE | O_RDWR, 0600);
}

/* What the name says is a directory; what is open is not. */
static void without_name(const char *directory)
{
	long fd = open(directory, O_TMPFILE | O_RDWR, 0600);
	char text[8] = "";
	struct stat st;

	told("write to a file in %s", write(fd, "text", 4), directory);
	told("read in %s", pread(fd, text, sizeof text, 0), directory);
	fstat(fd, &st);
	say("%s, %o, %ld links\n", text, st.st_mode, (long)st.st_nlink);
	CALL(getdents64, fd, text, sizeof text);
	close(fd);
}

static void beneath(void)
{
	long dir = TRY(open("dir", O_RDONLY)), path = TRY(open("dir", O_PATH)), file = TRY(open("file", O_RDONLY));
	char absolute[4096];

	stat_of(CALL(openat, dir, "inner", 0));
	stat_of(CALL(openat, path, "sub/deep", 0));
	stat_of(CALL(openat, path, "../file", 0));
	stat_of(CALL(openat, path, "up", 0));
	CALL(openat, dir, "new", O_CREAT | O_WRONLY, 0644);
	CALL(openat, dir, "", 0);
	CALL(openat, dir, "", O_PATH);
	CALL(openat, file, "inner", 0);
	CALL(openat, file, "", 0);
	CALL(openat, file, ".", 0);
	CALL(openat, NO_FD, "file", 0);
	CALL(openat, -1, "file", 0);
	CALL(openat, AT_FDCWD, "file", 0);
	CALL(openat, 0xffffff9cl, "file", 0);
	CALL(openat, 0, "file", 0);
	CALL(openat, NO_FD, "", 0);
	CALL(openat, NO_FD, BAD, 0);
	if (getcwd(absolute, sizeof absolute - 8)) {
		strcat(absolute, "/file");
		CALL(openat, NO_FD, absolute, 0);
		CALL(openat, file, absolute, 0);
	}
}

static void closing(void)
{
	long fd = TRY(open("dir", O_RDONLY));

	TRY(close(fd));
	TRY(close(fd));
	CALL(close, -1);
	CALL(close, 0x7fffffffl);
	CALL(close, 0x80000000l);
	CALL(close, 1024);
	fd = open("file", O_RDONLY);
	CALL(close, fd | 0x500000000l);
	CALL(close, fd);
}

int main(void)
{
	access_modes();
	creating();
	kinds();
	without_name(".");
	without_name("/tmp");
	closing();
	beneath();
	return 0;
}
