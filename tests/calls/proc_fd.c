/* calls: open openat stat readlink chdir unlink lseek; as: nobody; stdin: piped */
#include "say.h"

static char name[64];

static const char *of(long fd, const char *more)
{
	snprintf(name, sizeof name, "/proc/self/fd/%ld%s", fd, more);
	return name;
}

/* Opens what the descriptor is once more: a new open file, at the beginning. */
static void again(const char *what, long fd, int flags)
{
	char text[8] = "";
	struct stat st, other;
	long new = told("%s again, flags %#o", open(of(fd, ""), flags, 0600), what, flags), n;

	if (new < 0)
		return;
	told("the same", fstat((int)fd, &st) || fstat((int)new, &other) || st.st_ino != other.st_ino || st.st_dev != other.st_dev);
	n = told("read", read((int)new, text, 4));
	if (n > 0)
		say_bytes("bytes", text, n);
	told("write", write((int)new, "w", 1));
	told("where", lseek((int)new, 0, SEEK_CUR));
	told("the other is", lseek((int)fd, 0, SEEK_CUR));
	close((int)new);
}

static void all(const char *what, long fd)
{
	struct stat st;

	say("%s\n", what);
	told("stat", stat(of(fd, ""), &st));
	say_stat("it is", &st);
	told("lstat", lstat(of(fd, ""), &st));
	say("a link: %d\n", S_ISLNK(st.st_mode));
	again(what, fd, O_RDONLY);
	again(what, fd, O_WRONLY);
	again(what, fd, O_RDWR | O_APPEND);
	again(what, fd, O_RDONLY | O_CREAT);
	again(what, fd, O_RDONLY | O_CREAT | O_EXCL);
	again(what, fd, O_RDONLY | O_NOFOLLOW);
	again(what, fd, O_RDONLY | O_DIRECTORY);
	told("open beneath", open(of(fd, "/inner"), O_RDONLY));
	told("open slashed", open(of(fd, "/"), O_RDONLY));
	told("chdir", chdir(of(fd, "/..")));
}

int main(void)
{
	long ro = open("file", O_RDONLY), rw = open("hard1", O_RDWR), dir = open("dir", O_RDONLY), path = open("file", O_PATH),
	     link = open("link", O_PATH | O_NOFOLLOW), gone = open("new", O_RDWR | O_CREAT, 0600), here = open(".", O_RDONLY),
	     moved = open("ro", O_RDONLY), no = open("new2", O_WRONLY | O_CREAT, 0);

	lseek((int)ro, 5, SEEK_SET);
	write((int)gone, "gone", 4);
	unlink("new");
	rename("ro", "moved");
	all("file, to be read", ro);
	fchdir((int)here);
	all("file, to be read and written", rw);
	fchdir((int)here);
	all("file, by O_PATH", path);
	fchdir((int)here);
	all("link, by O_PATH", link);
	fchdir((int)here);
	all("removed", gone);
	all("renamed", moved);
	fchdir((int)here);
	all("without rights", no);
	fchdir((int)here);
	all("directory", dir);
	fchdir((int)here);
	TRY(unlink(of(ro, "")) == 0);
	TRY(open(of(NO_FD, ""), O_RDONLY));
	TRY(openat((int)dir, of(dir, "/../file"), O_RDONLY) > 0);
	TRY(chdir(of(dir, "")));
	look("inner");
	return 0;
}
