/* calls: mmap ftruncate; runs: private shared write shrunk shrunk-private call read-call grown */
#include "say.h"

/* Beyond the end of a file: the signal that kills it, or the errno of a call that meets it. */
int main(int argc, char **argv)
{
	/* shrunk-private only to read: uos copies what may be written to, and then it does not shrink (docs/limits.md) */
	int fd = open("big", O_RDWR), is_private = argc > 1 && strstr(argv[1], "private"),
	    prot = argc > 1 && !strcmp(argv[1], "shrunk-private") ? PROT_READ : PROT_READ | PROT_WRITE;
	volatile char *p = mmap(NULL, 8 * PAGE, prot, is_private ? MAP_PRIVATE : MAP_SHARED, fd, 0);

	say("%s: the last byte of the last page is %d\n", argv[1], p[4 * PAGE - 1]);
	if (!strcmp(argv[1], "call")) {
		TRY(write(1, (const void *)(p + 4 * PAGE), 1));
		TRY(open((const char *)p + 5 * PAGE, O_RDONLY));
		return 0;
	}
	if (!strcmp(argv[1], "read-call")) {
		int other = open("file", O_RDONLY);

		TRY(read(other, (void *)(p + 4 * PAGE), 1));
		TRY(read(other, (void *)(p + 5 * PAGE), 1));
		return 0;
	}
	if (!strncmp(argv[1], "shrunk", 6)) {
		TRY(ftruncate(fd, PAGE + 1));
		say("before the end still %d, after it in its page %d\n", p[PAGE], p[PAGE + 1]);
		return p[2 * PAGE];
	}
	if (!strcmp(argv[1], "grown")) {
		TRY(ftruncate(fd, 6 * PAGE));
		p[5 * PAGE] = 'g';
		say("grown: %d %d\n", p[4 * PAGE], p[5 * PAGE]);
		TRY(ftruncate(fd, 5 * PAGE + 1));
		TRY(ftruncate(fd, 6 * PAGE));
		say("shrunk and grown: %d %d\n", p[5 * PAGE], p[5 * PAGE + 1]);
		return 0;
	}
	if (!strcmp(argv[1], "write"))
		p[4 * PAGE] = 1;
	return p[4 * PAGE];
}
