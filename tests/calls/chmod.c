/* calls: chmod fchmod fchmodat; as: nobody */
#include "say.h"

int main(void)
{
	static const char *const each[] = {
		"file", "ro", "none", "dir", "dir/", "link", "link/", "dirlink/", "dangling", "loop", "missing", "file/x", "locked/secret", "locked", "hard1", "",
		"many/.", "many/e00/..",
	};
	static const long modes[] = { 0, 0777, 07777, 0644, 0170644, 0200755, -1, 0100000000755 };
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("ro", O_PATH), ends[2], gone;

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("chmod %s", call_of(SYS_chmod, (long[8]){ 0, (long)each[i], 0711 }), each[i]);
		look(each[i]);
	}
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		told("chmod %lo", call_of(SYS_chmod, (long[8]){ 0, (long)"file", modes[i] }), modes[i]);
		look("file");
		told("fchmod %lo", call_of(SYS_fchmod, (long[8]){ 0, file, modes[i] }), modes[i]);
		look("file");
	}
	TRY(fchmod(dir, 0700));
	look("dir");
	TRY(fchmod(path, 0700));
	TRY(fchmod(-1, 0700));
	TRY(fchmod(99, 0700));
	CALL(fchmodat, dir, "inner", 0600);
	CALL(fchmodat, dir, "up", 0600);
	CALL(fchmodat, dir, "", 0600);
	CALL(fchmodat, file, "x", 0600);
	CALL(fchmodat, -1, "x", 0600);
	CALL(fchmodat, path, "", 0600);
	CALL(chmod, BAD, 0600);
	look("dir/inner");
	TRY(fchmodat(AT_FDCWD, "file", 0604, AT_SYMLINK_NOFOLLOW));
	TRY(fchmodat(AT_FDCWD, "link", 0604, AT_SYMLINK_NOFOLLOW));
	TRY(fchmodat(AT_FDCWD, "missing", 0604, AT_SYMLINK_NOFOLLOW));
	TRY(fchmodat(AT_FDCWD, "file", 0604, AT_REMOVEDIR));
	look("file");
	gone = open("gone", O_RDWR | O_CREAT, 0600);
	unlink("gone");
	TRY(fchmod(gone, 0642));
	if (pipe(ends) == 0)
		close(ends[0]);
	return 0;
}
