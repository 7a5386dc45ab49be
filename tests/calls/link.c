/* calls: link linkat; as: nobody */
#include "say.h"

static const char *const froms[] = {
	"file", "ro", "none", "dir", "link", "dirlink", "dangling", "loop", "file/", "dir/", "link/", "missing", "missing/x", "file/x",
	"locked/secret", ".", "dir/..", "", "hard1",
};
static const char *const tos[] = {
	"new", "new/", "file", "dir", "dir/", "dir/new", "link", "dangling", "dangling/", "dirlink/new", "missing/new", "file/new", "locked/new", ".",
	"dir/..", "/", "",
};

static void pair(const char *from, const char *to, int flags)
{
	static const char *const made[] = { "new", "dir/new" };

	if (told("link %s to %s, flags %x", call_of(SYS_linkat, (long[8]){ 0, AT_FDCWD, (long)from, AT_FDCWD, (long)to, flags }), from, to, flags))
		return;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (access(made[i], F_OK) == 0 || errno != ENOENT) {
			look(made[i]);
			unlink(made[i]);
		}
	unlink("new");
}

int main(void)
{
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("file", O_PATH), gone;

	for (size_t i = 0; i < sizeof froms / sizeof *froms; i++)
		for (size_t k = 0; k < sizeof tos / sizeof *tos; k++) {
			pair(froms[i], tos[k], 0);
			pair(froms[i], tos[k], AT_SYMLINK_FOLLOW);
		}
	TRY(link("file", "second"));
	TRY(link("second", "third"));
	look("file");
	TRY(linkat(dir, "inner", AT_FDCWD, "inner2", 0));
	TRY(linkat(dir, "up", dir, "up2", 0));
	look("dir/up2");
	TRY(linkat(dir, "up", dir, "up3", AT_SYMLINK_FOLLOW));
	look("dir/up3");
	TRY(linkat(file, "x", dir, "x", 0));
	TRY(linkat(dir, "inner", file, "x", 0));
	TRY(linkat(-1, "inner", dir, "x", 0));
	TRY(linkat(dir, "inner", -1, "x", 0));
	TRY(linkat(dir, "inner", dir, "x", 1));
	TRY(linkat(dir, "inner", dir, "x", AT_SYMLINK_NOFOLLOW));
	TRY(linkat(dir, "", dir, "x", 0));
	TRY(linkat(AT_FDCWD, "", AT_FDCWD, "x", AT_EMPTY_PATH) < 0);
	if (geteuid() == 0) { /* others may not, or since Linux 6.10 may */
		TRY(linkat(file, "", AT_FDCWD, "by-number", AT_EMPTY_PATH));
		TRY(linkat(path, "", AT_FDCWD, "by-path", AT_EMPTY_PATH));
		TRY(linkat(path, "", AT_FDCWD, "file", AT_EMPTY_PATH));
		TRY(linkat(dir, "", AT_FDCWD, "by-dir", AT_EMPTY_PATH));
		look("by-number");
	}
	gone = open("gone", O_RDWR | O_CREAT, 0600);
	unlink("gone");
	TRY(linkat(gone, "", AT_FDCWD, "back", AT_EMPTY_PATH));
	look("back");
	return 0;
}
