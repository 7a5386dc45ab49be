/* epoll's system calls. */
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <time.h>

#include "kernel/epoll.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define FOR_EVER UINT64_MAX
#define MOST (INT_MAX / (int)sizeof(struct epoll_event))
#define USER_END 0x7ffffffff000ul

long sys_epoll_create(const uint64_t *a)
{
	return (int)a[0] <= 0 ? -EINVAL : epoll_install(0);
}

long sys_epoll_create1(const uint64_t *a)
{
	return (int)a[0] & ~EPOLL_CLOEXEC ? -EINVAL : epoll_install((int)a[0]);
}

long sys_epoll_ctl(const uint64_t *a)
{
	struct file *epoll, *f;
	struct epoll_event event = { 0 };
	int op = (int)a[1];

	if (op != EPOLL_CTL_DEL && copy_in(&event, a[3], sizeof event) != 0)
		return -EFAULT;
	epoll = file_get((int)a[0]);
	f = file_get((int)a[2]);
	return epoll && f ? epoll_control(epoll, op, f, (int)a[2], &event) : -EBADF;
}

static long wait_until(const uint64_t *a, uint64_t until)
{
	struct file *f = file_get((int)a[0]);
	int most = (int)a[2];
	long answer;

	if (!f)
		return -EBADF;
	if (most <= 0 || most > MOST)
		return -EINVAL;
	if (a[1] > USER_END || (size_t)most * sizeof(struct epoll_event) > USER_END - a[1])
		return -EFAULT;
	if (!epoll_is(f))
		return -EINVAL;
	f->uses++; /* another thread may close it meanwhile */
	answer = epoll_wait_until(f, a[1], most, until);
	file_release(f);
	return answer;
}

static uint64_t after(uint64_t ns)
{
	uint64_t now = clock_now();

	return ns < INT64_MAX - now ? now + ns : FOR_EVER;
}

static uint64_t after_ms(int ms)
{
	return ms < 0 ? FOR_EVER : after((uint64_t)ms * 1000000);
}

long sys_epoll_wait(const uint64_t *a)
{
	return wait_until(a, after_ms((int)a[3]));
}

/* With the guest's mask in force meanwhile, if it gave one. */
static long wait_masked(const uint64_t *a, uint64_t until)
{
	uint64_t mask;
	long answer = signals_mask_in(a[4], a[5], &mask);

	if (answer)
		return answer;
	if (a[4])
		signal_mask_lend(mask);
	answer = wait_until(a, until);
	signal_mask_return(answer);
	return answer;
}

long sys_epoll_pwait(const uint64_t *a)
{
	return wait_masked(a, after_ms((int)a[3]));
}

long sys_epoll_pwait2(const uint64_t *a)
{
	struct timespec t;
	long error = a[3] ? timespec_in(&t, a[3]) : 0;

	return error ? error : wait_masked(a, a[3] ? after(timespec_ns(&t)) : FOR_EVER);
}
