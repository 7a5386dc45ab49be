/*
 * Shared memory of one's own, and of one's child's, right behind it, in the machine's memory as in addresses: another child has
 * both, and then the first has neither any more, and ends. Whose is it? Addresses that are taken make the kernel choose such places.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define GIB (1ul << 30)
#define WINDOW (32 * GIB) /* uos gives a process so much; the last pages are the kernel's to choose */
#define FIRST (16 * PAGE)
#define SECOND (2 * FIRST) /* too much for its own window's end, and not for what is before the program's data */
#define TOP (FIRST + PAGE)
#define STACK (8ul << 20)

static uintptr_t base;

static char *share(uintptr_t at, size_t length)
{
	char *p = mmap((void *)at, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return p == MAP_FAILED ? (perror("mmap"), exit(1), NULL) : p;
}

static char *move(char *from, size_t length, uintptr_t to)
{
	char *p = mremap(from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to);

	return p == MAP_FAILED ? (perror("mremap"), exit(1), NULL) : p;
}

/* All that is free of the second half, without taking memory. */
static void reserve(uintptr_t low, uintptr_t high)
{
	uintptr_t middle = ((low + high) / 2) & -PAGE;

	if (low >= high || mmap((void *)low, high - low, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED ||
	    high - low == PAGE)
		return;
	reserve(low, middle);
	reserve(middle, high);
}

/* Its place in memory is not the one that its address asks for: that is taken. */
static char *elsewhere(uintptr_t at, size_t length, uintptr_t parked, uintptr_t to)
{
	move(share(at, length), length, parked);
	return move(share(at, length), length, to);
}

static void be_last(const int *gone, const char *all)
{
	char c;

	close(gone[1]);
	if (read(gone[0], &c, 1) != 0)
		_exit(1);
	printf("%c %c, %c %c\n", all[0], all[FIRST - 1], all[FIRST], all[FIRST + SECOND - 1]);
	exit(0);
}

int main(void)
{
	static int gone[2];
	uintptr_t place;
	char *own;
	pid_t child;

	base = (uintptr_t)&base / WINDOW * WINDOW;
	place = base + 12 * GIB;
	if (pipe(gone) != 0)
		return 2;
	reserve(base + WINDOW / 2, base + WINDOW - TOP);
	own = elsewhere(base + 4 * GIB, FIRST, base + 5 * GIB, place);
	memset(own, '1', FIRST);
	if ((child = fork()) == 0) {
		munmap((void *)(base + WINDOW / 2), WINDOW / 2 - STACK - TOP);
		reserve(base + WINDOW / 2, base + WINDOW - TOP);
		memset(elsewhere(base + 8 * GIB, SECOND, base + 10 * GIB, place + FIRST), '2', SECOND);
		munmap((void *)(base + 10 * GIB), SECOND);
		if (fork() == 0) {
			munmap((void *)(base + WINDOW / 2), WINDOW / 2 - STACK - TOP);
			be_last(gone, own);
		}
		munmap(own + FIRST, SECOND);
		_exit(0);
	}
	close(gone[0]);
	waitpid(child, NULL, 0);
	close(gone[1]);
	while (wait(NULL) > 0)
		;
	return 0;
}
