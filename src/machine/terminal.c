/* Terminals: what guests may ask of and do to those that uos was started on; at the end they are as they were. */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "machine/device.h"
#include "machine/hw.h"

#define KEPT_MAX 4

static struct kept {
	int fd;
	dev_t terminal;
	struct termios settings; /* as uos found them */
	struct termios wanted;   /* as they are to be again when uos goes on, */
	bool is_wanted;          /* if it was suspended */
} kept[KEPT_MAX];
static int kept_count;

/* Before anything about it is changed. False: it is no terminal, or one too many. */
bool terminal_keep(int fd)
{
	struct kept *k = &kept[kept_count];
	struct stat st;

	if (fstat(fd, &st) != 0 || tcgetattr(fd, &k->settings) != 0)
		return false;
	for (int i = 0; i < kept_count; i++)
		if (kept[i].terminal == st.st_rdev)
			return true;
	if (kept_count == KEPT_MAX)
		return false;
	k->terminal = st.st_rdev;
	k->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* a guest may close its own */
	kept_count += k->fd >= 0;
	return k->fd >= 0;
}

static void restore(const struct kept *k)
{
	struct termios now;

	if (tcgetattr(k->fd, &now) != 0 || memcmp(&now, &k->settings, sizeof now) == 0)
		return;
	signal(SIGTTOU, SIG_IGN); /* from the background, too */
	tcsetattr(k->fd, TCSANOW, &k->settings);
}

void terminal_restore(void)
{
	for (int i = 0; i < kept_count; i++)
		restore(&kept[i]);
}

/* Of /proc/PID/stat, behind the name in parentheses: the state, and the parent. 0: unknown. */
static pid_t parent_of(pid_t pid)
{
	char name[32], text[512];
	const char *end;
	int fd, parent = 0;
	ssize_t n;

	snprintf(name, sizeof name, "/proc/%d/stat", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* The nearest ancestor outside our process group is of our session: a shell, as a rule, whose job the group is. */
bool device_may_suspend(void)
{
	pid_t pid = getppid();

	while (pid > 1 && getpgid(pid) == getpgrp())
		pid = parent_of(pid);
	return pid > 1 && getsid(pid) == getsid(0);
}

void device_suspend(int sig)
{
	for (int i = 0; i < kept_count; i++)
		kept[i].is_wanted = tcgetattr(kept[i].fd, &kept[i].wanted) == 0;
	terminal_restore();
	signal(SIGTTOU, SIG_DFL);
	if (sig == SIGTSTP)
		signal(SIGTSTP, SIG_DFL); /* SIGSTOP would be told to the user as something else */
	kill(getpid(), sig);
	/* continues here when somebody has sent SIGCONT */
	if (sig == SIGTSTP)
		trap_catch(SIGTSTP);
	device_resume();
}

void device_resume(void)
{
	for (struct kept *k = kept; k < kept + kept_count; k++)
		if (k->is_wanted && device_in_foreground(k->fd) > 0) {
			tcsetattr(k->fd, TCSANOW, &k->wanted);
			k->is_wanted = false;
		}
}

int device_terminal_get(int fd, unsigned request, void *out)
{
	return ioctl(fd, request, out) < 0 ? -errno : 0;
}

int device_terminal_set(int fd, unsigned request, const void *settings)
{
	if (!terminal_keep(fd))
		return -ENOTTY;
	return ioctl(fd, request, settings) < 0 ? -errno : 0;
}

int device_terminal_flush(int fd, int queue)
{
	return ioctl(fd, TCFLSH, queue) < 0 ? -errno : 0;
}

int device_in_foreground(int fd)
{
	pid_t group;

	return ioctl(fd, TIOCGPGRP, &group) < 0 ? -errno : group == getpgrp();
}
