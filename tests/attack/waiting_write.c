/* none: fails "never another's"; keys: fails "never another's"; full: fails "never another's" */
#include "attack.h"

#include <pthread.h>
#include <sys/uio.h>

/*
 * A write waits for a full pipe, and points to pages that were shared with a child since fork. Meanwhile they are written to, mapped
 * anew, given back or unmapped by another thread, the child ends, and others fill what memory they get. What comes out of the pipe?
 */
#define SIZE (40 * PAGE)
#define ROUNDS 48
#define OTHERS 3
#define MINE 1
#define MINE_LATER 2
#define ANOTHERS 0x77

static char *pages;
static int ends[2], way;

static void *writer(void *unused)
{
	struct iovec halves[2] = { { pages, SIZE / 2 }, { pages + SIZE / 2, SIZE / 2 } };

	(void)unused;
	switch (way % 3) {
	case 0: (void)!write(ends[1], pages, SIZE); break;
	case 1: (void)!writev(ends[1], halves, 2); break;
	default: (void)!vmsplice(ends[1], halves, 2, 0);
	}
	close(ends[1]);
	return NULL;
}

/* Lives until nobody holds the other end of the gate. */
static pid_t child_until(int gate[2])
{
	pid_t child = fork();

	if (child == 0) {
		char byte;

		close(gate[1]);
		close(ends[1]);
		if (way & 1)
			memset(pages, 3, SIZE);
		(void)!read(gate[0], &byte, 1);
		if (way & 2)
			munmap(pages, SIZE);
		_exit(0);
	}
	return child;
}

static void others(void)
{
	for (int i = 0; i < OTHERS; i++)
		if (fork() == 0) {
			close(ends[1]);
			memset(map(4 * SIZE / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), ANOTHERS, 4 * SIZE);
			_exit(0);
		}
}

static int another_s(void)
{
	unsigned char buffer[PAGE];
	int wrong = 0;

	for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
		for (ssize_t i = 0; i < got; i++)
			wrong += buffer[i] == ANOTHERS;
	return wrong;
}

int main(void)
{
	int wrong = 0;

	for (way = 0; way < ROUNDS; way++) {
		int gate[2];
		pthread_t thread;
		pid_t child;

		if (pipe(ends) || pipe(gate))
			return say("no pipe\n"), 1;
		pages = map(SIZE / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		memset(pages, MINE, SIZE);
		child = child_until(gate);
		if (pthread_create(&thread, NULL, writer, NULL))
			return say("no thread\n"), 1;
		usleep(1000);
		switch (way / 12) {
		case 0: memset(pages, MINE_LATER, SIZE); break;
		case 1: mmap(pages, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
		case 2: madvise(pages, SIZE, MADV_DONTNEED); break;
		default: munmap(pages, SIZE);
		}
		close(gate[0]);
		close(gate[1]);
		waitpid(child, NULL, 0);
		others();
		wrong += another_s();
		pthread_join(thread, NULL);
		munmap(pages, SIZE);
		close(ends[0]);
		while (wait(NULL) > 0)
			;
	}
	say(wrong ? "%d bytes of another's\n" : "never another's\n", wrong);
	return 0;
}
