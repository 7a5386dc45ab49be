/*
 * crowd maps: has pages of two kinds by turns until it gets no more, then sleeps, and looks whether all is still there.
 * crowd files N: makes N files, maps each, and lets the kernel look into it; all stay mapped for a while.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static void rest(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int maps(void)
{
	long pages = 200000, n = 0;
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	volatile char sum = 0;

	while (p != MAP_FAILED && 2 * n < pages && mprotect(p + 2 * n * PAGE, PAGE, PROT_READ) == 0)
		n++;
	dprintf(1, "crowd: %s\n", 2 * n < pages ? strerrorname_np(errno) : "all");
	rest(1500);
	for (long i = 0; i < n; i += 100)
		sum += p[i * PAGE];
	dprintf(1, "crowd: still there\n");
	return sum;
}

static int files(long count)
{
	int sink = open("/dev/null", O_WRONLY);
	long seen = 0;

	rest(500);
	for (long i = 0; i < count; i++) {
		char name[32], *p;
		int fd;

		snprintf(name, sizeof name, "crowd-%ld", i);
		fd = open(name, O_CREAT | O_RDWR, 0600);
		if (fd < 0 || ftruncate(fd, PAGE))
			break;
		p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
		unlink(name);
		if (p == MAP_FAILED)
			break;
		seen += write(sink, p, 1) == 1;
	}
	dprintf(1, "crowd: files seen: %s\n", seen == count ? "all" : seen ? "some" : "none");
	rest(2000);
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 2 ? files(atol(argv[2])) : maps();
}
