/* calls: getdents getdents64; as: nobody */
#include <dirent.h>

#include "say.h"

struct old_entry {
	unsigned long inode, next;
	unsigned short length;
	char name[];
};

static char names[400][64];
static int count;

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One call's worth into names[], its types told by a letter. */
static long more(int fd, long size, int old)
{
	static char buffer[65536] __attribute__((aligned(16)));
	long n = call_of(old ? SYS_getdents : SYS_getdents64, (long[8]){ 0, fd, (long)buffer, size });

	for (long at = 0; at < n;) {
		struct old_entry *o = (void *)(buffer + at);
		struct dirent64 *d = (void *)(buffer + at);
		char type = old ? buffer[at + o->length - 1] : (char)d->d_type;
		long length = old ? o->length : d->d_reclen;
		const char *name = old ? o->name : d->d_name;

		if (length < 20 || length % 8 || strlen(name) + 20 > (size_t)length || !(old ? o->inode : d->d_ino))
			say("a bad entry of %ld bytes\n", length);
		snprintf(names[count++], 64, "%s %d", name, type);
		at += length;
	}
	return n;
}

static void list(const char *name, long size, int old)
{
	int fd = open(name, O_RDONLY | O_DIRECTORY), calls = 0;
	struct dirent64 unused;
	long n;

	(void)unused;
	count = 0;
	while ((n = more(fd, size, old)) > 0)
		calls++;
	told("%s in pieces of %ld: %d%s,", n, name, size, count, calls > 1 ? " in several" : "");
	qsort(names, (size_t)count, sizeof *names, compare);
	for (int i = 0; i < count; i++)
		say("%s%s", names[i], i + 1 < count ? ", " : "\n");
	close(fd);
}

static void seeks(void)
{
	int fd = open("many", O_RDONLY), twin = dup(fd);
	char first[64];

	count = 0;
	more(fd, 24 * 3 + 8, 0);
	strcpy(first, names[0]);
	told("one end of all", lseek(fd, 0, SEEK_SET));
	count = 0;
	more(twin, 24 * 3 + 8, 0);
	say("again from the beginning: %d\n", strcmp(first, names[0]) == 0);
	while (more(fd, 4096, 0) > 0)
		;
	say("all of them: %d\n", count);
	told("the end", more(twin, 4096, 0));
	count = 0;
	told("by another open file", more(open("many", O_RDONLY), 32768, 0) > 0);
	say("%d\n", count);
}

int main(void)
{
	int fd = open(".", O_RDONLY), file = open("file", O_RDONLY), path = open("dir", O_PATH), ends[2], gone;
	char *edge = edge_pages();

	for (int old = 0; old < 2; old++) {
		list(".", 32768, old);
		list("many", 200, old);
		list("many", 100000, old);
		list("dir", 65536, old);
		list("locked", 65536, old);
		list("missing", 65536, old);
		list("dir", 0, old);
		list("dir", 8, old);
		list("dir", 23, old);
		list("dir", -1, old);
	}
	seeks();
	for (int old = 0; old < 2; old++) {
		long number = old ? SYS_getdents : SYS_getdents64;

		told("a file", call_of(number, (long[8]){ 0, file, (long)edge, 4096 }));
		told("a path", call_of(number, (long[8]){ 0, path, (long)edge, 4096 }));
		told("none", call_of(number, (long[8]){ 0, -1, (long)edge, 4096 }));
		told("nowhere", call_of(number, (long[8]){ 0, fd, (long)BAD, 4096 }));
		told("guard", call_of(number, (long[8]){ 0, fd, (long)edge + GUARD, 4096 }));
		told("read-only", call_of(number, (long[8]){ 0, fd, (long)edge + READABLE, 4096 }));
		told("something fits", call_of(number, (long[8]){ 0, fd, (long)edge + GUARD - 64, 4096 }) > 0);
		lseek(fd, 0, SEEK_SET);
	}
	if (pipe(ends) == 0)
		CALL(getdents64, ends[0], edge, 4096);
	mkdir("gone", 0700);
	gone = open("gone", O_RDONLY);
	rmdir("gone");
	CALL(getdents64, gone, edge, 4096);
	return 0;
}
