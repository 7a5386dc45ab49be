/* calls: statfs fstatfs; as: nobody */
#include <sys/vfs.h>

#include "say.h"

static void tell(const struct statfs *s)
{
	say("type %lx blocks of %ld, %d %d %d, names to %ld, read-only %ld\n", (long)s->f_type, (long)s->f_bsize, s->f_blocks > 0,
	    s->f_bfree > 0 && s->f_bfree <= s->f_blocks, s->f_files >= s->f_ffree, (long)s->f_namelen, (long)s->f_flags & 1);
}

int main(void)
{
	static const char *const each[] = { "file", "dir", "link", "dangling", "loop", "missing", "file/", "file/x", "locked/secret", ".", "" };
	int fds[] = { open("dir", O_RDONLY), open("file", O_RDONLY), open("file", O_PATH), open("link", O_PATH | O_NOFOLLOW), -1, 99, AT_FDCWD };
	struct statfs s;

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		if (told("statfs %s", call_of(SYS_statfs, (long[8]){ 0, (long)each[i], (long)&s }), each[i]) == 0)
			tell(&s);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (told("fstatfs", call_of(SYS_fstatfs, (long[8]){ 0, fds[i], (long)&s })) == 0)
			tell(&s);
	CALL(statfs, "file", BAD);
	CALL(statfs, "missing", BAD);
	CALL(fstatfs, fds[0], BAD);
	return 0;
}
