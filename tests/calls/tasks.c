/* calls: open read getdents64 prctl */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "say.h"

/* What stands in /proc about each thread of a process. */

enum { THREADS = 3 };

static int tids[THREADS + 1], gate[2], ready[2];
static char text[8192];

static const char *slurp(int tid, const char *name)
{
	char path[64];
	int fd, n;

	snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? 0 : (int)read(fd, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = 0;
	close(fd);
	return text;
}

static void *waits(void *number)
{
	char name[40];
	int n = (int)(long)number, fd;
	long length;

	tids[n] = gettid();
	snprintf(name, sizeof name, "a rather long name %d", n);
	TRY(prctl(PR_SET_NAME, n == 1 ? "one" : name));
	fd = open("/proc/thread-self/comm", O_RDONLY);
	length = read(fd, name, sizeof name);
	say("%ld: %.*s", length, (int)length, name);
	close(fd);
	if (n == 1 && fork() == 0) {
		say("its child: %s", slurp(getpid(), "comm"));
		exit(0);
	} else if (n == 1) {
		wait(NULL);
	}
	write(ready[1], "r", 1);
	read(gate[0], name, 1);
	return NULL;
}

/* The value of a line of status. */
static int number_of(const char *key)
{
	const char *at = strstr(text, key);

	return at ? atoi(at + strlen(key)) : -1;
}

static void one(int tid, int number)
{
	char name[20], state;
	int id, threads;

	do { /* it has said that it will sleep: soon it does */
		sched_yield();
		sscanf(slurp(tid, "stat"), "%d (%19[^)]) %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d", &id, name, &state, &threads);
	} while (number && state != 'S');
	say("thread %d: its own number %d, %s, %c, one of %d\n", number, id == tid, name, state, threads);
	say("comm: %s", slurp(tid, "comm"));
	slurp(tid, "status");
	say("status: %.20s %d %d %d\n", text, number_of("\nTgid:\t") == getpid(), number_of("\nPid:\t") == tid, number_of("\nThreads:\t"));
	slurp(tid, "cmdline");
	say("cmdline: %d, maps: %d\n", strstr(text, "tasks") != NULL, strstr(slurp(tid, "maps"), "[stack]") != NULL);
}

static int entries(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int count = 0;

	while ((e = readdir(d)))
		count += atoi(e->d_name) > 0;
	closedir(d);
	return count;
}

static void names(void)
{
	static const char *const each[] = { "", "/comm", "/fd/1", "/task", "/task/1", "/nothing", "x", "/" };
	char path[80];
	struct stat st;

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		snprintf(path, sizeof path, "/proc/self/task/%d%s", tids[2], each[i]);
		told("stat of ...%s", stat(path, &st), each[i]);
	}
	TRY(access("/proc/self/task/1", F_OK));
	TRY(access("/proc/self/task/1/comm", F_OK));
	snprintf(path, sizeof path, "/proc/1/task/%d/comm", tids[2]);
	told("another's thread", access(path, F_OK));
}

int main(void)
{
	pthread_t thread[THREADS];
	char byte;

	tids[0] = getpid();
	TRY(pipe(gate));
	TRY(pipe(ready));
	for (long i = 1; i <= THREADS; i++) {
		if (pthread_create(&thread[i - 1], NULL, waits, (void *)i) != 0 || read(ready[0], &byte, 1) != 1)
			return 1;
	}
	say("entries: %d\n", entries());
	for (int i = 0; i <= THREADS; i++)
		one(tids[i], i);
	names();
	TRY(prctl(PR_SET_NAME, "the first"));
	say("comm: %s", slurp(tids[0], "comm"));
	say("of another: %s", slurp(tids[2], "comm"));
	TRY(close(gate[1]));
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	while (entries() > 1) /* on Linux they are gone a moment later */
		sched_yield();
	say("gone: %d\n", access("/proc/self/task/1", F_OK));
	return 0;
}
