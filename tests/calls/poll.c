/* calls: poll ppoll; stdin: some input */
#include <poll.h>
#include <time.h>

#include "say.h"

static void show(const struct pollfd *f, int n)
{
	for (int i = 0; i < n; i++)
		say("  %d: %x\n", i, f[i].revents & 0xffff);
}

static long since(const struct timespec *before)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - before->tv_sec) * 1000000000 + now.tv_nsec - before->tv_nsec;
}

static void times(int fd)
{
	struct timespec little = {0, 3000000}, none = {0, 0}, wrong = {0, 1000000000}, less = {-1, 0}, huge = {0x7fffffffffffffff, 0}, before;
	struct pollfd f = {fd, POLLIN, 0};
	unsigned long mask = ~0ul, before_mask = 0, now;

	clock_gettime(CLOCK_MONOTONIC, &before);
	CALL(poll, &f, 1, 3);
	say("in time: %d\n", since(&before) >= 3000000);
	clock_gettime(CLOCK_MONOTONIC, &before);
	CALL(ppoll, &f, 1, &little, 0, 8);
	say("in time: %d, left %ld %ld\n", since(&before) >= 3000000, little.tv_sec, little.tv_nsec);
	CALL(ppoll, &f, 1, &none, 0, 8);
	CALL(ppoll, &f, 1, &none, &mask, 8);
	sigprocmask(SIG_SETMASK, NULL, (sigset_t *)&before_mask);
	CALL(rt_sigprocmask, 0, 0, &now, 8);
	say("%lx\n", now);
	CALL(ppoll, &f, 1, &none, &mask, 4);
	CALL(ppoll, &f, 1, &none, BAD, 8);
	CALL(ppoll, &f, 1, &none, 0, 4);
	CALL(ppoll, &f, 1, &wrong, 0, 8);
	CALL(ppoll, &f, 1, &less, 0, 8);
	CALL(ppoll, &f, 1, BAD, 0, 8);
	f.events = POLLOUT;
	f.fd = 1;
	CALL(ppoll, &f, 1, &huge, 0, 8);
	say("much is left: %d\n", huge.tv_sec > 1000000000);
}

int main(void)
{
	static struct pollfd many[1100];
	struct pollfd f[8];
	int p[2], file = open("file", O_RDWR), dir = open("dir", O_RDONLY | O_DIRECTORY), path = open("file", O_PATH);
	char *edge = edge_pages();

	poll(&(struct pollfd){0, POLLIN, 0}, 1, -1);
	pipe(p);
	f[0] = (struct pollfd){0, POLLIN | POLLOUT, 7};
	f[1] = (struct pollfd){file, -1, 7};
	f[2] = (struct pollfd){dir, POLLIN | POLLPRI, 7};
	f[3] = (struct pollfd){path, POLLIN, 7};
	f[4] = (struct pollfd){-1, POLLIN, 7};
	f[5] = (struct pollfd){NO_FD, 0, 7};
	f[6] = (struct pollfd){p[0], POLLIN, 7};
	f[7] = (struct pollfd){p[1], POLLOUT, 7};
	CALL(poll, f, 8, 0);
	show(f, 8);
	CALL(poll, f, 8, -1);
	CALL(poll, f, 0, 0);
	CALL(poll, BAD, 0, 0);
	CALL(poll, BAD, 1, 0);
	CALL(poll, edge + READABLE, 1, 0);
	CALL(poll, edge + GUARD - 8, 2, 0);
	CALL(poll, f, 0x100000001l, 0);
	CALL(poll, f, -1, 0);
	times(p[0]);
	for (int i = 0; i < 1100; i++)
		many[i] = (struct pollfd){p[1], POLLOUT, 0};
	CALL(poll, many, 1000, 0);
	CALL(poll, many, 1024, 0);
	many[0].fd = p[0];
	write(p[1], "x", 1);
	f[0] = (struct pollfd){p[0], POLLIN, 0};
	CALL(poll, f, 1, -1);
	show(f, 1);
	close(p[1]);
	CALL(poll, f, 1, -1);
	show(f, 1);
	f[0].events = 0;
	CALL(poll, f, 1, -1);
	show(f, 1);
	return 0;
}
