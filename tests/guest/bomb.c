/* Takes all that it can get: "bomb processes", "bomb threads", "bomb memory", "bomb files" (in memory). Says how it ended, gives all back, and works on. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE (8ul << 20)
#define MOST 100000

static pid_t children[MOST];

static void tell(const char *what, int error)
{
	dprintf(1, "no more %s: %s\n", what, strerrorname_np(error));
}

static void processes(void)
{
	int n = 0, error;

	while (n < MOST && (children[n] = fork()) > 0)
		n++;
	if (n < MOST && children[n] == 0)
		for (;;)
			pause();
	error = errno;
	for (int i = 0; i < n; i++)
		kill(children[i], SIGKILL);
	for (int i = 0; i < n; i++)
		waitpid(children[i], NULL, 0);
	tell("processes", error);
	dprintf(1, "some: %d; none is left: %d\n", n > 10, wait(NULL) < 0);
}

static void *stay(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void threads(void)
{
	pthread_t thread;
	int n = 0, error;

	while (n < MOST && (error = pthread_create(&thread, NULL, stay, NULL)) == 0)
		n++;
	tell("threads", error);
	dprintf(1, "some: %d\n", n > 10);
}

static void memory(void)
{
	char *piece, *last = NULL;
	unsigned long n = 0;

	while ((piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED) {
		memset(piece, 1, PIECE);
		*(char **)piece = last;
		last = piece;
		n++;
	}
	tell("memory", errno);
	for (char *next; last; last = next) {
		next = *(char **)last;
		munmap(last, PIECE);
	}
	dprintf(1, "some: %d; again: %d\n", n > 2, mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

/* Of no size, for all that they hold. */
static void files(void)
{
	int fds[MOST], n = 0, error = 0;

	while (!error && n < MOST && (fds[n] = memfd_create("piece", 0)) >= 0)
		error = fallocate(fds[n++], FALLOC_FL_KEEP_SIZE, 0, PIECE) ? errno : 0;
	tell("files in memory", error);
	dprintf(1, "some: %d; written: %zd\n", n > 2, write(fds[0], fds, sizeof fds[0]));
	for (int i = 1; i < n; i++)
		close(fds[i]);
	dprintf(1, "again: %d\n", fallocate(fds[0], FALLOC_FL_KEEP_SIZE, 0, 2 * PIECE));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "processes"))
		processes();
	else if (!strcmp(what, "threads"))
		threads();
	else if (!strcmp(what, "memory"))
		memory();
	else if (!strcmp(what, "files"))
		files();
	return 0;
}
