/* calls: madvise mmap */
#include "say.h"

int main(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     *file = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, open("big", O_RDONLY), 0);

	memset(p, 'x', 4 * PAGE);
	TRY(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	say("%d %d %d\n", p[PAGE - 1], p[PAGE], p[2 * PAGE]);
	TRY(madvise(p, 100, MADV_DONTNEED));
	say("%d %d\n", p[0], p[PAGE - 1]);
	for (int advice = 0; advice < 4; advice++)	/* normal, random, sequential, soon */
		told("madvise %d", madvise(p, 4 * PAGE, advice), advice);
	TRY(madvise(p, PAGE, 14));	/* huge pages, if the host has them */
	TRY(madvise(p, PAGE, MADV_DONTFORK));
	TRY(madvise(p, PAGE, MADV_DONTDUMP));
	TRY(madvise(p, PAGE, MADV_FREE) == 0 || errno == EINVAL);
	TRY(madvise(p + 1, PAGE, MADV_DONTNEED));
	TRY(madvise(p, 0, MADV_DONTNEED));
	TRY(madvise(p, -1, MADV_DONTNEED));
	TRY(madvise(p, -PAGE, MADV_DONTNEED));
	TRY(madvise(p, PAGE, 7777));
	TRY(madvise(p, PAGE, -1));
	TRY(madvise(BAD, PAGE, MADV_DONTNEED));
	TRY(madvise(KERNEL_HALF, PAGE, MADV_DONTNEED));
	munmap(p + 2 * PAGE, PAGE);
	p[0] = p[3 * PAGE] = 'y';
	TRY(madvise(p, 4 * PAGE, MADV_DONTNEED));
	say("around the hole: %d %d\n", p[0], p[3 * PAGE]);
	TRY(madvise(p + 2 * PAGE, PAGE, MADV_NORMAL));
	say_bytes("file", file, 4);
	file[0] = 'C';
	TRY(madvise(file, PAGE, MADV_DONTNEED));
	say_bytes("file, read again", file, 4);
	TRY(madvise(file, PAGE, MADV_WILLNEED));
	return 0;
}
