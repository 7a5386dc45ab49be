/* calls: rt_sigqueueinfo rt_tgsigqueueinfo rt_sigtimedwait rt_sigpending signalfd signalfd4 */
#define _GNU_SOURCE
#include "say.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

static void on_queued(int signal, siginfo_t *info, void *context)
{
	(void)context;
	say("handler of %d: code %d value %d\n", signal, info->si_code, info->si_value.sival_int);
}

static void fill(siginfo_t *info, int code, int value)
{
	memset(info, 0, sizeof *info);
	info->si_code = code;
	info->si_pid = getpid();
	info->si_uid = getuid();
	info->si_value.sival_int = value;
}

static void order(void)
{
	struct sigaction a = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO };
	sigset_t s;

	sigfillset(&a.sa_mask); /* none within another: the order is seen */
	sigaction(SIGRTMIN + 1, &a, NULL);
	sigaction(SIGRTMIN + 2, &a, NULL);
	sigaction(SIGUSR1, &a, NULL);
	sigfillset(&s);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (int i = 0; i < 3; i++) {
		TRY(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){ .sival_int = 20 + i }));
		TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 10 + i }));
		TRY(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = i }));
	}
	sigpending(&s);
	say("pending: %d %d %d %d\n", sigismember(&s, SIGRTMIN + 1), sigismember(&s, SIGRTMIN + 2), sigismember(&s, SIGUSR1), sigismember(&s, SIGUSR2));
	sigemptyset(&s);
	sigprocmask(SIG_SETMASK, &s, NULL);
	sigpending(&s);
	say("pending: %d %d %d\n", sigismember(&s, SIGRTMIN + 1), sigismember(&s, SIGRTMIN + 2), sigismember(&s, SIGUSR1));
}

static void waits(void)
{
	struct timespec none = { 0, 0 };
	siginfo_t info;
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN + 1);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 1 });
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 2 });
	kill(getpid(), SIGUSR1);
	for (int i = 0; i < 4; i++)
		if (told("sigtimedwait", sigtimedwait(&s, &info, &none)) > 0)
			say("code %d value %d self %d\n", info.si_code, info.si_code == SI_QUEUE ? info.si_value.sival_int : 0, info.si_pid == getpid());
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void errors(void)
{
	long pid = getpid(), tid = gettid();
	struct rlimit none = { 0, 0 };
	siginfo_t info;

	fill(&info, SI_QUEUE, 7);
	CALL(rt_sigqueueinfo, pid, 0, &info);
	CALL(rt_sigqueueinfo, pid, SIGURG, &info);
	CALL(rt_sigqueueinfo, pid, 65, &info);
	CALL(rt_sigqueueinfo, pid, -1, &info);
	CALL(rt_sigqueueinfo, pid, SIGUSR1, BAD);
	CALL(rt_sigqueueinfo, 0x7ffffff0l, SIGUSR1, &info);
	CALL(rt_sigqueueinfo, 0x7ffffff0l, 65, &info);
	CALL(rt_tgsigqueueinfo, pid, tid, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, tid, 0, &info);
	CALL(rt_tgsigqueueinfo, pid, tid, 65, &info);
	CALL(rt_tgsigqueueinfo, -1, tid, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, 0, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, 0x7ffffff0l, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, tid, SIGUSR1, BAD);
	fill(&info, SI_USER, 7);
	CALL(rt_sigqueueinfo, pid, SIGURG, &info);
	CALL(rt_sigqueueinfo, (long)getppid(), SIGURG, &info);
	fill(&info, SI_TKILL, 7);
	CALL(rt_sigqueueinfo, (long)getppid(), SIGURG, &info);
	setrlimit(RLIMIT_SIGPENDING, &none);
	sigset_t s;
	sigfillset(&s);
	sigprocmask(SIG_BLOCK, &s, NULL);
	TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 1 }));
	TRY(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 1 }));
	TRY(kill(getpid(), SIGRTMIN + 1));
	TRY(kill(getpid(), SIGUSR2));
}

static void say_record(const struct signalfd_siginfo *r)
{
	say("signal %u code %d value %d self %d\n", r->ssi_signo, r->ssi_code, r->ssi_code == SI_QUEUE ? r->ssi_int : 0, (int)r->ssi_pid == getpid());
}

static void descriptors(void)
{
	struct signalfd_siginfo records[3];
	struct pollfd p = { .events = POLLIN };
	uint64_t set = 1ul << (SIGUSR1 - 1) | 1ul << SIGRTMIN;
	sigset_t s, twelve;
	int fd;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigaddset(&s, SIGRTMIN + 1);
	sigemptyset(&twelve);
	sigaddset(&twelve, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	p.fd = fd = (int)TRY(signalfd(-1, &s, SFD_NONBLOCK));
	CALL(signalfd4, -1, &set, 8, 0x40000000);
	CALL(signalfd4, -1, &set, 4, 0);
	CALL(signalfd4, -1, BAD, 8, 0);
	CALL(signalfd4, NO_FD, &set, 8, 0);
	CALL(signalfd4, 1, &set, 8, 0);
	CALL(signalfd, -1, BAD, 8);
	TRY(read(fd, records, sizeof records));
	TRY(read(fd, records, 127));
	TRY(write(fd, records, 128));
	say("poll %d\n", poll(&p, 1, 0));
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 5 });
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 6 });
	TRY(poll(&p, 1, 0));
	say("events %x\n", p.revents);
	TRY(read(fd, records, 300));
	say_record(&records[0]);
	say_record(&records[1]);
	TRY(read(fd, records, 128));
	TRY(read(fd, records, 128));
	sigprocmask(SIG_BLOCK, &twelve, NULL);
	TRY(signalfd(fd, &twelve, 0));
	kill(getpid(), SIGUSR2);
	TRY(read(fd, records, sizeof records));
	say_record(&records[0]);
	fcntl(fd, F_SETFL, 0);
	if (fork() == 0) {
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	TRY(read(fd, records, sizeof records));
	say("signal %u code %d\n", records[0].ssi_signo, records[0].ssi_code);
	wait(NULL);
	close(fd);
	sigprocmask(SIG_UNBLOCK, &twelve, NULL);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

int main(void)
{
	order();
	waits();
	descriptors();
	errors();
	return 0;
}
