/* calls: rename renameat renameat2; runs: 0 1 2 3; as: nobody */
#include <dirent.h>

#include "say.h"

#define EXCHANGE 2u

static const char *const names[] = {
	"r/f", "r/g", "r/d", "r/e", "r/full", "r/l", "r/n", "r/f/", "r/d/", "r/n/", "r/l/", "r/d/.", "r/d/..", "r/f/x", "r/m/x", "r/full/x",
	"r/full/x/", "r/full/n", "r/d/n", "r/dl", "r/dl/", "r/dl/x", "r/e/..", ".",
};

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (write(fd, text, strlen(text)) < 0)
		say("%s: %s\n", name, strerrorname_np(errno));
	close(fd);
}

static void make(void)
{
	mkdir("r", 0755);
	put("r/f", "f");
	put("r/g", "gg");
	mkdir("r/d", 0755);
	mkdir("r/e", 0755);
	mkdir("r/full", 0755);
	put("r/full/x", "xxx");
	if (symlink("f", "r/l") || symlink("full", "r/dl"))
		say("symlink: %s\n", strerrorname_np(errno));
}

/* Any of them may be anywhere, and either a directory or not. */
static void clear(const char *folder)
{
	DIR *dir = opendir(folder);
	char name[600];

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && unlink(name) != 0)
			clear(name);
	}
	closedir(dir);
	if (rmdir(folder) != 0)
		say("not cleared: %s\n", strerrorname_np(errno));
}

static void outcome(void)
{
	static const char *const all[] = { "r/f", "r/g", "r/d", "r/e", "r/full", "r/l", "r/n", "r/full/x", "r/full/n", "r/d/n", "r/d/x", "r/n/x" };
	struct stat st;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (lstat(all[i], &st) == 0)
			say(" %s:%c%ld", all[i] + 2, S_ISDIR(st.st_mode) ? 'd' : S_ISLNK(st.st_mode) ? 'l' : 'f',
			    S_ISREG(st.st_mode) ? (long)st.st_size : 0);
	say("\n");
}

static void pairs(unsigned flags)
{
	make();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (told("%s to %s, flags %u", call_of(SYS_renameat2, (long[8]){ 0, AT_FDCWD, (long)names[i], AT_FDCWD, (long)names[k], flags }),
				 names[i], names[k], flags) == 0) {
				outcome();
				clear("r");
				make();
			}
}

static void others(void)
{
	int dir = open("dir", O_RDONLY), path = open("many", O_PATH), file = open("file", O_RDONLY);

	TRY(rename("link", "dangling"));
	look("dangling");
	TRY(rename("hard1", "hard2"));
	look("hard1");
	TRY(rename("dir", "dir/sub/below"));
	TRY(rename("dir/sub", "dir"));
	TRY(rename("file", "missing/"));
	TRY(rename("locked/secret", "out"));
	TRY(rename("sticky", "locked/in"));
	TRY(renameat(dir, "inner", path, "moved"));
	TRY(renameat(path, "e00", dir, "../e00"));
	TRY(renameat(file, "x", dir, "y"));
	TRY(renameat(dir, "up", file, "y"));
	TRY(renameat(dir, "up", -1, "y"));
	TRY(renameat(-1, "up", dir, "y"));
	TRY(renameat(-1, "up", dir, NULL));
	TRY(renameat(dir, "up", dir, NULL));
	TRY(renameat(dir, "", dir, "y"));
	TRY(renameat(dir, "up", dir, ""));
	TRY(renameat2(AT_FDCWD, "ro", AT_FDCWD, "none", EXCHANGE));
	look("ro");
	look("none");
	for (unsigned flags = 3; flags < 16; flags++)
		told("flags %u", renameat2(AT_FDCWD, "missing", AT_FDCWD, "x", flags == 4 ? 16 : flags), flags);

	/* an open directory follows */
	TRY(rename("dir", "elsewhere"));
	TRY(openat(dir, "sub/deep", O_RDONLY) < 0);
	TRY(mkdirat(dir, "later", 0700));
	look("elsewhere/later");
	TRY(fchdir(dir));
	TRY(rename("../elsewhere", "../again"));
	look("../again/later");
	TRY(rmdir("later"));
	TRY(chdir(".."));
	look("again");
}

int main(int argc, char **argv)
{
	if (argc == 2 && *argv[1] == '0')
		pairs(0);
	else if (*argv[1] == '1')
		pairs(1);
	else if (*argv[1] == '2')
		pairs(EXCHANGE);
	else
		others();
	return 0;
}
