/*
 * Three with the same addresses, of whom one, B, takes all mappings that the host has; then another program, by files, takes some
 * that B had while it ran. When A ends, B, which ran last, is to be shown again, and cannot be. What does P find where its memory was?
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define PAGES 8192 /* of each one's own */
#define MOST 70000 /* mappings; Linux's default lets a process have 65,530 */
#define FILES 250

static int to_b[2], to_filler[2], to_a[2];

static void tell(const int *pipe)
{
	if (write(pipe[1], "x", 1) != 1)
		_exit(2);
}

static void wait_for(const int *pipe)
{
	char c;

	if (read(pipe[0], &c, 1) != 1)
		_exit(2);
}

static void be_a(char *own)
{
	memset(own, 'A', PAGES * PAGE);
	tell(to_b);
	wait_for(to_a);
	_exit(0);
}

static void be_b(void)
{
	char *all = mmap(NULL, MOST * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long i = 0;

	wait_for(to_b);
	while (i < MOST && mprotect(all + i * PAGE, PAGE, PROT_READ) == 0)
		i += 2;
	if (i >= MOST)
		puts("the host has more mappings");
	tell(to_filler);
	for (;;)
		pause();
}

/* Writes from mapped files, so that the kernel looks at them, too. */
static void fill(void)
{
	int out = open("/dev/null", O_WRONLY);

	wait_for(to_filler);
	for (int i = 0; i < FILES; i++) {
		char name[] = "fileXXXXXX", *at;
		int fd = mkstemp(name);

		if (fd < 0 || ftruncate(fd, PAGE) != 0)
			_exit(2);
		at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		unlink(name);
		close(fd);
		if (at == MAP_FAILED || write(out, at, 1) != 1)
			break;
	}
	tell(to_a);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int right = 0, ended = 0, status;
	pid_t a, b, filler;
	char *own, numbers[4][12], *again[] = { argv[0], numbers[0], numbers[1], numbers[2], numbers[3], NULL };

	if (argc == 5) {
		to_filler[0] = atoi(argv[1]), to_filler[1] = atoi(argv[2]), to_a[0] = atoi(argv[3]), to_a[1] = atoi(argv[4]);
		fill();
	}
	own = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(own, 'P', PAGES * PAGE);
	if (pipe(to_b) != 0 || pipe(to_filler) != 0 || pipe(to_a) != 0)
		return 2;
	for (int i = 0; i < 4; i++)
		sprintf(numbers[i], "%d", i < 2 ? to_filler[i] : to_a[i - 2]);
	if ((a = fork()) == 0)
		be_a(own);
	if ((b = fork()) == 0)
		be_b();
	if ((filler = fork()) == 0)
		_exit(execv("/proc/self/exe", again));
	ended = waitpid(a, &status, 0) == a && status == 0;
	for (long i = 0; i < PAGES; i++)
		right += own[i * PAGE] == 'P' && own[i * PAGE + PAGE - 1] == 'P';
	kill(b, SIGKILL);
	kill(filler, SIGKILL);
	waitpid(b, NULL, 0);
	printf("%d, %d of %d\n", ended, right, PAGES);
	return 0;
}
