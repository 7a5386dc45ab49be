/* none: fails "still here"; keys: fails "still here"; full: fails "still here" */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "attack.h"

/* Asks for signals that the host would send, by its own numbers of processes and threads, to uos itself: of files, timers, parents. */
static void by_file(int fd, int host)
{
	int own = 1;

	fcntl(fd, F_SETOWN, host);
	fcntl(fd, F_SETOWN_EX, &(struct f_owner_ex){ F_OWNER_PID, host });
	fcntl(fd, F_SETSIG, SIGKILL);
	fcntl(fd, F_SETFL, O_ASYNC);
	ioctl(fd, FIOASYNC, &own);
	ioctl(fd, 0x8902 /* SIOCSPGRP */, &host);
	fcntl(fd, F_SETLEASE, F_RDLCK);
	fcntl(fd, F_SETLEASE, F_WRLCK);
	fcntl(fd, F_NOTIFY, DN_CREATE | DN_MODIFY | DN_MULTISHOT);
	(void)!write(fd, "", 1);
}

int main(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGKILL };
	int host = atoi(told("host_pid")), ends[2], pair[2], file = open("file", O_RDWR | O_CREAT, 0600);
	timer_t timer;

	if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	for (int fd = 0; fd < 3; fd += 2) /* standard output tells how it went */
		by_file(fd, host);
	by_file(ends[0], host), by_file(ends[1], host), by_file(pair[0], host), by_file(pair[1], host), by_file(file, host);
	by_file(open(".", O_RDONLY), host);
	close(open("file", O_WRONLY | O_TRUNC));
	((int *)&event)[4] = host; /* sigev_notify_thread_id */
	if (raw(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&timer, 0, 0, 0) == 0)
		say("a timer for thread %d of the host\n", host);
	for (int signal = 1; signal < 65; signal++) {
		siginfo_t info = { .si_signo = signal, .si_code = -1 };

		raw(SYS_kill, host, signal, 0, 0, 0, 0);
		raw(SYS_tgkill, host, host, signal, 0, 0, 0);
		raw(SYS_tkill, host, signal, 0, 0, 0, 0);
		raw(SYS_rt_sigqueueinfo, host, signal, (long)&info, 0, 0, 0);
		raw(SYS_rt_tgsigqueueinfo, host, host, signal, (long)&info, 0, 0);
	}
	raw(SYS_pidfd_open, host, 0, 0, 0, 0, 0) >= 0 ? say("a pidfd of uos\n") : 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setpgid(host, host) == 0 || getpgid(host) >= 0 || getsid(host) >= 0)
		say("uos's own process group\n");
	say("still here\n");
	return 0;
}
