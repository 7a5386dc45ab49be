/*
 * System calls on who a process is. uos has its user's rights and no others, so
 * nobody can become anybody else: ids change as they do for a user without
 * privileges, from one of his own to another.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define NOBODY UINT32_MAX /* an argument of -1: leave it */
#define GROUPS_MAX 65536

static unsigned *uids(void)
{
	return current_proc()->facts.uid;
}

static unsigned *gids(void)
{
	return current_proc()->facts.gid;
}

static bool is_any(const unsigned *id, unsigned wanted, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		if (id[i] == wanted)
			return true;
	return wanted == NOBODY;
}

static void set_effective(unsigned *id, unsigned wanted)
{
	id[EFFECTIVE] = id[OF_FILES] = wanted;
}

static long set_one(unsigned *id, unsigned wanted)
{
	if (wanted == NOBODY)
		return -EINVAL;
	if (wanted != id[REAL] && wanted != id[SAVED])
		return -EPERM;
	set_effective(id, wanted);
	return 0;
}

static long set_two(unsigned *id, unsigned real, unsigned effective)
{
	unsigned old = id[REAL];

	if (!is_any(id, real, REAL, EFFECTIVE) || !is_any(id, effective, REAL, SAVED))
		return -EPERM;
	if (real != NOBODY)
		id[REAL] = real;
	if (effective != NOBODY)
		set_effective(id, effective);
	if (real != NOBODY || (effective != NOBODY && effective != old))
		id[SAVED] = id[EFFECTIVE];
	id[OF_FILES] = id[EFFECTIVE];
	return 0;
}

static long set_three(unsigned *id, const uint64_t *a)
{
	for (int i = 0; i < 3; i++)
		if (!is_any(id, (unsigned)a[i], REAL, SAVED))
			return -EPERM;
	if ((unsigned)a[REAL] != NOBODY)
		id[REAL] = (unsigned)a[REAL];
	if ((unsigned)a[EFFECTIVE] != NOBODY)
		id[EFFECTIVE] = (unsigned)a[EFFECTIVE];
	if ((unsigned)a[SAVED] != NOBODY)
		id[SAVED] = (unsigned)a[SAVED];
	id[OF_FILES] = id[EFFECTIVE];
	return 0;
}

static long get_three(const unsigned *id, const uint64_t *a)
{
	for (int i = 0; i < 3; i++)
		if (copy_out(a[i], &id[i], sizeof id[i]) != 0)
			return -EFAULT;
	return 0;
}

/* The one before; whether it worked is not told, as on Linux. */
static long set_of_files(unsigned *id, unsigned wanted)
{
	unsigned old = id[OF_FILES];

	if (wanted != NOBODY && is_any(id, wanted, REAL, OF_FILES))
		id[OF_FILES] = wanted;
	return old;
}

long sys_setuid(const uint64_t *a)
{
	return set_one(uids(), (unsigned)a[0]);
}

long sys_setgid(const uint64_t *a)
{
	return set_one(gids(), (unsigned)a[0]);
}

long sys_setreuid(const uint64_t *a)
{
	return set_two(uids(), (unsigned)a[0], (unsigned)a[1]);
}

long sys_setregid(const uint64_t *a)
{
	return set_two(gids(), (unsigned)a[0], (unsigned)a[1]);
}

long sys_setresuid(const uint64_t *a)
{
	return set_three(uids(), a);
}

long sys_setresgid(const uint64_t *a)
{
	return set_three(gids(), a);
}

long sys_getresuid(const uint64_t *a)
{
	return get_three(uids(), a);
}

long sys_getresgid(const uint64_t *a)
{
	return get_three(gids(), a);
}

long sys_setfsuid(const uint64_t *a)
{
	return set_of_files(uids(), (unsigned)a[0]);
}

long sys_setfsgid(const uint64_t *a)
{
	return set_of_files(gids(), (unsigned)a[0]);
}

/* The host's list, for the caller to free; NULL if there is no memory. */
static unsigned *groups(int *count)
{
	int room = host_groups(NULL, 0);
	unsigned *list = malloc(((size_t)room + 1) * sizeof *list);

	if (list)
		*count = host_groups(list, room);
	return list;
}

long sys_getgroups(const uint64_t *a)
{
	int room = (int)a[0], count;
	unsigned *list;
	long answer;

	if (room < 0)
		return -EINVAL;
	list = groups(&count);
	if (!list)
		return -ENOMEM;
	answer = count;
	if (room && room < count)
		answer = -EINVAL;
	else if (room && copy_out(a[1], list, (size_t)count * sizeof *list) != 0)
		answer = -EFAULT;
	free(list);
	return answer;
}

/* Only to what they are, and only by who could change them on Linux. */
long sys_setgroups(const uint64_t *a)
{
	unsigned wanted = (unsigned)a[0], *own, *list;
	int count;
	long answer = -EPERM;

	if (uids()[EFFECTIVE] != 0)
		return -EPERM;
	if (wanted > GROUPS_MAX)
		return -EINVAL;
	own = groups(&count);
	list = malloc((wanted + 1) * sizeof *list);
	if (!own || !list)
		answer = -ENOMEM;
	else if (copy_in(list, a[1], wanted * sizeof *list) != 0)
		answer = -EFAULT;
	else if (wanted == (unsigned)count && memcmp(own, list, wanted * sizeof *list) == 0)
		answer = 0;
	free(own);
	free(list);
	return answer;
}

/* How many 32-bit pieces each set has, by the header's version; its pid. */
static long capability_header(uintptr_t at, int *pieces, int *pid)
{
	struct __user_cap_header_struct header;
	static const uint32_t newest = _LINUX_CAPABILITY_VERSION_3;

	if (copy_in(&header, at, sizeof header) != 0)
		return -EFAULT;
	*pid = header.pid;
	*pieces = 2;
	if (header.version == _LINUX_CAPABILITY_VERSION_1)
		*pieces = 1;
	else if (header.version != _LINUX_CAPABILITY_VERSION_2 && header.version != newest)
		return copy_out(at, &newest, sizeof newest) ? -EFAULT : -EINVAL;
	return 0;
}

static void capabilities(struct __user_cap_data_struct data[2])
{
	uint64_t effective, permitted, inheritable;

	host_capabilities(&effective, &permitted, &inheritable);
	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){ (uint32_t)(effective >> 32 * i), (uint32_t)(permitted >> 32 * i),
							   (uint32_t)(inheritable >> 32 * i) };
}

long sys_capget(const uint64_t *a)
{
	struct __user_cap_data_struct data[2];
	int pieces, pid;
	long error = capability_header(a[0], &pieces, &pid);

	if (error || !a[1])
		return error == -EINVAL && !a[1] ? 0 : error;
	if (pid < 0)
		return -EINVAL;
	if (!proc_of_thread(pid))
		return -ESRCH;
	capabilities(data);
	return copy_out(a[1], data, (size_t)pieces * sizeof *data);
}

/* To give one up would be pretence: whoever serves the files has it still. */
long sys_capset(const uint64_t *a)
{
	struct __user_cap_data_struct data[2], wanted[2];
	int pieces, pid;
	long error = capability_header(a[0], &pieces, &pid);

	if (error)
		return error;
	if (pid && pid != current_proc()->pid)
		return -EPERM;
	capabilities(data);
	memcpy(wanted, data, sizeof wanted);
	if (copy_in(wanted, a[1], (size_t)pieces * sizeof *wanted) != 0)
		return -EFAULT;
	return memcmp(wanted, data, sizeof data) == 0 ? 0 : -EPERM;
}
