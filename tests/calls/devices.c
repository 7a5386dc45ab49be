/* calls: open read write lseek pread64 readlink lstat; stdin: what a pipe holds */
#include "say.h"

#define SIZE 5000

static void device(const char *name, long flags)
{
	static char bytes[SIZE];
	int zeros = 0;
	struct stat st;
	long fd = told("open %s flags %#lo", open(name, (int)flags, 0600), name, flags), n;

	if (fd < 0)
		return;
	if (fstat((int)fd, &st) == 0)
		say("type %o rdev %x size %lld\n", st.st_mode & S_IFMT, (unsigned)st.st_rdev, (long long)st.st_size);
	memset(bytes, 'x', sizeof bytes);
	n = told("read", read((int)fd, bytes, SIZE));
	for (long i = 0; i < n; i++)
		zeros += !bytes[i];
	say("zeros: %s\n", zeros == 0 ? "none" : zeros == n ? "all" : zeros < 100 ? "some" : "many");
	told("read of nothing", read((int)fd, bytes, 0));
	told("write", write((int)fd, "written", 7));
	told("lseek to 100", lseek((int)fd, 100, SEEK_SET));
	told("lseek by 5", lseek((int)fd, 5, SEEK_CUR));
	told("pread", pread((int)fd, bytes, 10, 1000));
	told("pwrite", pwrite((int)fd, bytes, 10, 1000));
	told("truncate", ftruncate((int)fd, 0));
	told("getdents", syscall(SYS_getdents64, fd, bytes, SIZE));
	told("close", close((int)fd));
}

static void each(void)
{
	static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
	static const long flags[] = {O_RDONLY, O_WRONLY, O_RDWR | O_TRUNC | O_APPEND, O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_RDWR, O_DIRECTORY,
				     O_NOFOLLOW, O_RDONLY | O_NONBLOCK};
	char name[32];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t f = 0; f < sizeof flags / sizeof *flags; f++) {
			snprintf(name, sizeof name, "/dev/%s", names[i]);
			if (strcmp(names[i], "random") || flags[f] != (O_RDONLY | O_NONBLOCK))
				device(name, flags[f]);
		}
}

static void links(void)
{
	static const char *const names[] = {"/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/null", "/dev/none"};
	char text[100];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		long n = told("readlink %s", readlink(names[i], text, sizeof text), names[i]);

		if (n > 0)
			say_bytes("it says", text, n);
	}
	TRY(open("/dev/stdin", O_RDONLY | O_NOFOLLOW));
	TRY(open("/dev/null/", O_RDONLY));
	TRY(open("/dev/null/x", O_RDONLY));
	TRY(open("/dev/none", O_RDONLY));
	TRY(open("/dev/../dev/./null", O_RDONLY));
	TRY(open("/dev", O_WRONLY));
	TRY(open("/dev", O_RDONLY | O_DIRECTORY));
	TRY(open("/dev", O_RDONLY | O_CREAT, 0600));
	TRY(read(open("/dev", O_RDONLY), text, sizeof text));
	TRY(chdir("/dev"));
	TRY(open("null", O_RDONLY));
	TRY(open("../dev/zero", O_RDONLY));
}

static void standard(void)
{
	char text[10];
	int in = (int)TRY(open("/dev/stdin", O_RDONLY));

	TRY(read(in, text, 4));
	say_bytes("from the pipe", text, 4);
	TRY(read(0, text, 5));
	say_bytes("and on", text, 5);
	TRY(lseek(in, 0, SEEK_CUR));
	TRY(fcntl(in, F_GETFD));
	TRY(close(in));
	TRY(read(0, text, 5));
	TRY(write((int)TRY(open("/dev/stdout", O_WRONLY)), "to stdout\n", 10));
}

int main(void)
{
	each();
	links();
	standard();
	return 0;
}
