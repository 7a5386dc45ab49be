/* calls: open openat dup dup2 dup3 fcntl close */
#include "say.h"

int main(void)
{
	int first = open("file", O_RDONLY), last = first, fd, count = 1;
	char name[1000] = { 0 };

	while ((fd = open("file", O_RDONLY)) >= 0)
		last = fd, count++;
	say("%d descriptors, %d to %d, then %s\n", count, first, last, strerrorname_np(errno));
	TRY(openat(AT_FDCWD, "missing", O_RDONLY));
	TRY(open("missing", O_CREAT | O_WRONLY, 0600));
	look("missing");
	say("/proc/self/exe: %s, the first byte a %.1s\n", readlink("/proc/self/exe", name, sizeof name) > 1 ? "read" : "not read", name);
	TRY(dup(0));
	TRY(fcntl(0, F_DUPFD, 10));
	TRY(fcntl(0, F_DUPFD, 1023));
	TRY(fcntl(0, F_DUPFD, 1024));
	TRY(dup2(0, 1023));
	TRY(dup2(0, 1024));
	CALL(dup3, 0, 1024, 0);
	close(500);
	close(7);
	TRY(dup(0));
	TRY(open("file", O_RDONLY));
	TRY(dup(0));
	return 0;
}
