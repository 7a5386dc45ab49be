/* What the host is and knows: clocks, randomness, its name, its user. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "machine/hw.h"

int host_clock(int clock, struct timespec *out)
{
	return clock_gettime(clock, out) == 0 ? 0 : -errno;
}

int host_clock_resolution(int clock, struct timespec *out)
{
	return clock_getres(clock, out) == 0 ? 0 : -errno;
}

void host_random(void *buffer, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = getrandom((char *)buffer + done, length - done, 0);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			machine_panic("getrandom failed");
	}
}

void host_uname(struct utsname *out)
{
	uname(out);
}

unsigned long host_auxv(unsigned long type)
{
	return getauxval(type);
}

struct host_identity host_identity(void)
{
	return (struct host_identity){ getuid(), geteuid(), getgid(), getegid() };
}
