/*
 * What the host knows and guests may learn: its clocks, its randomness, its
 * name, and who started uos. Results are as system calls': 0 or -errno.
 */
#ifndef UOS_MACHINE_HOST_H
#define UOS_MACHINE_HOST_H

#include <stddef.h>
#include <stdint.h>

struct timespec;
struct utsname;

int host_clock(int clock, struct timespec *out);
int host_clock_resolution(int clock, struct timespec *out);
void host_random(void *buffer, size_t length);
void host_uname(struct utsname *out);
unsigned long host_auxv(unsigned long type);

struct host_identity {
	unsigned uid, euid, suid, gid, egid, sgid;
	int nice;
};
struct host_identity host_identity(void);
int host_groups(unsigned *list, int room); /* supplementary groups: how many; if room is 0, only that */
void host_capabilities(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);

#endif
