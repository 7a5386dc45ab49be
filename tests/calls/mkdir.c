/* calls: mkdir mkdirat rmdir umask; as: nobody */
#include "say.h"

static void names(void)
{
	static const char *const each[] = {
		"new", "new/", "new//", "file", "dir", "dir/", "link", "dirlink", "dirlink/", "dangling", "dangling/", "loop", "missing/new",
		"file/new", "dir/sub/new", "dirlink/new2/", "locked/new", "many", ".", "..", "dir/.", "dir/..", "dir/new/.", "dir/new/..", "/",
	};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("mkdir %s", call_of(SYS_mkdir, (long[8]){ 0, (long)each[i], 0777 }), each[i]);
		if (strchr(each[i], '.') == NULL)
			look(each[i]);
	}
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		told("rmdir %s", call_of(SYS_rmdir, (long[8]){ 0, (long)each[i] }), each[i]);
}

static void at(void)
{
	int dir = open("dir", O_RDONLY), path = open("dir", O_PATH), file = open("file", O_RDONLY), link = open("dirlink", O_PATH | O_NOFOLLOW);

	TRY(mkdirat(dir, "a", 0700));
	TRY(mkdirat(path, "b", 07777));
	TRY(mkdirat(path, "../c", 0));
	TRY(mkdirat(file, "d", 0777));
	TRY(mkdirat(file, "", 0777));
	TRY(mkdirat(link, "d", 0777));
	TRY(mkdirat(-1, "d", 0777));
	TRY(mkdirat(-1, "", 0777));
	TRY(mkdirat(dir, "", 0777));
	TRY(mkdirat(dir, "inner/d", 0777));
	look("dir/a");
	look("dir/b");
	look("c");
	TRY(rmdir("dir"));
	TRY(rmdir("dir/a"));
	TRY(rmdir("dir/b///"));
	TRY(rmdir("c"));
}

static void gone(void)
{
	int fd, top = open(".", O_RDONLY);

	mkdir("gone", 0777);
	fd = open("gone", O_RDONLY);
	TRY(rmdir("gone"));
	TRY(mkdirat(fd, "new", 0777));
	TRY(openat(fd, "new", O_CREAT | O_WRONLY, 0666));
	mkdir("here", 0777);
	TRY(chdir("here"));
	TRY(rmdir("../here"));
	TRY(mkdir("new", 0777));
	TRY(fchdir(top));
	look("here");
}

int main(void)
{
	names();
	at();
	gone();
	for (int mask = 0; mask <= 07777; mask += 01111) {
		told("umask", umask(mask));
		mkdir("masked", 07777);
		look("masked");
		rmdir("masked");
		close(open("masked", O_CREAT | O_WRONLY, 07777));
		look("masked");
		unlink("masked");
	}
	told("umask", umask(022));
	return 0;
}
