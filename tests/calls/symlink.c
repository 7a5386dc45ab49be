/* calls: symlink symlinkat readlink readlinkat; as: nobody */
#include "say.h"

static void read_link(const char *name, int dirfd, long size)
{
	char text[64];
	long n;

	memset(text, '#', sizeof text);
	n = told("readlink %d %s of %ld", call_of(SYS_readlinkat, (long[8]){ 0, dirfd, (long)name, (long)text, size }), dirfd, name, size);
	if (n >= 0)
		say_bytes("", text, n + 2);
}

int main(void)
{
	static const char *const each[] = {
		"new", "new/", "file", "file/", "dir", "dir/", "link", "dangling", "dangling/", "loop", "missing/new", "file/new", "dir/new", "dirlink/n2",
		"locked/new", ".", "dir/..", "/", "",
	};
	static const char *const links[] = {
		"link", "dirlink", "dirlink/", "dirlink/.", "dangling", "dangling/", "loop", "loop/", "slashed", "dir/up", "dir/here", "c41",
		"dir/here/here/up", "file", "dir", "missing", "file/x", "locked/secret", "", ".",
	};
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("link", O_PATH | O_NOFOLLOW);
	char *text = long_name(4096);

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		if (told("symlink to %s", call_of(SYS_symlink, (long[8]){ 0, (long)"the/target", (long)each[i] }), each[i]) == 0)
			look(each[i]);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		read_link(links[i], AT_FDCWD, 62);
	for (long size = -2; size < 7; size++)
		read_link("link", AT_FDCWD, size);
	read_link("link", AT_FDCWD, INT32_MIN);
	read_link("up", dir, 62);
	read_link("up", file, 62);
	read_link("up", -1, 62);
	read_link("", dir, 62);
	read_link("", file, 62);
	read_link("", path, 62);
	read_link("", path, 2);
	read_link("", -1, 62);
	read_link("", AT_FDCWD, 62);
	CALL(readlink, "link", BAD, 10);
	CALL(readlink, "file", BAD, 10);
	CALL(readlink, BAD, BAD, 10);

	CALL(symlink, "", "empty-target");
	CALL(symlink, NULL, "null-target");
	CALL(symlink, "x", NULL);
	CALL(symlink, BAD, NULL);
	told("symlink of 4096", symlink(text, "long"));
	text[4095] = 0;
	told("symlink of 4095", symlink(text, "long"));
	look("long");
	told("open", open("long", O_RDONLY));
	CALL(symlinkat, "t", dir, "made");
	CALL(symlinkat, "t", file, "made");
	CALL(symlinkat, "t", -1, "made");
	CALL(symlinkat, "t", dir, "");
	look("dir/made");
	return 0;
}
