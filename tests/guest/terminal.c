/* terminal HOW: asks its terminal everything, sets it raw, and ends: by itself, by a call that breaks the kernel, or not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
	dprintf(1, "%s: %ld %s\r\n", what, result, result == -1 ? strerrorname_np(errno) : "");
}

static void set(const char *what, int when, const struct termios *modes)
{
	struct termios now;

	tell(what, tcsetattr(0, when, modes));
	tcgetattr(0, &now);
	dprintf(1, "  as wanted: %d\r\n", memcmp(modes, &now, sizeof now) == 0);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "exit";
	struct termios before, raw;
	struct winsize size = {0};
	int waiting = -1;

	tell("isatty", isatty(0));
	tell("tcgetattr", tcgetattr(0, &before));
	tell("size", ioctl(1, TIOCGWINSZ, &size));
	dprintf(1, "%u %u\r\n", size.ws_row, size.ws_col);
	dprintf(1, "in the foreground: %d\r\n", tcgetpgrp(0) == getpgrp());
	dprintf(1, "its session: %d\r\n", tcgetsid(0) == getsid(0));
	tell("tcsetpgrp", tcsetpgrp(0, getpgrp()));
	tell("tcsetpgrp of nobody", tcsetpgrp(0, 0x7ffffff0));
	tell("tcsetpgrp of less", tcsetpgrp(0, -3));
	dprintf(1, "in the foreground: %d\r\n", tcgetpgrp(0) == getpgrp());
	tell("FIONREAD", ioctl(0, FIONREAD, &waiting));
	dprintf(1, "%d\r\n", waiting);
	tell("tcdrain", tcdrain(1));
	tell("tcflush", tcflush(0, TCIFLUSH));
	tell("tcflush of what", tcflush(0, 99));
	raw = before;
	cfmakeraw(&raw);
	set("raw", TCSANOW, &raw);
	raw.c_cc[VMIN] = 3;
	set("raw, drained", TCSADRAIN, &raw);
	set("before, flushed", TCSAFLUSH, &before);
	tell("nothing", ioctl(0, TCSETS, 8));
	set("raw", TCSANOW, &raw);
	if (strcmp(how, "refused") == 0) { /* Linux would do them */
		tell("TIOCSWINSZ", ioctl(0, TIOCSWINSZ, &size));
		tell("TIOCSTI", ioctl(0, TIOCSTI, "x"));
		tell("TIOCSCTTY", ioctl(0, TIOCSCTTY, 0));
	}
	if (strcmp(how, "panic") == 0)
		syscall(1001);
	if (strcmp(how, "fault") == 0)
		*(volatile int *)(long)(argc + 6) = 0;
	dprintf(1, "raw now\r\n");
	while (strcmp(how, "wait") == 0)
		pause();
	return 5;
}
