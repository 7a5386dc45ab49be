/* calls: mremap mmap munmap */
#include "say.h"

static char *fresh(long pages, int fill)
{
	char *p = mmap(NULL, (size_t)((pages + 8) * PAGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + pages * PAGE, 8 * PAGE);
	memset(p, fill, (size_t)(pages * PAGE));
	return p;
}

static void sized(char *p, long from, long to, int flags, const char *what)
{
	char *q = mremap(p, (size_t)from, (size_t)to, flags);

	if (q == MAP_FAILED)
		told("mremap %s", -1, what);
	else
		say("mremap %s: %s, %d .. %d\n", what, flags & MREMAP_MAYMOVE ? "ok" : q == p ? "in place" : "moved", q[0], q[to - 1]);
}

int main(void)
{
	char *p = fresh(4, 'a'), *q;
	long fd = open("big", O_RDWR);

	sized(p, 4 * PAGE, 2 * PAGE, 0, "smaller");
	TRY(msync(p + 2 * PAGE, PAGE, MS_ASYNC));
	sized(p, 2 * PAGE, 4 * PAGE, 0, "larger again");
	mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sized(p, 4 * PAGE, 8 * PAGE, 0, "with something in the way");
	sized(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, "and it may move");
	p = fresh(4, 'b');
	sized(p, 4 * PAGE, 4 * PAGE, 0, "as it was");
	sized(p, 1, 1, 0, "of one byte");
	sized(p, 0, PAGE, MREMAP_MAYMOVE, "of nothing");
	sized(p, PAGE, 0, 0, "to nothing");
	sized(p + 1, PAGE, PAGE, 0, "unaligned");
	sized(p, PAGE, 2 * PAGE, 0x100, "with wrong flags");
	sized(p, PAGE, PAGE, MREMAP_FIXED, "fixed but not movable");
	sized(BAD, PAGE, 2 * PAGE, 0, "of 8");
	sized(KERNEL_HALF, PAGE, 2 * PAGE, 0, "of the kernel's half");
	sized(p, PAGE, 1l << 46, MREMAP_MAYMOVE, "to too much");
	munmap(p + 3 * PAGE, PAGE);
	sized(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, "over a hole");
	sized(p + 3 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, "of a hole");
	q = fresh(4, 'c');
	TRY(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + 1) == MAP_FAILED);
	TRY(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE) == MAP_FAILED);
	say("moved there: %d\n", mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE) == q + PAGE);
	say_bytes("there", q + PAGE - 1, 2);
	say_bytes("behind", q + 2 * PAGE - 1, 2);
	TRY(msync(p, PAGE, MS_ASYNC));
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	sized(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE, "of a file");
	return 0;
}
