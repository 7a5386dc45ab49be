/* calls: chdir fchdir getcwd; as: nobody */
#include "say.h"

static void go(const char *name)
{
	told("chdir %s", chdir(name), name);
	where();
}

static void errors(char *edge)
{
	char small[8];

	CALL(getcwd, small, sizeof small);
	CALL(getcwd, small, 0);
	CALL(getcwd, small, 1);
	CALL(getcwd, BAD, 4096);
	CALL(getcwd, BAD, 1);
	CALL(getcwd, 0, 4096);
	CALL(getcwd, KERNEL_HALF, 4096);
	CALL(getcwd, edge + GUARD, 4096);
	CALL(getcwd, edge + READABLE, 4096);
	CALL_OK(getcwd, edge + GUARD - 512, 4096);	/* the name fits, that is enough */
	CALL(chdir, BAD);
	CALL(chdir, KERNEL_HALF);
	CALL(fchdir, NO_FD);
	CALL(fchdir, -1);
	CALL(fchdir, AT_FDCWD);
	CALL(fchdir, 0);
	CALL(fchdir, open("file", O_RDONLY));
	CALL(fchdir, open("file", O_PATH));
}

int main(void)
{
	char *home = realpath(".", NULL);
	long here = open(".", O_RDONLY), path = open("dir/sub", O_PATH), locked = open("locked", O_PATH);

	errors(edge_pages());
	where();
	go("dir");
	go("sub");
	go("..");
	go("here/here/./sub/../../dir");
	go("up");
	go("inner");
	go("missing");
	go("");
	look("inner");
	go(home);
	go("dirlink");	/* getcwd tells where that is */
	go("../file/");
	go("../loop");
	go("../dangling");
	go(home);
	go("slashed");
	go("../locked");
	go(home);
	go("none");
	go(long_name(255));
	go("c2");
	go("c1");
	TRY(fchdir(path));
	where();
	TRY(fchdir(here));
	where();
	TRY(fchdir(locked));
	where();
	look("secret");
	TRY(fchdir(here));
	where();
	return 0;
}
