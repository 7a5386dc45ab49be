/* calls: access faccessat faccessat2; as: nobody */
#include "say.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

int main(void)
{
	static const char *const each[] = {
		"file", "ro", "none", "script", "noexec", "dir", "locked", "locked/secret", "sticky", "link", "link/", "dirlink", "dangling", "loop",
		"missing", "file/x", "", "big", "dir/sub/", "dir/.",
	};
	static const int flags[] = { AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EACCESS | AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR | AT_EACCESS, 1, 0x4000 };
	int dir = open("dir", O_RDONLY), file = open("script", O_RDONLY), path = open("ro", O_PATH), link = open("dangling", O_PATH | O_NOFOLLOW);

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		for (int mode = 0; mode <= 7; mode++)
			told("access %s, %d", call_of(SYS_access, (long[8]){ 0, (long)each[i], mode }), each[i], mode);
	CALL(access, "file", 8);
	CALL(access, "missing", -1);
	CALL(access, "file", 0x100000004l);
	CALL(access, BAD, 0);
	CALL(access, BAD, 9);
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
			told("faccessat2 %s, 0 %x", call_of(SYS_faccessat2, (long[8]){ 0, AT_FDCWD, (long)each[i], 0, flags[k] }), each[i], flags[k]);
			told("faccessat2 %s, 5 %x", call_of(SYS_faccessat2, (long[8]){ 0, AT_FDCWD, (long)each[i], 5, flags[k] }), each[i], flags[k]);
		}
	CALL(faccessat, dir, "inner", R_OK | W_OK);
	CALL(faccessat, dir, "", F_OK);
	CALL(faccessat, file, "x", F_OK);
	CALL(faccessat, -1, "x", F_OK);
	CALL(faccessat, path, "x", F_OK);
	CALL(faccessat2, file, "", X_OK, AT_EMPTY_PATH);
	CALL(faccessat2, dir, "", W_OK | X_OK, AT_EMPTY_PATH);
	CALL(faccessat2, path, "", W_OK, AT_EMPTY_PATH);
	CALL(faccessat2, link, "", W_OK, AT_EMPTY_PATH);
	CALL(faccessat2, -1, "", F_OK, AT_EMPTY_PATH);
	CALL(faccessat2, AT_FDCWD, "", X_OK, AT_EMPTY_PATH);
	return 0;
}
