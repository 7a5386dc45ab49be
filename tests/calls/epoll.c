/* calls: epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 close poll */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "say.h"

static int ep, p[2], q[2];

static void control(const char *what, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {events, {.u64 = data}};

	told("%s", epoll_ctl(ep, op, fd, &e), what);
}

static void waiting(const char *what)
{
	struct epoll_event e[8];
	int n = told("wait %s", epoll_wait(ep, e, 8, 0), what);

	for (int i = 0; i < n; i++)
		say("  %x of %lu\n", e[i].events, (unsigned long)e[i].data.u64);
}

static void drain(int fd)
{
	char bytes[100];

	told("read", read(fd, bytes, sizeof bytes));
}

static void fresh(void)
{
	if (ep)
		close(ep), close(p[0]), close(p[1]), close(q[0]), close(q[1]);
	ep = epoll_create1(0);
	if (pipe2(p, O_NONBLOCK) || pipe2(q, O_NONBLOCK))
		_exit(9);
}

static void errors(void)
{
	struct epoll_event e[2] = {{EPOLLIN}};
	struct stat st;
	char name[64], link[64] = "";
	int file = open("file", O_RDONLY), fd;

	fresh();
	CALL(epoll_create, 0);
	CALL(epoll_create, -1);
	CALL(epoll_create1, 1);
	TRY(fcntl(ep, F_GETFL));
	TRY(fcntl(ep, F_GETFD));
	fd = TRY(epoll_create1(EPOLL_CLOEXEC));
	TRY(fcntl(fd, F_GETFD));
	close(fd);
	TRY(fstat(ep, &st));
	say("mode %o links %lu size %ld\n", st.st_mode, st.st_nlink, (long)st.st_size);
	snprintf(name, sizeof name, "/proc/self/fd/%d", ep);
	TRY(readlink(name, link, 63));
	say("%s\n", link);
	control("add", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	control("again", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	control("a copy", EPOLL_CTL_ADD, fd = dup(p[0]), EPOLLIN, 1);
	control("a copy again", EPOLL_CTL_DEL, fd, EPOLLIN, 1);
	close(fd);
	control("modify what is not there", EPOLL_CTL_MOD, p[1], EPOLLIN, 1);
	control("delete what is not there", EPOLL_CTL_DEL, p[1], EPOLLIN, 1);
	control("a file", EPOLL_CTL_ADD, file, EPOLLIN, 1);
	control("no op", 9, p[0], EPOLLIN, 1);
	control("itself", EPOLL_CTL_ADD, ep, EPOLLIN, 1);
	control("nothing", EPOLL_CTL_ADD, NO_FD, EPOLLIN, 1);
	CALL(epoll_ctl, NO_FD, EPOLL_CTL_ADD, p[0], e);
	CALL(epoll_ctl, p[0], EPOLL_CTL_ADD, p[1], e);
	CALL(epoll_ctl, file, EPOLL_CTL_ADD, file, e);
	CALL(epoll_ctl, ep, EPOLL_CTL_ADD, p[1], BAD);
	CALL(epoll_ctl, ep, EPOLL_CTL_ADD, NO_FD, BAD);
	CALL(epoll_ctl, ep, EPOLL_CTL_DEL, p[0], BAD);
	CALL(epoll_wait, ep, e, 0, 0);
	CALL(epoll_wait, ep, e, -1, 0);
	CALL(epoll_wait, ep, e, 0x7fffffff, 0);
	CALL(epoll_wait, p[0], e, 1, 0);
	CALL(epoll_wait, NO_FD, e, 1, 0);
	CALL(epoll_wait, ep, KERNEL_HALF, 1, 0);
	CALL(epoll_wait, ep, BAD, 1, 0);
	control("writable", EPOLL_CTL_ADD, p[1], EPOLLOUT, 1);
	CALL(epoll_wait, ep, BAD, 1, 0);
	waiting("after a bad place");
	control("delete", EPOLL_CTL_DEL, p[1], 0, 0);
	CALL(epoll_pwait, ep, e, 1, 0, 0, 8);
	CALL(epoll_pwait, ep, e, 1, 0, e, 4);
	CALL(epoll_pwait, ep, e, 1, 0, BAD, 8);
	CALL(epoll_pwait2, ep, e, 1, (&(struct timespec){0, 1000000000}), 0, 8);
	CALL(epoll_pwait2, ep, e, 1, (&(struct timespec){-1, 0}), 0, 8);
	CALL(epoll_pwait2, ep, e, 1, BAD, 0, 8);
	CALL(epoll_pwait2, ep, e, 1, (&(struct timespec){0, 1000}), 0, 8);
	CALL(epoll_wait, ep, e, 1, 2);
	CALL(read, ep, e, 8);
	CALL(write, ep, e, 8);
	CALL(lseek, ep, 0, 0);
	close(file);
}

static void level(void)
{
	fresh();
	control("in", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	control("out", EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLIN, 2);
	control("second", EPOLL_CTL_ADD, q[0], EPOLLIN | EPOLLRDNORM, 3);
	waiting("empty");
	TRY(write(p[1], "x", 1));
	TRY(write(q[1], "x", 1));
	waiting("both");
	waiting("both again");
	waiting("and again");
	drain(p[0]);
	waiting("one");
	control("no interest", EPOLL_CTL_MOD, q[0], 0, 4);
	waiting("none");
	control("interest", EPOLL_CTL_MOD, q[0], EPOLLIN, 5);
	waiting("it is back");
	close(q[1]);
	waiting("ended");
	drain(q[0]);
	waiting("ended and empty");
	close(q[0]);
	waiting("closed");
	close(p[0]);
	waiting("error");
	control("delete", EPOLL_CTL_DEL, p[1], 0, 0);
	waiting("nothing");
}

static void edges(void)
{
	fresh();
	control("edge", EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1);
	control("edge out", EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 2);
	waiting("out at once");
	waiting("no more");
	TRY(write(p[1], "x", 1));
	waiting("one");
	waiting("told");
	TRY(write(p[1], "y", 1));
	waiting("more came");
	drain(p[0]);
	waiting("drained");
	TRY(write(p[1], "y", 1));
	drain(p[0]);
	waiting("came and went");
	TRY(write(p[1], "z", 1));
	control("modified", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 3);
	waiting("modified");
	waiting("modified, told");
	control("modified", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 4);
	waiting("modified again");
	close(p[1]);
	waiting("ended");
	waiting("ended, told");
}

static void once(void)
{
	fresh();
	control("once", EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 1);
	TRY(write(p[1], "x", 1));
	waiting("one");
	TRY(write(p[1], "x", 1));
	waiting("no more");
	control("again", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 2);
	waiting("one");
	close(p[1]);
	waiting("not even the end");
	control("again", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT | EPOLLET, 3);
	waiting("the end");
}

static void exclusive(void)
{
	fresh();
	control("exclusive", EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 1);
	control("modified", EPOLL_CTL_MOD, p[0], EPOLLIN, 1);
	control("to exclusive", EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 1);
	control("once", EPOLL_CTL_ADD, q[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1);
	TRY(write(p[1], "x", 1));
	waiting("one");
	control("delete", EPOLL_CTL_DEL, p[0], 0, 1);
	waiting("none");
}

/* A closed descriptor goes with the last of its open file. */
static void closing(void)
{
	int copy;

	fresh();
	control("in", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	copy = dup(p[0]);
	TRY(write(p[1], "x", 1));
	TRY(close(p[0]));
	waiting("still there");
	control("delete by the closed one", EPOLL_CTL_DEL, p[0], 0, 0);
	control("delete by the copy", EPOLL_CTL_DEL, copy, 0, 0);
	close(copy);
	waiting("gone");
	p[0] = dup(p[1]);
}

static void nested(void)
{
	int chain[8], outer;
	struct pollfd poller;
	struct epoll_event e = {EPOLLIN, {.u64 = 1}};

	fresh();
	outer = epoll_create1(0);
	control("in", EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	e.data.u64 = 42;
	TRY(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &e));
	TRY(epoll_ctl(ep, EPOLL_CTL_ADD, outer, &e));
	e.events |= EPOLLEXCLUSIVE;
	TRY(epoll_ctl(ep, EPOLL_CTL_MOD, outer, &e));
	TRY(epoll_wait(outer, &e, 1, 0));
	TRY(write(p[1], "x", 1));
	TRY(epoll_wait(outer, &e, 1, 0));
	say("%x of %lu\n", e.events, (unsigned long)e.data.u64);
	poller = (struct pollfd){outer, POLLIN | POLLRDNORM | POLLOUT, 0};
	TRY(poll(&poller, 1, 0));
	say("%x\n", poller.revents);
	drain(p[0]);
	TRY(poll(&poller, 1, 0));
	TRY(epoll_wait(outer, &e, 1, 0));
	close(outer);
	for (int i = 0; i < 8; i++)
		chain[i] = epoll_create1(0);
	e = (struct epoll_event){EPOLLIN};
	for (int i = 0; i + 1 < 8; i++)
		told("chain %d", epoll_ctl(chain[i + 1], EPOLL_CTL_ADD, chain[i], &e), i);
	told("a circle", epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[2], &e));
	for (int i = 0; i < 8; i++)
		close(chain[i]);
}

/* With fewer places than are ready all have their turn. */
static void turns(void)
{
	struct epoll_event e;
	int fds[5];

	fresh();
	for (int i = 0; i < 5; i++) {
		fds[i] = eventfd(1, 0);
		control("one of five", EPOLL_CTL_ADD, fds[i], EPOLLIN, (uint64_t)i);
	}
	for (int i = 0; i < 12; i++)
		say("%d: %lu\n", epoll_wait(ep, &e, 1, 0), (unsigned long)e.data.u64);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
}

int main(void)
{
	errors();
	level();
	edges();
	once();
	exclusive();
	closing();
	nested();
	turns();
	return 0;
}
