/* calls: timerfd_create timerfd_settime timerfd_gettime read poll epoll_wait */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "say.h"

#define MS 1000000l

static void take(int fd)
{
	uint64_t value = 77;

	if (told("read", read(fd, &value, sizeof value)) > 0)
		say("%s\n", value == 1 ? "one" : "several");
}

static void tell(int fd)
{
	struct itimerspec t;

	TRY(timerfd_gettime(fd, &t));
	say("value %s interval %ld.%09ld\n", t.it_value.tv_sec || t.it_value.tv_nsec ? "ahead" : "none", (long)t.it_interval.tv_sec,
	    t.it_interval.tv_nsec);
}

static void set(int fd, int flags, long value, long interval)
{
	struct itimerspec t = {.it_interval = {interval / 1000000000, interval % 1000000000}, .it_value = {value / 1000000000, value % 1000000000}}, old;

	told("set %d %ld %ld", timerfd_settime(fd, flags, &t, &old), flags, value, interval);
	say("before: %d, interval %ld.%09ld\n", old.it_value.tv_sec || old.it_value.tv_nsec, (long)old.it_interval.tv_sec, old.it_interval.tv_nsec);
}

static void errors(int fd)
{
	struct itimerspec t = {{0}}, bad = {.it_value = {0, 1000000000}}, negative = {.it_interval = {-1, 0}};

	CALL(timerfd_create, 77, 0);
	CALL(timerfd_create, CLOCK_PROCESS_CPUTIME_ID, 0);
	CALL(timerfd_create, CLOCK_MONOTONIC, 1);
	CALL(timerfd_settime, fd, 8, &t, 0);
	CALL(timerfd_settime, fd, 0, &bad, 0);
	CALL(timerfd_settime, fd, 0, &negative, 0);
	CALL(timerfd_settime, fd, 0, BAD, 0);
	CALL(timerfd_settime, fd, 0, 0, 0);
	CALL(timerfd_settime, fd, 0, &t, BAD);
	CALL(timerfd_settime, NO_FD, 0, &t, 0);
	CALL(timerfd_settime, 0, 0, &t, 0);
	CALL(timerfd_gettime, NO_FD, &t);
	CALL(timerfd_gettime, 0, &t);
	CALL(timerfd_gettime, fd, BAD);
	CALL(read, fd, &t, 7);
	CALL(write, fd, &t, 8);
	CALL(lseek, fd, 0, 0);
}

int main(void)
{
	int fd = TRY(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)), real = TRY(timerfd_create(CLOCK_REALTIME, 0)), ep;
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};
	struct epoll_event e = {EPOLLIN | EPOLLET};
	struct timespec now;
	char name[64], link[64] = "";

	TRY(fcntl(fd, F_GETFL));
	TRY(fcntl(fd, F_GETFD));
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	TRY(readlink(name, link, 63));
	say("%s\n", link);
	errors(fd);
	take(fd);
	tell(fd);
	set(fd, 0, 3600 * 1000 * MS, 5 * MS);
	tell(fd);
	take(fd);
	TRY(poll(&p, 1, 0));
	set(fd, 0, 0, 7 * MS);
	tell(fd);
	set(fd, 0, 10 * MS, 0);
	TRY(poll(&p, 1, -1));
	say("%x\n", p.revents);
	take(fd);
	take(fd);
	tell(fd);
	set(fd, 0, 2 * MS, 2 * MS);
	TRY(poll(&p, 1, -1));
	usleep(20000);
	take(fd);
	tell(fd);
	set(fd, 0, 0, 0);
	take(fd);
	set(fd, TFD_TIMER_ABSTIME, 1, 0);
	TRY(poll(&p, 1, -1));
	take(fd);
	clock_gettime(CLOCK_REALTIME, &now);
	set(real, 0, 5 * MS, 0);
	take(real);
	now.tv_nsec = 0, now.tv_sec--;
	TRY(timerfd_settime(real, TFD_TIMER_ABSTIME, &(struct itimerspec){.it_value = now}, NULL));
	take(real);
	ep = epoll_create1(0);
	TRY(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	TRY(epoll_wait(ep, &e, 1, 0));
	set(fd, 0, 3 * MS, 0);
	TRY(epoll_wait(ep, &e, 1, -1));
	TRY(epoll_wait(ep, &e, 1, 0));
	take(fd);
	set(fd, 0, 1000 * 1000 * MS, 0);
	TRY(close(fd));
	return 0;
}
