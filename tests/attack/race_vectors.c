/* none: fails "0 taken"; keys: fails "0 taken"; full: fails "0 taken" */
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "attack.h"

/*
 * Double fetch: while a call waits with a list of buffers or a message, another thread changes the list to addresses of the kernel and
 * of another guest. What comes out of the pipe must be what was the writer's own.
 */
#define ROUNDS 300
#define LARGE (256 * 1024ul) /* more than a pipe or a socket holds: the writer waits */

static struct iovec vectors[8];
static struct msghdr message;
static char mine[LARGE], taken[2 * LARGE];
static volatile int stop;

static void *change(void *unused)
{
	uintptr_t wanted[] = { at("kernel_secret"), at("victim"), alias_of((void *)at("victim")) };

	for (unsigned k = 0; !stop; k++) {
		for (int i = 0; i < 8; i++) {
			vectors[i].iov_base = (void *)wanted[k % 3];
			vectors[i].iov_len = PAGE;
		}
		message.msg_name = message.msg_control = (void *)wanted[k % 3];
		message.msg_iov = (void *)wanted[k % 3];
		sched_yield();
		for (int i = 0; i < 8; i++)
			vectors[i] = (struct iovec){ mine, LARGE / 8 };
		message = (struct msghdr){ .msg_iov = vectors, .msg_iovlen = 8 };
		sched_yield();
	}
	return unused;
}

/* How many bytes are not the writer's; the other side of one call. */
static long drain(int fd)
{
	long n, foreign = 0;

	do {
		n = read(fd, taken, sizeof taken);
		for (long i = 0; i < n; i++)
			foreign += taken[i] != 'm';
		if (foreign)
			say("stolen: %.16s\n", taken);
	} while (n > 0);
	return foreign;
}

static void write_all(int fd, int by_message)
{
	for (int k = 0; k < ROUNDS; k++)
		(void)!(by_message ? sendmsg(fd, &message, 0) : writev(fd, vectors, 8));
	close(fd);
}

/* The other direction: what is read must not land where the list says meanwhile. */
static void read_all(int fd)
{
	for (int k = 0; k < ROUNDS; k++)
		if (readv(fd, vectors, 8) == 0)
			break;
	close(fd);
}

int main(void)
{
	pthread_t thread;
	long foreign = 0;
	int ends[2];

	memset(mine, 'm', sizeof mine);
	pthread_create(&thread, NULL, change, NULL);
	for (int by_message = 0; by_message < 2; by_message++) {
		if (by_message ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends))
			return 2;
		if (fork() == 0) {
			close(ends[1]);
			_exit(drain(ends[0]) != 0);
		}
		close(ends[0]);
		write_all(ends[1], by_message);
		int status;

		wait(&status);
		foreign += status != 0;
	}
	if (pipe(ends))
		return 2;
	if (fork() == 0) {
		close(ends[0]);
		signal(SIGPIPE, SIG_IGN);
		for (int k = 0; k < ROUNDS; k++)
			(void)!write(ends[1], mine, PAGE);
		_exit(0);
	}
	close(ends[1]);
	read_all(ends[0]);
	stop = 1;
	pthread_join(thread, NULL);
	say("%ld taken\n", foreign);
	return 0;
}
