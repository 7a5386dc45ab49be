/* calls: nanosleep clock_nanosleep */
#include <time.h>

#include "say.h"

static struct timespec past = {1, 0}, little = {0, 1000}, zero, negative = {-1, 0}, much = {0, 1000000000}, below = {0, -1}, rest = {7, 7};

/* How long it took, in tenths of a second. */
static long tenths(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000) / 100;
}

int main(void)
{
	struct timespec start, until;

	clock_gettime(CLOCK_MONOTONIC, &start);
	CALL(nanosleep, &zero, &rest);
	CALL(nanosleep, &little, 0);
	CALL(nanosleep, &little, BAD);	/* nothing remains, nothing is written */
	CALL(nanosleep, &negative, 0);
	CALL(nanosleep, &much, 0);
	CALL(nanosleep, &below, 0);
	CALL(nanosleep, 0, 0);
	CALL(nanosleep, BAD, 0);
	CALL(nanosleep, KERNEL_HALF, 0);
	CALL(clock_nanosleep, CLOCK_REALTIME, 0, &little, &rest);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &past, &rest);
	CALL(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &past, BAD);
	CALL(clock_nanosleep, CLOCK_BOOTTIME, 0, &little, 0);
	CALL(clock_nanosleep, CLOCK_TAI, 0, &little, 0);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &negative, 0);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &much, 0);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, BAD, 0);
	CALL(clock_nanosleep, 99, 0, BAD, 0);
	CALL(clock_nanosleep, -1, 0, &little, 0);
	CALL(clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &little, 0);
	CALL(clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &little, 0);
	CALL(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &little, 0);
	say("rest %ld %ld\n", (long)rest.tv_sec, rest.tv_nsec);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 20000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0);
	say("not before its time: %d\n", tenths(&until) >= 0);
	say("all soon: %d\n", tenths(&start) < 100);
	return 0;
}
