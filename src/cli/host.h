/* What the numbers were measured on; for headers and JSON. */
#ifndef UOS_CLI_HOST_H
#define UOS_CLI_HOST_H

#include <stdint.h>

struct host {
	char cpu[128];    /* model name, /proc/cpuinfo */
	char kernel[128]; /* "Linux 6.18.5" */
	int cpus;         /* online */
};

void host_describe(struct host *h);

/* Confines this process to one CPU, the one it is on. That CPU's number, or -1 with errno. */
int host_pin(void);

uint64_t monotonic_ns(void); /* CLOCK_MONOTONIC */

#endif
