#define _GNU_SOURCE
#include "cli/host.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

void host_describe(struct host *h)
{
	FILE *info = fopen("/proc/cpuinfo", "re");
	char line[256];
	struct utsname name;

	snprintf(h->cpu, sizeof h->cpu, "unknown CPU");
	while (info && fgets(line, sizeof line, info))
		if (sscanf(line, "model name : %127[^\n]", h->cpu) == 1)
			break;
	if (info)
		fclose(info);
	uname(&name);
	snprintf(h->kernel, sizeof h->kernel, "%.20s %.100s", name.sysname, name.release);
	h->cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int host_pin(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;

	if (cpu < 0)
		return -1;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof one, &one) == 0 ? cpu : -1;
}

uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
