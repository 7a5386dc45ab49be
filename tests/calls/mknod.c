/* calls: mknod mknodat; as: nobody */
#include "say.h"

/* Regular files only: uos has neither FIFOs nor devices by name. */
int main(void)
{
	static const char *const each[] = {
		"new", "new", "n/", "file", "dir", "dir/", "link", "dangling", "loop", "missing/new", "file/new", "dir/new", "locked/new", ".", "dir/..", "",
	};
	static const int types[] = { 0, S_IFREG, S_IFDIR, S_IFLNK, 0050000, 0030000, 0150000, S_IFMT };
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY);

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		if (told("mknod %s", call_of(SYS_mknod, (long[8]){ 0, (long)each[i], S_IFREG | 0666, 0 }), each[i]) == 0)
			look(each[i]);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		told("mknod of type %o", call_of(SYS_mknod, (long[8]){ 0, (long)"typed", types[i] | 07755, 0 }), types[i]);
		if (unlink("typed") == 0)
			say("it was there\n");
		told("mknod file of type %o", call_of(SYS_mknod, (long[8]){ 0, (long)"file", types[i] | 0755, 0 }), types[i]);
		told("mknod missing/x of type %o", call_of(SYS_mknod, (long[8]){ 0, (long)"missing/x", types[i] | 0755, 0 }), types[i]);
	}
	CALL(mknod, "file", S_IFIFO | 0600, 0);
	CALL(mknod, "missing/x", S_IFIFO | 0600, 0);
	CALL(mknod, "dir", S_IFCHR | 0600, 0x103);
	CALL(mknod, "missing/x", S_IFBLK | 0600, 0x103);
	umask(077);
	CALL(mknodat, dir, "made", S_IFREG | 07777, 99);
	look("dir/made");
	CALL(mknodat, file, "made", S_IFREG | 0666, 0);
	CALL(mknodat, -1, "made", S_IFREG | 0666, 0);
	CALL(mknodat, -1, "made", S_IFDIR | 0666, 0);
	CALL(mknodat, dir, BAD, S_IFREG | 0666, 0);
	return 0;
}
