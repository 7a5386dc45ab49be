/* calls: mmap read */
#include "say.h"

static char *map(const char *what, const char *name, int access, int prot, int flags)
{
	int fd = open(name, access);
	char *p = mmap(NULL, 2 * PAGE, prot, flags, fd, 0);

	close(fd);
	told("mmap %s", p == MAP_FAILED ? -1 : 0, what);
	return p;
}

/* Mappings of devices, and devices read to where a file has been. */
int main(void)
{
	char *p = map("zero, private", "/dev/zero", O_RDONLY, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int zero = open("/dev/zero", O_RDWR), random = open("/dev/urandom", O_RDONLY), fd = open("big", O_RDWR);

	say("%d\n", p[PAGE]);
	p[PAGE] = 'z';
	TRY(madvise(p, 2 * PAGE, MADV_DONTNEED));
	say("%d\n", p[PAGE]);
	p = map("zero, shared", "/dev/zero", O_RDWR, PROT_READ | PROT_WRITE, MAP_SHARED);
	p[PAGE] = 's';
	TRY(madvise(p, 2 * PAGE, MADV_DONTNEED));
	say("%d\n", p[PAGE]);
	map("zero, shared to be written, opened to be read", "/dev/zero", O_RDONLY, PROT_READ | PROT_WRITE, MAP_SHARED);
	map("zero, opened to be written", "/dev/zero", O_WRONLY, PROT_READ, MAP_PRIVATE);
	map("zero, of no kind", "/dev/zero", O_RDONLY, PROT_READ, 0);
	map("full", "/dev/full", O_RDWR, PROT_READ, MAP_PRIVATE);
	map("null", "/dev/null", O_RDWR, PROT_READ, MAP_PRIVATE);
	map("urandom", "/dev/urandom", O_RDONLY, PROT_READ, MAP_PRIVATE);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	TRY(read(zero, p + PAGE, 10));
	say("%d %d\n", p[PAGE], p[PAGE + 10]);
	TRY(ftruncate(fd, PAGE));
	TRY(read(zero, p + PAGE, 10));
	TRY(read(random, p + PAGE, 10));
	TRY(read(zero, p + PAGE - 4, 10));
	TRY(read(random, p + PAGE - 4, 10));
	TRY(read(zero, p, PAGE));
	say("%d %d\n", p[0], p[PAGE - 1]);
	return 0;
}
