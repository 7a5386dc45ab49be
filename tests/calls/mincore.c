/* calls: mincore mmap */
#include "say.h"

static unsigned char seen[16];

static void look_at(const char *what, char *p, long pages)
{
	memset(seen, 9, sizeof seen);
	told("mincore of %s", mincore(p, (size_t)(pages * PAGE), seen), what);
	for (long i = 0; i < pages + 1; i++)
		seen[i] = seen[i] == 9 ? 'x' : '0' + (seen[i] & 1);
	say_bytes(what, seen, pages + 1);
}

int main(void)
{
	char *edge = edge_pages(), *p, *file;
	int fd = open("big", O_RDWR);

	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	look_at("nothing touched", p, 4);
	p[PAGE] = p[3 * PAGE] = 1;
	look_at("two touched", p, 4);
	madvise(p + PAGE, PAGE, MADV_DONTNEED);
	look_at("one given back", p, 4);
	file = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	for (int i = 0; i < 4; i++)
		(void)*(volatile char *)(file + i * PAGE);
	look_at("a file", file, 4);
	munmap(p + 2 * PAGE, PAGE);
	told("mincore of a hole", mincore(p + 2 * PAGE, PAGE, seen));
	TRY(mincore(p + 1, PAGE, seen));
	TRY(mincore(p, 0, seen));
	TRY(mincore(p, 1, seen));
	TRY(mincore(p, -PAGE, seen));
	TRY(mincore(KERNEL_HALF, PAGE, seen));
	TRY(mincore(p, PAGE, BAD));
	TRY(mincore(p, PAGE, edge + GUARD));
	TRY(mincore(p, PAGE, edge + READABLE));
	TRY(mincore(p, 2 * PAGE, edge + GUARD - 1));
	TRY(mincore(p, 2 * PAGE, edge + GUARD - 2));
	return 0;
}
