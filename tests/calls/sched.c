/* calls: sched_getaffinity sched_setaffinity sched_getscheduler sched_setscheduler sched_getparam sched_setparam sched_get_priority_max sched_get_priority_min sched_rr_get_interval getcpu; as: nobody */
#include <sched.h>
#include <time.h>

#include "say.h"

#define NOBODY_IS 0x7ffffff0l

static void affinity(void)
{
	unsigned long mask[16] = {0}, none = 0;
	char *edge = edge_pages();

	CALL(sched_getaffinity, 0, 8, mask);
	say("somewhere: %d\n", mask[0] != 0);
	CALL_OK(sched_getaffinity, 0, 128, mask);
	CALL(sched_getaffinity, 0, 0, mask);
	CALL(sched_getaffinity, 0, 7, mask);
	CALL(sched_getaffinity, 0, 12, mask);
	CALL(sched_getaffinity, NOBODY_IS, 8, mask);
	CALL(sched_getaffinity, -1, 8, mask);
	CALL(sched_getaffinity, 0, 8, BAD);
	CALL(sched_getaffinity, 0, 8, edge + READABLE);
	CALL(sched_getaffinity, NOBODY_IS, 8, BAD);
	CALL(sched_setaffinity, 0, 8, mask);
	CALL(sched_setaffinity, 0, 128, mask);
	CALL(sched_setaffinity, 0, 8, &none);
	CALL(sched_setaffinity, 0, 0, mask);
	CALL(sched_setaffinity, 0, 8, BAD);
	CALL(sched_setaffinity, NOBODY_IS, 8, BAD);
	CALL(sched_setaffinity, NOBODY_IS, 8, mask);
}

static void parameters(void)
{
	int zero = 0, one = 1, hundred = 100, less = -1, got = 7;

	CALL(sched_getscheduler, 0);
	CALL(sched_getscheduler, -1);
	CALL(sched_getscheduler, NOBODY_IS);
	CALL(sched_getparam, 0, &got);
	say("%d\n", got);
	CALL(sched_getparam, 0, 0);
	CALL(sched_getparam, -1, &got);
	CALL(sched_getparam, NOBODY_IS, &got);
	CALL(sched_getparam, 0, BAD);
	CALL(sched_setscheduler, 0, SCHED_OTHER, &zero);
	CALL(sched_setscheduler, 0, SCHED_OTHER, &one);
	CALL(sched_setscheduler, 0, SCHED_FIFO, &zero);
	CALL(sched_setscheduler, 0, SCHED_FIFO, &hundred);
	CALL(sched_setscheduler, 0, SCHED_RR, &less);
	CALL(sched_setscheduler, 0, 77, &zero);
	CALL(sched_setscheduler, 0, -1, &zero);
	CALL(sched_setscheduler, 0, SCHED_OTHER, 0);
	CALL(sched_setscheduler, 0, SCHED_OTHER, BAD);
	CALL(sched_setscheduler, -1, SCHED_OTHER, &zero);
	CALL(sched_setscheduler, NOBODY_IS, SCHED_OTHER, &zero);
	CALL(sched_setscheduler, 0, SCHED_BATCH, &zero);
	CALL(sched_getscheduler, 0);
	CALL(sched_setscheduler, 0, SCHED_OTHER | SCHED_RESET_ON_FORK, &zero);
	CALL(sched_getscheduler, 0);
	CALL(sched_setparam, 0, &zero);
	CALL(sched_setparam, 0, &one);
	CALL(sched_setparam, 0, 0);
	CALL(sched_setparam, 0, BAD);
	CALL(sched_setparam, -1, &zero);
	CALL(sched_setparam, NOBODY_IS, &zero);
}

int main(void)
{
	unsigned cpu = 9999, node = 9999;
	struct timespec t;

	affinity();
	parameters();
	for (int policy = -1; policy < 7; policy++) {
		told("sched_get_priority_max of %d", syscall(SYS_sched_get_priority_max, policy), policy);
		told("sched_get_priority_min of %d", syscall(SYS_sched_get_priority_min, policy), policy);
	}
	CALL(sched_rr_get_interval, 0, &t);
	CALL(sched_rr_get_interval, -1, &t);
	CALL(sched_rr_get_interval, NOBODY_IS, &t);
	CALL(sched_rr_get_interval, 0, BAD);
	CALL(getcpu, &cpu, &node, 0);
	say("somewhere: %d\n", cpu < 9999 && node < 9999);
	CALL(getcpu, 0, 0, BAD);
	CALL(getcpu, BAD, 0, 0);
	CALL(getcpu, 0, BAD, 0);
	return 0;
}
