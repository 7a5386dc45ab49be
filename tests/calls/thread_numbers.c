/* calls: sched_getaffinity sched_setaffinity sched_getscheduler sched_getparam sched_rr_get_interval prlimit64 getpriority capget clock_gettime clock_getres; as: nobody */
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "say.h"

/* What takes the number of a thread, not of a process alone: Java's start asks such of its own. */

#define MILLISECOND 1000000l
#define USES (5 * MILLISECOND)
/* clock_getcpuclockid(3): whose, and what is counted */
#define CLOCK_OF(id, kind) ((long)(int)(~(unsigned)(id) << 3 | (kind)))
#define PROCESS_TIME 2
#define THREAD_TIME 6
#define NO_TIME 7

static int begun[2], end[2];

static long used(long clock)
{
	struct timespec t = {0, 0};

	syscall(SYS_clock_gettime, clock, &t);
	return t.tv_sec * 1000 * MILLISECOND + t.tv_nsec;
}

static void *computes(void *unused)
{
	int tid = gettid();
	char c;

	while (used(CLOCK_THREAD_CPUTIME_ID) < USES)
		;
	write(begun[1], &tid, sizeof tid);
	read(end[0], &c, 1);
	return unused;
}

static void ask(long tid)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, (int)tid};
	struct __user_cap_data_struct data[2];
	struct sched_param param;
	unsigned long mask[16] = {0};
	struct rlimit limit;
	struct timespec t;

	CALL_OK(sched_getaffinity, tid, sizeof mask, mask);
	CALL(sched_setaffinity, tid, sizeof mask, mask);
	CALL(sched_getscheduler, tid);
	CALL(sched_getparam, tid, &param);
	CALL(sched_rr_get_interval, tid, &t);
	CALL(prlimit64, tid, RLIMIT_NOFILE, 0, &limit);
	CALL(getpriority, PRIO_PROCESS, tid);
	CALL(capget, &header, data);
	CALL(clock_gettime, CLOCK_OF(tid, THREAD_TIME), &t);
	CALL(clock_getres, CLOCK_OF(tid, THREAD_TIME), &t);
	CALL(clock_gettime, CLOCK_OF(tid, PROCESS_TIME), &t);
	CALL(clock_gettime, CLOCK_OF(tid, NO_TIME), &t);
}

int main(void)
{
	pthread_t thread;
	long all, own;
	int tid;

	pipe(begun);
	pipe(end);
	pthread_create(&thread, NULL, computes, NULL);
	read(begun[0], &tid, sizeof tid);
	ask(tid);
	own = used(CLOCK_THREAD_CPUTIME_ID);
	all = used(CLOCK_PROCESS_CPUTIME_ID);
	say("it has used some: %d, not we: %d\n", used(CLOCK_OF(tid, THREAD_TIME)) >= USES, all - own >= USES);
	write(end[1], "e", 1);
	pthread_join(thread, NULL);
	ask(getpid());
	ask(0x7ffffff0);
	return 0;
}
