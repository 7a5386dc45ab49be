/* shrink: maps the file argv[1] as argv[2] says (shared, private or code), waits for a line, then does argv[3] to its third page. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *page;

static void told(const char *what, long result)
{
	dprintf(1, "%s: %ld %s\n", what, result, result < 0 ? strerrorname_np(errno) : "");
}

int main(int argc, char **argv)
{
	int shared = !strcmp(argv[2], "shared"), fd = open(argv[1], shared ? O_RDWR : O_RDONLY), sink = open("sink", O_CREAT | O_RDWR, 0600);
	char line, *p = mmap(NULL, 16384, PROT_READ | (shared ? PROT_WRITE : 0) | (!strcmp(argv[2], "code") ? PROT_EXEC : 0),
			     shared ? MAP_SHARED : MAP_PRIVATE, fd, 0);

	if (argc != 4 || p == MAP_FAILED)
		return 99;
	page = p + 8192;
	dprintf(1, "mapped, %d\n", page[0]);
	while (read(0, &line, 1) == 1 && line != '\n')
		;
	told("first page", p[0]);
	if (!strcmp(argv[3], "read"))
		told("read", page[0]);
	if (!strcmp(argv[3], "write"))
		page[0] = 'w';
	if (!strcmp(argv[3], "calls")) {
		told("write from it", write(sink, page, 100));
		told("read to it", pread(sink, page, 1, 0));
		told("open by its name", open(page, O_RDONLY));
		told("write across", write(sink, p + 4000, 8192));
	}
	dprintf(1, "ends\n");
	return 3;
}
