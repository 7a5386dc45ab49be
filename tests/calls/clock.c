/* calls: clock_gettime clock_getres gettimeofday time getrusage times */
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "say.h"

static void clocks(void)
{
	for (int id = -1; id < 14; id++) {
		struct timespec t = {-1, -1}, res = {-1, -1}, later = {0, 0};

		if (id == 8 || id == 9)	/* CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM: if there is a clock to wake the machine */
			continue;
		told("clock_gettime %d", syscall(SYS_clock_gettime, id, &t), id);
		told("clock_getres %d", syscall(SYS_clock_getres, id, &res), id);
		say("resolution %ld.%09ld\n", (long)res.tv_sec, res.tv_nsec);
		if (syscall(SYS_clock_gettime, id, &later) == 0)
			say("nanoseconds: %d, later: %d\n", t.tv_nsec >= 0 && t.tv_nsec < 1000000000,
			    later.tv_sec > t.tv_sec || (later.tv_sec == t.tv_sec && later.tv_nsec >= t.tv_nsec));
		told("clock_getres %d to nowhere", syscall(SYS_clock_getres, id, 0), id);
		told("clock_gettime %d to 8", syscall(SYS_clock_gettime, id, BAD), id);
	}
}

int main(void)
{
	char *edge = edge_pages();
	struct timeval now;
	struct timezone zone = {-1, -1};
	struct timespec t;
	struct rusage usage;
	struct tms tms;
	long seconds;

	clocks();
	CALL(clock_gettime, CLOCK_REALTIME, edge + GUARD - 8);
	CALL(clock_gettime, CLOCK_REALTIME, edge + READABLE);
	CALL(clock_gettime, 0x7fffffff, &t);
	CALL(clock_getres, 0x7fffffff, &t);
	CALL(clock_getres, 0x7fffffff, 0);
	CALL(gettimeofday, &now, &zone);
	say("zone %d %d\n", zone.tz_minuteswest, zone.tz_dsttime);
	CALL(gettimeofday, 0, 0);
	CALL(gettimeofday, BAD, 0);
	CALL(gettimeofday, 0, BAD);
	CALL_OK(time, 0);
	CALL_OK(time, &seconds);
	clock_gettime(CLOCK_REALTIME, &t);
	say("the same clock: %d\n", t.tv_sec - seconds <= 1 && t.tv_sec - now.tv_sec <= 1);
	CALL(time, BAD);
	CALL(time, edge + READABLE);
	CALL(getrusage, RUSAGE_SELF, &usage);
	CALL(getrusage, RUSAGE_CHILDREN, &usage);
	say("children: %ld.%06ld\n", usage.ru_utime.tv_sec, usage.ru_utime.tv_usec);
	CALL(getrusage, RUSAGE_THREAD, &usage);
	CALL(getrusage, 7, &usage);
	CALL(getrusage, 7, BAD);
	CALL(getrusage, RUSAGE_SELF, BAD);
	CALL_OK(times, &tms);
	say("children: %ld %ld\n", (long)tms.tms_cutime, (long)tms.tms_cstime);
	CALL_OK(times, 0);
	CALL(times, BAD);
	return 0;
}
