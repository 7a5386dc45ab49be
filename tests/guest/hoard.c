/* hoard WAY: takes memory piece by piece, and says how many pieces it got. What it takes is not all in use as it is counted. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE (16ul << 20)
#define PIECES 32

static char *piece(int prot, int flags)
{
	char *p = mmap(NULL, PIECE, prot, MAP_ANONYMOUS | flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int touch(const char *p)
{
	int sum = 0;

	for (size_t at = 0; at < PIECE; at += 4096)
		sum += p[at];
	return sum == 0;
}

/* Only ever read. */
static int is_read(void)
{
	const char *p = piece(PROT_READ, MAP_PRIVATE);

	return p && touch(p);
}

/* Reserved first, as arenas and heaps are. */
static int is_opened(void)
{
	char *p = piece(PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);

	return p && mprotect(p, PIECE, PROT_READ | PROT_WRITE) == 0 && memset(p, 1, PIECE);
}

/* Written to, and then closed. */
static int is_closed(void)
{
	char *p = piece(PROT_READ | PROT_WRITE, MAP_PRIVATE);

	return p && memset(p, 1, PIECE) && mprotect(p, PIECE, PROT_NONE) == 0;
}

static int is_unreserved(void)
{
	char *p = piece(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE);

	return p && memset(p, 1, PIECE);
}

/* What is only reserved takes nothing. */
static int is_reserved(void)
{
	return piece(PROT_NONE, MAP_PRIVATE) != NULL;
}

/* Shared with a child, which goes on with it when its parent has ended. 0: that is this process's end. */
static int is_inherited(void)
{
	char *p = piece(PROT_READ | PROT_WRITE, MAP_SHARED);
	int status;
	pid_t child;

	if (!p || !memset(p, 1, PIECE) || (child = fork()) < 0)
		return 0;
	if (child == 0)
		return 1;
	munmap(p, PIECE);
	waitpid(child, &status, 0);
	_exit(WEXITSTATUS(status));
}

/* Made of pages of the stack. */
static int is_of_stack(void)
{
	static int count;
	char *page = (char *)((uintptr_t)__builtin_frame_address(0) & -4096ul) - (16 + 2 * count++) * 4096, *p;

	*page = 1;
	p = mremap(page, 4096, PIECE, MREMAP_MAYMOVE);
	return p != MAP_FAILED && memset(p, 1, PIECE);
}

static char *waited_for;

static void *wait_there(void *pipe)
{
	return read(*(int *)pipe, waited_for, PIECE) < 0 ? NULL : pipe;
}

/* A thread waits to read to where one after the other is mapped. */
static int is_waited_for(void)
{
	static int ends[2];
	pthread_t waiting;

	if (waited_for)
		munmap(waited_for, PIECE);
	waited_for = mmap(waited_for, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | (waited_for ? MAP_FIXED : 0), -1, 0);
	if (waited_for == MAP_FAILED)
		return 0;
	if (!ends[1] && (pipe(ends) != 0 || pthread_create(&waiting, NULL, wait_there, ends) != 0))
		return 0;
	usleep(1000); /* until it waits */
	return memset(waited_for, 1, PIECE) != NULL;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*take)(void);
	} ways[] = { { "read", is_read }, { "opened", is_opened }, { "closed", is_closed }, { "unreserved", is_unreserved },
		     { "reserved", is_reserved }, { "inherited", is_inherited },
		     { "stack", is_of_stack }, { "waited", is_waited_for } };
	int got = 0;

	for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
		while (!strcmp(argv[1], ways[i].name) && got < PIECES && ways[i].take())
			got++;
	printf("%d\n", got);
	return 0;
}
