/*
 * disk: what reads and syncs of a file are like that the disk has to do first.
 *
 *	read [FILE [SIZE]]   all of it in blocks of SIZE (without: one that is larger than the file); without FILE descriptor 0
 *	sync FILE            writes a megabyte and syncs it, three times, each in another way
 *	syncs FILE TIMES     writes a byte and syncs it
 *	dsync FILE           writes with O_DSYNC
 *	msync FILE           writes to a mapping and syncs that
 *	nowait FILE          reads with RWF_NOWAIT, without, and with it again
 *	alarm FILE           reads all in one call while a timer's handler interrupts
 *	threads FILE         four threads read one open file, sixteen blocks at once, the next in it: block n holds the number n
 *	kill FILE ROUNDS     children read the file, each from another place, and are killed when they have begun
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTE (1l << 20)
#define BLOCK 65536l
#define THREADS 4
#define BLOCKS_MOST 4096

static long size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : st.st_size;
}

static unsigned long add(unsigned long sum, const unsigned char *bytes, long n)
{
	while (n-- > 0)
		sum = (sum ^ *bytes++) * 1099511628211ul;
	return sum;
}

static int read_all(int fd, long block)
{
	unsigned char *buffer = malloc((size_t)block);
	unsigned long sum = 14695981039346656037ul;
	long all = 0, n;

	dprintf(1, "begin\n");
	while ((n = read(fd, buffer, (size_t)block)) > 0) {
		sum = add(sum, buffer, n);
		all += n;
	}
	dprintf(1, "read: %ld bytes, %lx, %s\n", all, sum, n ? strerrorname_np(errno) : "end");
	return n != 0;
}

static int sync_it(const char *name)
{
	static char bytes[MEGABYTE];
	int fd = open(name, O_RDWR | O_CREAT, 0600), error = 0;

	dprintf(1, "begin\n");
	for (int way = 0; way < 3; way++) {
		memset(bytes, 'a' + way, sizeof bytes);
		error |= write(fd, bytes, sizeof bytes) != sizeof bytes;
		error |= way == 0 ? fsync(fd) : way == 1 ? fdatasync(fd) : sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	}
	dprintf(1, "synced: %s\n", error ? strerrorname_np(errno) : "all");
	return error;
}

static int sync_often(const char *name, int times)
{
	int fd = open(name, O_RDWR | O_CREAT, 0600), i;

	for (i = 0; i < times; i++)
		if (pwrite(fd, "x", 1, i) != 1 || fdatasync(fd))
			break;
	dprintf(1, "syncs: %d %s\n", i, i < times ? strerrorname_np(errno) : "");
	return i < times;
}

static int dsync_it(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_DSYNC, 0600);
	long n;

	dprintf(1, "begin\n");
	n = write(fd, "12345", 5);
	dprintf(1, "written: %ld, flags %s\n", n, (fcntl(fd, F_GETFL) & O_SYNC) == O_DSYNC ? "O_DSYNC" : "others");
	return n != 5;
}

static int msync_it(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT, 0600), error = ftruncate(fd, MEGABYTE);
	char *p = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	dprintf(1, "begin\n");
	memset(p, 'm', MEGABYTE);
	error |= msync(p, MEGABYTE, MS_SYNC);
	dprintf(1, "synced: %s\n", error ? strerrorname_np(errno) : "all");
	return error;
}

static int hurried(int fd)
{
	char byte;
	struct iovec one = {&byte, 1};

	for (int flags = RWF_NOWAIT, i = 0; i < 3; i++, flags ^= RWF_NOWAIT) {
		long n = preadv2(fd, &one, 1, 0, flags);

		dprintf(1, "%s: %ld %s\n", flags ? "nowait" : "wait", n, n < 0 ? strerrorname_np(errno) : "");
	}
	return 0;
}

static volatile int rings;

static void ring(int sig)
{
	(void)sig;
	rings++;
}

/* A read of a file is never cut short by a signal, whether it may be restarted or not. */
static int alarmed(int fd)
{
	long size = size_of(fd), n;
	char *buffer = malloc((size_t)size + 1);
	struct sigaction action = {.sa_handler = ring};
	struct itimerval often = {{0, 200}, {0, 200}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	n = read(fd, buffer, (size_t)size + 1);
	dprintf(1, "%s of it, %s\n", n == size ? "all" : n < 0 ? strerrorname_np(errno) : "a part", rings ? "interrupted" : "in peace");
	return n != size;
}

static unsigned char seen[BLOCKS_MOST];
static int torn;

/* What a read that was not interfered with gives: whole blocks, each the one after the last. */
static void look(const long *bytes, long n)
{
	long first = bytes[0];

	torn |= n % BLOCK != 0;
	for (long i = 0; i < n / BLOCK; i++) {
		const long *block = bytes + i * BLOCK / 8;

		if (block[0] != first + i || block[BLOCK / 8 - 1] != first + i || first < 0 || first + i >= BLOCKS_MOST)
			torn = 1;
		else
			__atomic_fetch_add(&seen[first + i], 1, __ATOMIC_SEQ_CST);
	}
}

static void *read_blocks(void *fd)
{
	long *bytes = malloc(16 * BLOCK), n;

	while ((n = read((int)(long)fd, bytes, 16 * BLOCK)) > 0)
		look(bytes, n);
	return NULL;
}

static int threads(int fd)
{
	pthread_t t[THREADS];
	int missing = 0;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, read_blocks, (void *)(long)fd);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < size_of(fd) / BLOCK; i++)
		missing += seen[i] != 1;
	dprintf(1, "threads: %s, %d blocks not read once\n", torn ? "torn" : "whole", missing);
	return torn || missing;
}

static void child(int fd, long from, int ready)
{
	char *buffer = malloc(MEGABYTE);

	lseek(fd, from, SEEK_SET);
	write(ready, "x", 1);
	while (read(fd, buffer, MEGABYTE) > 0)
		;
	for (;;)
		pause();
}

static int killed(const char *name, int rounds)
{
	int died = 0;

	for (int i = 0; i < rounds; i++) {
		int fd = open(name, O_RDONLY), ready[2], status;
		char byte;
		pid_t pid;

		if (pipe(ready) || (pid = fork()) < 0)
			return 99;
		if (!pid)
			child(fd, size_of(fd) / rounds * i, ready[1]);
		read(ready[0], &byte, 1);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		died += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		close(fd);
		close(ready[0]);
		close(ready[1]);
	}
	dprintf(1, "killed: %d\n", died);
	return died != rounds;
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY) : 0;

	if (argc < 2)
		return 99;
	if (!strcmp(argv[1], "read"))
		return read_all(fd, argc > 3 ? atol(argv[3]) : size_of(fd) + 100000);
	if (!strcmp(argv[1], "sync"))
		return sync_it(argv[2]);
	if (!strcmp(argv[1], "syncs"))
		return sync_often(argv[2], atoi(argv[3]));
	if (!strcmp(argv[1], "dsync"))
		return dsync_it(argv[2]);
	if (!strcmp(argv[1], "msync"))
		return msync_it(argv[2]);
	if (!strcmp(argv[1], "nowait"))
		return hurried(fd);
	if (!strcmp(argv[1], "alarm"))
		return alarmed(fd);
	if (!strcmp(argv[1], "threads"))
		return threads(fd);
	return killed(argv[2], atoi(argv[3]));
}
