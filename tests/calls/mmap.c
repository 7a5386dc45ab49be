/* calls: mmap munmap mprotect msync */
#include "say.h"

static void *map(const char *what, void *at, long size, int prot, int flags, long fd, long offset)
{
	void *p = mmap(at, (size_t)size, prot, flags, (int)fd, offset);

	if (p == MAP_FAILED)
		told("mmap %s", -1, what);
	else
		say("mmap %s = %s\n", what, p == at ? "there" : "ok");
	return p;
}

#define MAP(text, ...) map(text, __VA_ARGS__)

static void files(long rw, long ro, long wo)
{
	char *p = MAP("private", NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, rw, 0), *q, byte[4];

	say_bytes("first bytes", p, 8);
	say_bytes("beyond the end, last page", p + 3 * PAGE + 98, 6);
	p[0] = 'P';
	TRY(pread(rw, byte, 1, 0));
	say_bytes("the file", byte, 1);
	q = MAP("shared", NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rw, 0);
	q[1] = 'S';
	q[3 * PAGE + 99] = 'E';
	TRY(pread(rw, byte, 2, 0));
	say_bytes("the file", byte, 2);
	TRY(pwrite(rw, "W", 1, PAGE));
	say_bytes("shared sees it", q + PAGE, 1);
	TRY(msync(q, 4 * PAGE, MS_SYNC));
	TRY(close(dup(rw)));
	p = MAP("shared, read only", NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	say_bytes("the same file", p, 2);
	TRY(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	TRY(mprotect(p, PAGE, PROT_READ));
	q[2] = 'T';
	say_bytes("another's change", p, 3);
	p = MAP("at an offset", NULL, PAGE, PROT_READ, MAP_PRIVATE, ro, PAGE);
	say_bytes("second page", p, 4);
	TRY(munmap(p, PAGE));
	MAP("write only", NULL, PAGE, PROT_READ, MAP_SHARED, wo, 0);
	MAP("write only, private", NULL, PAGE, PROT_WRITE, MAP_PRIVATE, wo, 0);
	MAP("shared writable of read only", NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0);
	MAP("private writable of read only", NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0);
	MAP("nothing of read only", NULL, PAGE, PROT_NONE, MAP_SHARED, ro, 0);
	MAP("validated", NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE, rw, 0);
	MAP("validated with flags that are none", NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x4000000, rw, 0);
}

static void bad(long rw)
{
	MAP("no descriptor", NULL, PAGE, PROT_READ, MAP_PRIVATE, NO_FD, 0);
	MAP("-1", NULL, PAGE, PROT_READ, MAP_SHARED, -1, 0);
	MAP("anonymous with a descriptor", NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, NO_FD, 0);
	MAP("a directory", NULL, PAGE, PROT_READ, MAP_PRIVATE, open("dir", O_RDONLY), 0);
	MAP("a path", NULL, PAGE, PROT_READ, MAP_PRIVATE, open("file", O_PATH), 0);
	MAP("a pipe", NULL, PAGE, PROT_READ, MAP_PRIVATE, 0, 0);
	MAP("of size 0", NULL, 0, PROT_READ, MAP_PRIVATE, rw, 0);
	MAP("of size -1", NULL, -1, PROT_READ, MAP_PRIVATE, rw, 0);
	MAP("neither private nor shared", NULL, PAGE, PROT_READ, 0, rw, 0);
	MAP("of no sort", NULL, PAGE, PROT_READ, 0xc, rw, 0);
	MAP("offset 1", NULL, PAGE, PROT_READ, MAP_PRIVATE, rw, 1);
	MAP("offset -4096", NULL, PAGE, PROT_READ, MAP_PRIVATE, rw, -PAGE);
	MAP("offset too far", NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, rw, 0x7ffffffffffff000);
	MAP("fixed, unaligned", (void *)0x10000001, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, rw, 0);
	MAP("fixed, kernel's half", KERNEL_HALF, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, rw, 0);
	MAP("of an empty file", NULL, PAGE, PROT_READ, MAP_PRIVATE, open("empty", O_RDONLY), 0);
	MAP("beyond the end", NULL, PAGE, PROT_READ, MAP_PRIVATE, rw, 100 * PAGE);
}

static void areas(long rw)
{
	char *p = MAP("five pages", NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 'x', 5 * PAGE);
	MAP("a file's over the second", p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, rw, 0);
	say_bytes("around", p + PAGE - 2, 4);
	MAP("not over it", p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	TRY(munmap(p + 3 * PAGE, PAGE));
	MAP("into the hole", p + 3 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	say_bytes("around", p + 3 * PAGE - 2, 4);
	TRY(munmap(p + 3 * PAGE, PAGE));
	TRY(munmap(p + 3 * PAGE, PAGE));
	TRY(mprotect(p, 3 * PAGE, PROT_READ));
	TRY(mprotect(p, 5 * PAGE, PROT_READ));
	TRY(mprotect(p + 1, PAGE, PROT_READ));
	TRY(mprotect(p, PAGE, 0x100));
	TRY(mprotect(p, -PAGE, PROT_READ));
	TRY(mprotect(BAD, PAGE, PROT_READ));
	TRY(mprotect(p, 0, PROT_READ));
	TRY(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
	TRY(munmap(p + 1, PAGE));
	TRY(munmap(p, 0));
	TRY(munmap(p, -1));
	TRY(munmap(KERNEL_HALF, PAGE));
	TRY(msync(p, PAGE, MS_ASYNC));
	TRY(msync(p, PAGE, MS_ASYNC | MS_SYNC));
	TRY(msync(p, PAGE, 8));
	TRY(msync(p + 1, PAGE, MS_SYNC));
	TRY(msync(p, 0, MS_SYNC));
	TRY(msync(p, 5 * PAGE, MS_SYNC));
	TRY(msync(p + 3 * PAGE, PAGE, MS_ASYNC));
	TRY(msync(p, -PAGE, MS_SYNC));
	TRY(munmap(p, 5 * PAGE));
}

int main(void)
{
	long rw = TRY(open("big", O_RDWR)), ro = TRY(open("big", O_RDONLY)), wo = TRY(open("big", O_WRONLY));

	files(rw, ro, wo);
	bad(rw);
	areas(rw);
	return 0;
}
