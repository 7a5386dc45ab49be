/* calls: read write nanosleep clock_nanosleep poll ppoll select pselect6 futex wait4 pause rt_sigsuspend rt_sigtimedwait epoll_wait; runs: "" stopped */
#define _GNU_SOURCE
#include "say.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#define SOON 20000 /* us until the signal comes */

static int pipes[2], full[2];
static volatile int count, enough;

/*
 * The second signal writes what a call that is restarted waits for. One that is not ends by a signal, if not by the first,
 * which may come before the call where the machine is busy; had it been restarted, it would end when many have come.
 */
enum { SECOND = 2, MANY = 100 };

static void on(int signal)
{
	(void)signal;
	if (++count == enough)
		write(pipes[1], "x", 1);
}

static void begin(int flags, int how_many)
{
	struct sigaction a = { .sa_handler = on, .sa_flags = flags };
	struct itimerval t = { { 0, SOON }, { 0, SOON } };

	count = 0;
	enough = how_many;
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static void end(void)
{
	static const struct itimerval none;
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };
	char c;

	setitimer(ITIMER_REAL, &none, NULL);
	while (poll(&p, 1, 0) == 1)
		read(pipes[0], &c, 1);
}

#define INTERRUPTED(call) (begin(flags, MANY), TRY(call), end())
#define RESTARTED(call) (begin(flags, flags & SA_RESTART ? SECOND : MANY), TRY(call), end())

static void each(int flags)
{
	struct timespec longer = { 100, 0 }, rest = { 0, 0 };
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };
	struct epoll_event e;
	sigset_t none, usr1;
	fd_set set;
	char c;
	int word = 0, ep = epoll_create1(0);

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	RESTARTED(read(pipes[0], &c, 1));
	INTERRUPTED(pause());
	INTERRUPTED(sigsuspend(&none));
	INTERRUPTED(nanosleep(&longer, &rest));
	say("rest: %s\n", rest.tv_sec >= 80 && rest.tv_sec < 100 ? "good" : "bad");
	INTERRUPTED(clock_nanosleep(CLOCK_MONOTONIC, 0, &longer, &rest) == EINTR);
	INTERRUPTED(poll(&p, 1, 100000));
	INTERRUPTED(poll(&p, 1, -1));
	INTERRUPTED(ppoll(&p, 1, NULL, &none));
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	INTERRUPTED(select(pipes[0] + 1, &set, NULL, NULL, NULL));
	INTERRUPTED(pselect(0, NULL, NULL, NULL, &longer, &none));
	INTERRUPTED(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &longer, NULL, 0));
	INTERRUPTED(sigtimedwait(&usr1, NULL, &longer));
	INTERRUPTED(epoll_wait(ep, &e, 1, -1));
	close(ep);
}

static void of_children(int flags)
{
	int child = fork(), status;
	char c;

	if (child == 0) { /* until the second signal */
		read(pipes[0], &c, 1);
		_exit(7);
	}
	RESTARTED(wait4(-1, &status, 0, NULL) == child);
	if (!(flags & SA_RESTART)) {
		write(pipes[1], "x", 1);
		waitpid(child, &status, 0);
	}
	say("status %x\n", (unsigned)status);
}

static void writes(int flags)
{
	static char data[1 << 20];
	ssize_t n;

	pipe(full);
	begin(flags, MANY);
	n = write(full[1], data, sizeof data);
	end();
	say("a write of a part: %ld\n", (long)n);
	begin(flags & ~SA_RESTART, MANY);
	TRY(write(full[1], data, 1));
	end();
	close(full[0]);
	close(full[1]);
}

/* The mask of sigsuspend and its like holds until the handler has begun, and is what it was afterwards. */
static void on_masked(int signal, siginfo_t *info, void *context)
{
	sigset_t now;

	(void)info, (void)context;
	sigprocmask(SIG_BLOCK, NULL, &now);
	say("handler of %d, USR1 is blocked: %d, USR2: %d\n", signal, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
}

static void masks(void)
{
	struct sigaction a = { .sa_sigaction = on_masked, .sa_flags = SA_SIGINFO };
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };
	struct timespec none = { 0, 0 };
	sigset_t both, usr2;

	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGUSR2, &a, NULL);
	sigemptyset(&both);
	sigaddset(&both, SIGUSR1);
	sigaddset(&both, SIGUSR2);
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &both, NULL);
	raise(SIGUSR2);
	raise(SIGUSR1);
	TRY(sigsuspend(&usr2));
	raise(SIGUSR1);
	TRY(ppoll(&p, 1, NULL, &usr2));
	raise(SIGUSR1);
	TRY(pselect(0, NULL, NULL, NULL, NULL, &usr2));
	TRY(ppoll(&p, 1, &none, &both));
	sigprocmask(SIG_BLOCK, NULL, &both);
	say("afterwards: %d %d\n", sigismember(&both, SIGUSR1), sigismember(&both, SIGUSR2));
	sigprocmask(SIG_UNBLOCK, &both, NULL);
}

/* ---- Stopped and continued: no handler, so nothing is seen, and no wait is longer ---------------- */

enum { HALF_SECOND = 500 };

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleeper(int how)
{
	struct timespec half = { 0, HALF_SECOND * 1000000l };
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };
	long start = now_ms();
	struct epoll_event e;
	sigset_t usr1;
	int word = 0;

	switch (how) {
	case 0:
		TRY(nanosleep(&half, NULL));
		break;
	case 1:
		TRY(poll(&p, 1, HALF_SECOND));
		break;
	case 2:
		TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &half, NULL, 0));
		break;
	case 3:
		TRY(select(0, NULL, NULL, NULL, &(struct timeval){ 0, HALF_SECOND * 1000l }));
		break;
	case 4:
		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		TRY(sigtimedwait(&usr1, NULL, &half));
		_exit(0);
	default:
		TRY(epoll_wait(epoll_create1(0), &e, 1, HALF_SECOND));
		_exit(0);
	}
	say("not too short: %d\n", now_ms() - start >= HALF_SECOND);
	_exit(0);
}

/* Its time passes while it is stopped: then it ends at once. Counted in sleeps of ours, which a busy machine makes longer, too. */
static void stopped(void)
{
	for (int how = 0; how < 6; how++) {
		int child = fork(), status, sleeps = 0;

		if (child == 0)
			sleeper(how);
		until_asleep(child);
		kill(child, SIGSTOP);
		waitpid(child, &status, WUNTRACED);
		say("status %x\n", (unsigned)status);
		usleep(HALF_SECOND * 1000);
		kill(child, SIGCONT);
		while (waitpid(child, &status, WNOHANG) == 0)
			usleep(SOON), sleeps++;
		say("status %x, %s\n", (unsigned)status, sleeps < HALF_SECOND * 1000 / SOON / 2 ? "at once" : "late");
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	pipe(pipes);
	if (argc > 1) {
		stopped();
		return 0;
	}
	say("with SA_RESTART\n");
	each(SA_RESTART);
	of_children(SA_RESTART);
	writes(SA_RESTART);
	say("without\n");
	each(0);
	of_children(0);
	writes(0);
	masks();
	return 0;
}
