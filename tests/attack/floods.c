/* none: fails "each refused at last"; keys: fails "each refused at last"; full: fails "each refused at last" */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "attack.h"

/* What the kernel keeps for a program in its own memory, again and again: each must be refused before there are very many. */
#define MANY 200000

static int ends[2], queue;
static char datagram[60000];

static int make_timer(void)
{
	timer_t timer;

	return timer_create(CLOCK_MONOTONIC, NULL, &timer);
}

static int send_datagram(void)
{
	return (int)send(ends[0], datagram, sizeof datagram, MSG_DONTWAIT);
}

static int send_nothing(void)
{
	return (int)send(ends[1], datagram, 0, MSG_DONTWAIT);
}

static int fill_pipe(void)
{
	int fds[2];

	return pipe2(fds, O_NONBLOCK) || fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) < 0 || write(fds[1], datagram, sizeof datagram) < 0 ? -1 : 0;
}

static int watch(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = dup(ends[0]);

	return fd < 0 || epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) ? -1 : 0;
}

static int flood(const char *name, int (*once)(void))
{
	for (int i = 0; i < MANY; i++)
		if (once() < 0)
			return say("%s: %d, then %s\n", name, i, strerrorname_np(errno)), 1;
	say("%s: no end\n", name);
	return 0;
}

static int in_child(const char *name, int (*once)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(flood(name, once));
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

int main(void)
{
	int refused = 0;

	queue = epoll_create1(0);
	if (queue < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, ends))
		return 2;
	refused += in_child("timers", make_timer);
	refused += in_child("datagrams", send_datagram);
	refused += in_child("empty datagrams", send_nothing);
	refused += in_child("pipes", fill_pipe);
	refused += in_child("watched descriptors", watch);
	say("%s\n", refused == 5 ? "each refused at last" : "some without end");
	return 0;
}
