/* calls: pidfd_open pidfd_send_signal waitid */
#define _GNU_SOURCE
#include "say.h"
#include <poll.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void on(int signal, siginfo_t *info, void *context)
{
	(void)context;
	say("handler of %d code %d from self %d\n", signal, info->si_code, info->si_pid == getpid());
}

int main(void)
{
	struct sigaction a = { .sa_sigaction = on, .sa_flags = SA_SIGINFO };
	struct pollfd p = { .events = POLLIN };
	siginfo_t info = { 0 };
	long self, fd;
	int pid;

	sigaction(SIGUSR1, &a, NULL);
	self = CALL(pidfd_open, (long)getpid(), 0);
	say("closes on exec: %d\n", fcntl((int)self, F_GETFD));
	CALL(pidfd_send_signal, self, SIGUSR1, NULL, 0);
	CALL(pidfd_send_signal, self, 0, NULL, 0);
	CALL(pidfd_send_signal, self, 65, NULL, 0);
	CALL(pidfd_send_signal, self, SIGUSR1, NULL, 64);
	CALL(pidfd_send_signal, self, SIGUSR1, BAD, 0);
	CALL(pidfd_send_signal, NO_FD, SIGUSR1, NULL, 0);
	CALL(pidfd_send_signal, 1, SIGUSR1, NULL, 0);
	info.si_signo = SIGUSR1;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	CALL(pidfd_send_signal, self, SIGUSR1, &info, 0);
	CALL(pidfd_send_signal, self, SIGUSR2, &info, 0);
	CALL(pidfd_open, -1, 0);
	CALL(pidfd_open, 0, 0);
	CALL(pidfd_open, 0x3ffffff0, 0);
	CALL(pidfd_open, (long)getpid(), 1);
	TRY(read((int)self, &info, 1));
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	fd = CALL(pidfd_open, (long)pid, 0);
	p.fd = (int)fd;
	TRY(poll(&p, 1, 0));
	CALL(pidfd_send_signal, fd, SIGTERM, NULL, 0);
	TRY(poll(&p, 1, 10000));
	say("events %x\n", p.revents);
	CALL(pidfd_send_signal, fd, SIGTERM, NULL, 0);
	CALL(waitid, P_PIDFD, NO_FD, &info, WEXITED, NULL);
	CALL(waitid, P_PIDFD, self, &info, WEXITED, NULL);
	CALL(waitid, P_PIDFD, fd, &info, WEXITED, NULL);
	say("code %d status %d\n", info.si_code, info.si_status);
	CALL(pidfd_send_signal, fd, SIGTERM, NULL, 0);
	CALL(waitid, P_PIDFD, fd, &info, WEXITED, NULL);
	TRY(poll(&p, 1, 0));
	close((int)fd);
	return 0;
}
