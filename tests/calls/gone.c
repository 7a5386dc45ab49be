/* calls: chdir fchdir getcwd rename rmdir unlink open */
#include "say.h"

/* The current directory is renamed, moved, removed. */

int main(void)
{
	long fd;

	TRY(chdir("dir/sub"));
	TRY(rename("../../dir", "../../renamed"));
	where();
	look("deep");
	TRY(rename("../sub", "../../many/moved"));
	where();
	look("deep");
	look("../e00");
	TRY(unlink("deep"));
	fd = TRY(open(".", O_RDONLY));
	TRY(rmdir("../moved"));
	where();
	look(".");
	TRY(open("new", O_CREAT | O_WRONLY, 0600));
	TRY(open("deep", O_RDONLY));
	TRY(mkdir("new", 0700));
	TRY(open(".", O_RDONLY));
	TRY(chdir("."));
	where();
	TRY(openat(fd, "x", O_RDONLY));
	TRY(fchdir(fd));
	where();
	TRY(chdir(".."));
	where();
	/* An open file outlives its name. */
	TRY(chdir(".."));
	fd = TRY(open("file", O_RDWR));
	TRY(unlink("file"));
	TRY(write(fd, "still", 5));
	TRY(lseek(fd, 0, SEEK_END));
	look("link");
	TRY(open("link", O_RDONLY));
	return 0;
}
