/* calls: getrlimit setrlimit prlimit64; as: nobody */
#include <sys/resource.h>

#include "say.h"

static void set(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = {soft, hard}, now = {7, 7};

	told("setrlimit %d to %ld, %ld", syscall(SYS_setrlimit, resource, &limit), resource, (long)soft, (long)hard);
	told("getrlimit %d", syscall(SYS_getrlimit, resource, &now), resource);
	say("%ld %ld\n", (long)now.rlim_cur, (long)now.rlim_max);
}

int main(void)
{
	struct rlimit limit = {100, 200}, old = {7, 7}, upside_down = {2, 1};
	char *edge = edge_pages();

	for (int i = 0; i < 20; i++)
		told("getrlimit %d", syscall(SYS_getrlimit, i, &old), i);
	CALL(getrlimit, -1, &old);
	CALL(getrlimit, -1, BAD);
	CALL(getrlimit, RLIMIT_CORE, BAD);
	CALL(getrlimit, RLIMIT_CORE | 0x100000000l, &old);
	set(RLIMIT_CORE, 0, 0);
	set(RLIMIT_CPU, 10000, 20000);
	set(RLIMIT_CPU, 20001, 20000);
	set(RLIMIT_CPU, 300, 10000);
	set(RLIMIT_NOFILE, 64, 200);
	set(RLIMIT_NOFILE, 16, 150);
	CALL(setrlimit, 16, &limit);
	CALL(setrlimit, 16, BAD);
	CALL(setrlimit, RLIMIT_CPU, BAD);
	CALL(prlimit64, 0, RLIMIT_NOFILE, 0, &old);
	say("%ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
	CALL(prlimit64, 0, RLIMIT_FSIZE, &limit, &old);
	CALL(prlimit64, 0, RLIMIT_FSIZE, 0, &old);
	say("%ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
	CALL(prlimit64, 0, RLIMIT_FSIZE, &upside_down, 0);
	CALL(prlimit64, 0, RLIMIT_FSIZE, 0, 0);
	CALL(prlimit64, 0, RLIMIT_FSIZE, &old, edge + READABLE);
	CALL(prlimit64, 0, 16, 0, &old);
	CALL(prlimit64, 0, 16, &limit, &old);
	CALL(prlimit64, 0, 16, BAD, &old);
	CALL(prlimit64, 0x7ffffff0l, 16, 0, &old);
	CALL(prlimit64, 0x7ffffff0l, RLIMIT_FSIZE, BAD, &old);
	CALL(prlimit64, -1, RLIMIT_FSIZE, 0, &old);
	told("prlimit64 by pid", syscall(SYS_prlimit64, getpid(), RLIMIT_CPU, 0, &old));
	say("%ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
	if (geteuid()) { /* what root may do, a guest may not */
		set(RLIMIT_CPU, 300, 20000);
		set(RLIMIT_NOFILE, 16, 200);
	}
	return 0;
}
