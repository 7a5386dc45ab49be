/* calls: chown fchown lchown fchownat; as: nobody */
#include "say.h"

int main(void)
{
	static const char *const each[] = {
		"file", "ro", "dir", "dir/", "link", "link/", "dirlink", "dangling", "loop", "missing", "file/x", "locked/secret", "hard1", "", "many/.",
	};
	static const long ids[][2] = { { -1, -1 }, { 0, 0 }, { 1, 2 }, { -1, 3 }, { 4, -1 }, { 65534, 65534 }, { 0x100000005, 6 } };
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("ro", O_PATH), link = open("dangling", O_PATH | O_NOFOLLOW);

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("chown %s", call_of(SYS_chown, (long[8]){ 0, (long)each[i], 7, 8 }), each[i]);
		told("lchown %s", call_of(SYS_lchown, (long[8]){ 0, (long)each[i], 9, 10 }), each[i]);
		look(each[i]);
	}
	TRY(chmod("hard1", 06755));
	look("hard1");
	TRY(chown("hard1", 11, 12)); /* takes set-user-id off */
	look("hard1");
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		told("fchown %ld %ld", call_of(SYS_fchown, (long[8]){ 0, file, ids[i][0], ids[i][1] }), ids[i][0], ids[i][1]);
		look("file");
	}
	CALL(fchown, -1, 0, 0);
	CALL(fchown, path, 0, 0);
	CALL(fchownat, dir, "inner", 13, 14, 0);
	CALL(fchownat, dir, "up", 15, 16, AT_SYMLINK_NOFOLLOW);
	CALL(fchownat, dir, "up", 15, 16, 1);
	CALL(fchownat, dir, "missing", 15, 16, AT_REMOVEDIR);
	CALL(fchownat, dir, "", 17, 18, 0);
	CALL(fchownat, dir, "", 17, 18, AT_EMPTY_PATH);
	CALL(fchownat, path, "", 19, 20, AT_EMPTY_PATH);
	CALL(fchownat, link, "", 21, 22, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
	CALL(fchownat, file, "x", 23, 24, 0);
	CALL(fchownat, -1, "x", 23, 24, 0);
	CALL(fchownat, -1, "", 23, 24, AT_EMPTY_PATH);
	CALL(chown, BAD, 0, 0);
	look("dir");
	look("dir/inner");
	look("dir/up");
	look("ro");
	look("dangling");
	return 0;
}
