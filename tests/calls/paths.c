/* calls: open openat creat stat lstat newfstatat access faccessat readlink readlinkat chdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat chmod fchmodat chown lchown fchownat truncate utimensat statfs statx getxattr mknodat; as: nobody */
#include <sys/sysmacros.h>
#include <time.h>

#include "say.h"

/* Every call that takes a name, with names that are hard: what is wrong is told in Linux's order. */

static char room[8192];
static struct timespec times[2] = {{1000, 1}, {2000, 2}};
#define NAME (-77777l)

static const struct call {
	const char *name;
	long number, args[6];
} calls[] = {
	{"open", SYS_open, {NAME, O_RDONLY}},
	{"open for writing", SYS_open, {NAME, O_WRONLY}},
	{"open O_DIRECTORY", SYS_open, {NAME, O_DIRECTORY}},
	{"open O_NOFOLLOW", SYS_open, {NAME, O_NOFOLLOW}},
	{"openat", SYS_openat, {AT_FDCWD, NAME, O_PATH}},
	{"openat of no descriptor", SYS_openat, {NO_FD, NAME, O_RDONLY}},
	{"stat", SYS_stat, {NAME, (long)room}},
	{"lstat", SYS_lstat, {NAME, (long)room}},
	{"newfstatat", SYS_newfstatat, {AT_FDCWD, NAME, (long)room, 0}},
	{"newfstatat AT_EMPTY_PATH", SYS_newfstatat, {AT_FDCWD, NAME, (long)room, AT_EMPTY_PATH}},
	{"newfstatat of no descriptor", SYS_newfstatat, {NO_FD, NAME, (long)room, AT_EMPTY_PATH}},
	{"newfstatat of wrong flags", SYS_newfstatat, {AT_FDCWD, NAME, (long)room, 0x8000000}},
	{"statx", SYS_statx, {AT_FDCWD, NAME, 0, STATX_BASIC_STATS, (long)room}},
	{"access", SYS_access, {NAME, R_OK}},
	{"access W_OK", SYS_access, {NAME, W_OK}},
	{"access of wrong mode", SYS_access, {NAME, 8}},
	{"faccessat", SYS_faccessat, {AT_FDCWD, NAME, X_OK}},
	{"readlink", SYS_readlink, {NAME, (long)room, 100}},
	{"readlink of size 0", SYS_readlink, {NAME, (long)room, 0}},
	{"readlinkat", SYS_readlinkat, {AT_FDCWD, NAME, (long)room, 100}},
	{"chdir", SYS_chdir, {NAME}},
	{"mkdir", SYS_mkdir, {NAME, 0755}},
	{"mkdirat of no descriptor", SYS_mkdirat, {NO_FD, NAME, 0755}},
	{"rmdir", SYS_rmdir, {NAME}},
	{"unlink", SYS_unlink, {NAME}},
	{"unlinkat AT_REMOVEDIR", SYS_unlinkat, {AT_FDCWD, NAME, AT_REMOVEDIR}},
	{"unlinkat of wrong flags", SYS_unlinkat, {AT_FDCWD, NAME, 1}},
	{"rename of", SYS_rename, {NAME, (long)"renamed"}},
	{"rename to", SYS_rename, {(long)"spare", NAME}},
	{"rename nothing to", SYS_rename, {(long)"missing", NAME}},
	{"renameat2 NOREPLACE", SYS_renameat2, {AT_FDCWD, (long)"spare", AT_FDCWD, NAME, 1}},
	{"renameat2 of wrong flags", SYS_renameat2, {AT_FDCWD, NAME, AT_FDCWD, NAME, 64}},
	{"link of", SYS_link, {NAME, (long)"linked"}},
	{"link to", SYS_link, {(long)"spare", NAME}},
	{"link of a directory to", SYS_link, {(long)"dir", NAME}},
	{"linkat of wrong flags", SYS_linkat, {AT_FDCWD, NAME, AT_FDCWD, NAME, 1}},
	{"symlink of", SYS_symlink, {NAME, (long)"symlinked"}},
	{"symlink to", SYS_symlink, {(long)"target", NAME}},
	{"chmod", SYS_chmod, {NAME, 0711}},
	{"fchmodat", SYS_fchmodat, {AT_FDCWD, NAME, 0755}},
	{"chown", SYS_chown, {NAME, -1, -1}},
	{"lchown", SYS_lchown, {NAME, -1, -1}},
	{"fchownat of wrong flags", SYS_fchownat, {AT_FDCWD, NAME, -1, -1, 1}},
	{"truncate", SYS_truncate, {NAME, 5}},
	{"truncate to -1", SYS_truncate, {NAME, -1}},
	{"utimensat", SYS_utimensat, {AT_FDCWD, NAME, (long)times, 0}},
	{"utimensat of the link", SYS_utimensat, {AT_FDCWD, NAME, (long)times, AT_SYMLINK_NOFOLLOW}},
	{"statfs", SYS_statfs, {NAME, (long)room}},
	{"getxattr", SYS_getxattr, {NAME, (long)"user.none", (long)room, 100}},
	{"mknodat of a file", SYS_mknodat, {AT_FDCWD, NAME, S_IFREG | 0600, 0}},
	{"mknodat of no type", SYS_mknodat, {AT_FDCWD, NAME, S_IFDIR | 0600, 0}},
};

static void each(const char *what, const char *name)
{
	for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
		const struct call *call = &calls[c];
		long a[8] = {0}, result;
		int fd = open("spare", O_CREAT | O_WRONLY, 0600);

		close(fd);
		for (int i = 0; i < 6; i++)
			a[i + 1] = call->args[i] == NAME ? (long)name : call->args[i];
		result = told("%s %s", call_of(call->number, a), call->name, what);
		if (result > 2 && strncmp(call->name, "open", 4) == 0)
			close((int)result);
		if (result == 0 && strcmp(call->name, "chdir") == 0)
			told("fchdir", fchdir(100));
		unlink("renamed"), unlink("linked"), unlink("symlinked");
	}
}

int main(void)
{
	char *edge = edge_pages(), *unending = edge + GUARD - 8, *just = edge + GUARD - 5;
	static const char *const plain[] = {"", "missing", "missing/x", "file/", "file/x", "file/.", "file/..", "loop", "ping/x", "dangling",
					    "dangling/", "c1", "c2", "locked/secret", "none", "link/", "dir/.", "dir/..", ".", "..///.", "/", "slashed"};

	dup2(open(".", O_RDONLY), 100);
	memset(unending, 'u', 8);
	memcpy(just, "file", 5);	/* but its last byte is also the page's */
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcmp(plain[i], "/") && strncmp(plain[i], "..", 2))
			each(plain[i], plain[i]);
	each("8", BAD);
	each("null", NULL);
	each("the kernel's half", KERNEL_HALF);
	each("guard", edge + GUARD);
	each("hole", edge + HOLE);
	each("unending", unending);
	each("256 bytes", long_name(256));
	each("256 bytes in a directory", strcat(strcpy(room + 4096, "dir/"), long_name(256)));
	each("path of 4096", long_path(4096));
	each("path of 4095", long_path(4095));
	each("path of 5000", long_path(5000));
	each("name of 4095", long_name(4095));
	each("name of 4096", long_name(4096));
	memcpy(just, "ro\0\0", 5);
	each("at the page's end", just);
	each("255 bytes", long_name(255));
	return 0;
}
