/* calls: unlink unlinkat; as: nobody */
#include "say.h"

int main(void)
{
	static const char *const each[] = {
		"file/", "link/", "dirlink/", "dangling/", "dir", "dir/", "dir/.", "dir/..", ".", "..", "/", "missing", "missing/", "missing/.",
		"file/.", "file/x", "link/x", "locked/secret", "sticky", "ro", "none", "link", "dirlink", "dangling", "loop", "hard1", "file", "file",
	};
	int rw = open("big", O_RDWR), dir = open("dir", O_RDONLY), path = open("dir", O_PATH), file = open("empty", O_RDONLY);
	struct stat st;
	char text[4];

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("unlink %s", call_of(SYS_unlink, (long[8]){ 0, (long)each[i] }), each[i]);
		if (strchr(each[i], '.') == NULL)
			look(each[i]);
	}
	look("hard2");
	TRY(unlink("big"));
	TRY(fstat(rw, &st));
	say_stat("gone", &st);
	TRY(pread(rw, text, 4, 100));
	say_bytes("what it holds", text, 4);
	TRY(write(rw, "1234", 4));
	TRY(lseek(rw, 0, SEEK_END));
	look("big");

	TRY(unlinkat(dir, "inner", 0));
	TRY(unlinkat(path, "up", 0));
	TRY(unlinkat(dir, "sub", 0));
	TRY(unlinkat(dir, "sub", AT_REMOVEDIR));
	TRY(unlinkat(dir, "sub/deep", AT_REMOVEDIR));
	TRY(unlinkat(dir, "sub/deep", 0));
	TRY(unlinkat(path, "sub/", AT_REMOVEDIR));
	TRY(unlinkat(dir, "here", AT_REMOVEDIR));
	TRY(unlinkat(dir, "here/", AT_REMOVEDIR));
	TRY(unlinkat(dir, ".", AT_REMOVEDIR));
	TRY(unlinkat(dir, "..", AT_REMOVEDIR));
	TRY(unlinkat(dir, "/", AT_REMOVEDIR));
	TRY(unlinkat(dir, "", AT_REMOVEDIR));
	TRY(unlinkat(dir, "here", AT_SYMLINK_NOFOLLOW));
	TRY(unlinkat(dir, "missing", AT_SYMLINK_NOFOLLOW | AT_REMOVEDIR));
	TRY(unlinkat(file, "x", 0));
	TRY(unlinkat(file, "", 0));
	TRY(unlinkat(-1, "x", 0));
	TRY(unlinkat(-1, "x", AT_REMOVEDIR));
	TRY(unlinkat(AT_FDCWD, "many", AT_REMOVEDIR));
	TRY(unlinkat(AT_FDCWD, "many/e07", 0));
	return 0;
}
