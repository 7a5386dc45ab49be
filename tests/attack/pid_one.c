/* none: fails "all refused"; keys: fails "all refused"; full: fails "all refused" */
#include "attack.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>

/* pid 1 is uos's own, and frees who has ended: by every call that names a process, it is to be killed, stopped, moved, limited. */
static int done;

static void try(const char *what, long result)
{
	if (result >= 0)
		say("%s: %ld\n", what, result), done++;
}

static void send_all(int signal)
{
	siginfo_t info = { .si_signo = signal, .si_code = SI_QUEUE };
	int fd = (int)raw(SYS_pidfd_open, 1, 0, 0, 0, 0, 0);

	try("kill", kill(1, signal));
	try("tkill", raw(SYS_tkill, 1, signal, 0, 0, 0, 0));
	try("tgkill", raw(SYS_tgkill, 1, 1, signal, 0, 0, 0));
	try("rt_sigqueueinfo", raw(SYS_rt_sigqueueinfo, 1, signal, (long)&info, 0, 0, 0));
	try("rt_tgsigqueueinfo", raw(SYS_rt_tgsigqueueinfo, 1, 1, signal, (long)&info, 0, 0));
	try("pidfd_send_signal", raw(SYS_pidfd_send_signal, fd, signal, 0, 0, 0, 0));
	close(fd);
}

/* As the foreground group of a terminal on which Ctrl-C, Ctrl-Z are typed. */
static void foreground(void)
{
	char name[32];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), slave;

	setsid();
	if (unlockpt(master) || ptsname_r(master, name, sizeof name) || (slave = open(name, O_RDWR)) < 0)
		_exit(1);
	try("tcsetpgrp", tcsetpgrp(slave, 1));
	(void)!write(master, "\003\032\034", 3);
	_exit(done != 0);
}

int main(void)
{
	int pair[2], status;
	struct rlimit none = { 0, 0 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGKILL };

	event._sigev_un._tid = 1;
	for (const int *s = (const int[]){ SIGKILL, SIGSTOP, SIGTERM, SIGSEGV, SIGTSTP, SIGILL, 0 }; *s; s++)
		send_all(*s);
	try("setpgid", setpgid(1, 1));
	try("setpgid to its group", setpgid(0, 1));
	try("setpriority", setpriority(PRIO_PROCESS, 1, 19));
	for (int i = 0; i < RLIM_NLIMITS; i++)
		try("prlimit64", raw(SYS_prlimit64, 1, i, (long)&none, 0, 0, 0));
	try("timer_create", raw(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&status, 0, 0, 0));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	try("F_SETOWN", fcntl(pair[0], F_SETOWN, 1));
	try("F_SETOWN_EX", fcntl(pair[0], F_SETOWN_EX, &(struct f_owner_ex){ F_OWNER_TID, 1 }));
	if (fork() == 0)
		foreground();
	wait(&status);
	if (!done && (WIFSIGNALED(status) || status == 0)) /* typed for itself, when refused */
		say("all refused\n");
	return 0;
}
