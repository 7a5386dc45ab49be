/* calls: mmap mprotect mremap munmap close ftruncate read write */
#include "say.h"

/* A file's mappings, as they change what they are: read-only to writable, moved, grown, over one another, past their descriptors. */
int main(void)
{
	int fd = open("big", O_RDWR), ro = open("big", O_RDONLY), other = open("file", O_RDWR);
	char *p, *q, *r, byte[8];
	long n;

	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
	TRY(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE));
	say_bytes("one page of four, writable now", p + PAGE, 4);
	p[PAGE] = 'w';
	TRY(pread(ro, byte, 1, PAGE));
	say_bytes("the file's", byte, 1);
	TRY(pwrite(fd, "Z", 1, 0));
	TRY(pwrite(fd, "Z", 1, PAGE));
	say("a page that was not written to: %c, one that was: %c\n", p[0], p[PAGE]);
	TRY(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
	p[3 * PAGE + 200] = 'e';
	say_bytes("behind the end", p + 3 * PAGE + 98, 4);
	TRY(mprotect(p, 4 * PAGE, PROT_READ));
	TRY(mprotect(p, 4 * PAGE, PROT_NONE));
	TRY(write(1, p, 1));
	TRY(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
	say("kept: %c %c\n", p[PAGE], p[3 * PAGE + 200]);
	TRY(read(other, p + 2 * PAGE - 2, 4));
	say_bytes("read across two", p + 2 * PAGE - 2, 4);
	TRY(write(1, p + 2 * PAGE - 2, 4));
	say("\n");

	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	TRY(close(fd));
	TRY(close(ro));
	q[0] = 's';
	fd = open("big", O_RDWR);
	TRY(pread(fd, byte, 1, PAGE));
	say_bytes("written after close", byte, 1);
	q = mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	say_bytes("grown shared", q + PAGE, 4);
	q[PAGE] = 'g';
	TRY(pread(fd, byte, 1, 2 * PAGE));
	say_bytes("the file's third page", byte, 1);
	r = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	n = mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r + 4 * PAGE) == r + 4 * PAGE;
	say("moved to a place: %ld, %c\n", n, r[5 * PAGE]);
	TRY(mremap(r + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_FIXED, r) == MAP_FAILED ? -1 : 0);
	TRY(mremap(r + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r + 5 * PAGE) == MAP_FAILED ? -1 : 0);
	TRY(mremap(r + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r + 1) == MAP_FAILED ? -1 : 0);
	TRY(mremap(r + 4 * PAGE, 2 * PAGE, PAGE, 0) == r + 4 * PAGE);
	TRY(mremap(r + 4 * PAGE, PAGE, 2 * PAGE, 8) == MAP_FAILED ? -1 : 0);

	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	p[0] = 'c';
	p = mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	say("a copy grown: %c, the file's: %d %d\n", p[0], p[2 * PAGE], p[3 * PAGE + 99]);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, open("empty", O_RDONLY), 0);
	TRY(write(1, p, 1));
	TRY(mprotect(p, 2 * PAGE, PROT_READ | PROT_WRITE));
	TRY(read(other, p, 1));
	TRY(munmap(p + PAGE, PAGE));
	TRY(munmap(p, PAGE));

	p = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	TRY(ftruncate(fd, PAGE));
	TRY(write(1, p + PAGE, 1));
	TRY(read(other, r + 4 * PAGE, 1));
	TRY(open(p + 2 * PAGE, O_RDONLY));
	TRY(mprotect(p, 3 * PAGE, PROT_NONE));
	TRY(mprotect(p, 3 * PAGE, PROT_READ));
	TRY(ftruncate(fd, 3 * PAGE));
	say("grown again: %d\n", p[PAGE]);
	TRY(write(1, p + 2 * PAGE, 0));
	TRY(munmap(p, 3 * PAGE));
	return 0;
}
