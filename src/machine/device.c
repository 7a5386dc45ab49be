/*
 * Devices: descriptors of the host that uos inherited. One host thread plays
 * the interrupt controller: it waits until a watched descriptor is ready and
 * raises a line. O_NONBLOCK and O_ASYNC are never set: the open file is shared
 * with whoever started uos.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "machine/device.h"
#include "machine/hw.h"

#define PIPE_CHUNK 4096 /* what a pipe that is ready to be written surely takes */
#define IOV_CHUNKS 16

static int interrupt_controller = -1; /* an epoll instance */
static sem_t taken;                   /* the CPU has seen all that was ready */
static volatile bool raised;
static uint32_t watching[DEVICE_MAX];  /* epoll events wanted, by descriptor */

short device_poll(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

bool device_is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode));
}

static ssize_t result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EINTR ? -EAGAIN : -errno;
}

ssize_t device_read(int fd, const struct iovec *iov, int count)
{
	ssize_t n;

	if (!device_poll(fd, POLLIN))
		return -EAGAIN;
	n = preadv2(fd, iov, count, -1, RWF_NOWAIT); /* another process may have been quicker */
	if (n < 0 && (errno == EOPNOTSUPP || errno == ESPIPE || errno == EINVAL))
		n = readv(fd, iov, count);
	return result(n);
}

/* At most PIPE_CHUNK bytes of `iov`, as another vector. */
static int first_chunk(const struct iovec *iov, int count, struct iovec *out)
{
	size_t left = PIPE_CHUNK;
	int n = 0;

	for (; n < count && n < IOV_CHUNKS && left > 0; n++) {
		out[n] = iov[n];
		if (out[n].iov_len > left)
			out[n].iov_len = left;
		left -= out[n].iov_len;
	}
	return n;
}

ssize_t device_write(int fd, const struct iovec *iov, int count)
{
	struct iovec chunk[IOV_CHUNKS];

	if (device_is_file(fd)) /* it takes all at once */
		return result(writev(fd, iov, count));
	if (!device_poll(fd, POLLOUT))
		return -EAGAIN;
	return result(writev(fd, chunk, first_chunk(iov, count, chunk)));
}

static void *control(void *unused)
{
	struct pollfd p = { .fd = interrupt_controller, .events = POLLIN };

	(void)unused;
	for (;;) {
		if (poll(&p, 1, -1) < 1)
			continue;
		raised = true;
		machine_raise(VECTOR_DEVICE);
		while (sem_wait(&taken) != 0)
			;
	}
	return NULL;
}

void machine_thread(void *(*run)(void *), void *stack, size_t size)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, size);
	sigfillset(&all); /* every signal is the CPU's */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (pthread_create(&thread, &attr, run, NULL) != 0)
		machine_panic("the host gives no thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void start_controller(void)
{
	static char stack[65536] __attribute__((aligned(64))); /* not mapped now: guests may have used up the mappings */

	interrupt_controller = epoll_create1(EPOLL_CLOEXEC);
	if (interrupt_controller < 0)
		machine_panic("no interrupt controller: %s", strerror(errno));
	sem_init(&taken, 0, 0);
	machine_thread(control, stack, sizeof stack);
}

void device_watch(int fd, short events)
{
	struct epoll_event e = { .data.fd = fd };

	if (fd < 0 || fd >= DEVICE_MAX)
		machine_panic("descriptor %d watched", fd);
	if (interrupt_controller < 0)
		start_controller();
	watching[fd] |= (uint32_t)events & (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP);
	e.events = watching[fd] | EPOLLONESHOT;
	if (epoll_ctl(interrupt_controller, EPOLL_CTL_MOD, fd, &e) != 0 &&
	    epoll_ctl(interrupt_controller, EPOLL_CTL_ADD, fd, &e) != 0 && errno != EPERM) /* EPERM: it is always ready */
		machine_panic("descriptor %d cannot be watched: %s", fd, strerror(errno));
}

int device_next(void)
{
	struct epoll_event e;

	if (epoll_wait(interrupt_controller, &e, 1, 0) == 1) {
		watching[e.data.fd] = 0;
		return e.data.fd;
	}
	if (raised) {
		raised = false;
		sem_post(&taken);
	}
	return -1;
}

int device_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -errno : flags;
}

int device_terminal(void)
{
	static int terminal = -1;

	if (terminal < 0)
		terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return terminal < 0 ? -ENXIO : terminal;
}
