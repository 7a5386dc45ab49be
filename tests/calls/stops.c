/* calls: kill wait4 waitid rt_sigaction */
#define _GNU_SOURCE
#include "say.h"
#include <poll.h>
#include <sys/wait.h>

static volatile int news;
static int go[2];

static void on_child(int signal, siginfo_t *info, void *context)
{
	(void)context;
	news++;
	say("SIG %d code %d status %d, of a child %d\n", signal, info->si_code, info->si_status, info->si_pid > 0 && info->si_pid != getpid());
}

static void on_signal(int signal)
{
	say("child: handler of %d\n", signal);
}

static void take(int flags, void *handler)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	if (handler == SIG_DFL || handler == SIG_IGN)
		a.sa_flags &= ~SA_SIGINFO;
	sigaction(SIGCHLD, &a, NULL);
}

/* Waits until it has been told n times in all. */
static void hear(int n, const sigset_t *open)
{
	while (news < n)
		sigsuspend(open);
}

static void tell(const char *what, int pid, int flags)
{
	int status = 0, got = waitpid(pid, &status, flags);

	say("%s: %s status %x\n", what, got == 0 ? "nobody" : got < 0 ? strerrorname_np(errno) : pid < 0 || got == pid ? "it" : "another", (unsigned)status);
}

static int spawn(void (*run)(void))
{
	int pid = fork();

	if (pid == 0) {
		run();
		_exit(3);
	}
	return pid;
}

static void stops_itself(void)
{
	char c;

	raise(SIGSTOP);
	read(go[0], &c, 1); /* else two signals might become one */
	say("child: goes on\n");
}

static void waits(void)
{
	signal(SIGUSR1, on_signal);
	for (;;)
		pause();
}

static void handles_cont(void)
{
	sigset_t s;

	signal(SIGCONT, on_signal);
	sigemptyset(&s);
	raise(SIGSTOP);
	say("child: exits\n");
}

static void exits(void)
{
}

static void dies(void)
{
	raise(SIGTERM);
}

int main(void)
{
	sigset_t chld, open;
	siginfo_t info = { 0 };
	struct timespec none = { 0, 0 };
	int pid;

	pipe(go);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &open);
	sigdelset(&open, SIGCHLD);
	take(0, on_child);
	pid = spawn(stops_itself);
	hear(1, &open);
	tell("stopped", pid, WUNTRACED);
	tell("stopped, told already", pid, WUNTRACED | WNOHANG);
	kill(pid, SIGCONT);
	hear(2, &open);
	tell("continued", pid, WCONTINUED);
	write(go[1], "x", 1);
	hear(3, &open);
	tell("ended", pid, 0);

	pid = spawn(waits);
	kill(pid, SIGSTOP);
	hear(4, &open);
	TRY(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT));
	say("code %d status %d\n", info.si_code, info.si_status);
	TRY(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
	kill(pid, SIGUSR2); /* waits for the end of the stop, and then ends it */
	tell("still stopped", pid, WNOHANG);
	kill(pid, SIGCONT);
	waitpid(pid, NULL, 0);
	while (sigtimedwait(&chld, NULL, &none) > 0) /* one or two */
		;
	news = 0;

	take(SA_NOCLDSTOP, on_child);
	pid = spawn(handles_cont);
	tell("stopped", pid, WUNTRACED);
	kill(pid, SIGCONT);
	hear(1, &open);
	tell("ended", pid, 0);
	pid = spawn(waits);
	kill(pid, SIGSTOP);
	tell("stopped", pid, WUNTRACED);
	kill(pid, SIGKILL);
	tell("killed", pid, 0);
	hear(2, &open);
	spawn(dies);
	hear(3, &open);
	tell("died", -1, WNOHANG);

	take(SA_NOCLDWAIT, on_child);
	spawn(exits);
	hear(4, &open);
	tell("not to be waited for", -1, 0);
	take(0, SIG_IGN);
	spawn(exits);
	tell("ignored", -1, 0);
	take(0, SIG_DFL);
	pid = spawn(exits);
	tell("default", pid, 0);
	return 0;
}
