/* The host's clocks, its randomness, its name, and who started uos. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "machine/host.h"
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
	struct host_identity id;

	getresuid(&id.uid, &id.euid, &id.suid);
	getresgid(&id.gid, &id.egid, &id.sgid);
	id.nice = getpriority(PRIO_PROCESS, 0);
	return id;
}

int host_groups(unsigned *list, int room)
{
	int n = getgroups(room, list);

	return n < 0 ? -errno : n;
}

void host_capabilities(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	syscall(SYS_capget, &header, data);
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	*inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
}
