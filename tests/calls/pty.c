/* calls: ioctl, read, write, poll, setsid, open */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "say.h"

#define NUMBER_ROOM 16

static int master, slave;

static void show_bytes(const char *what, const char *bytes, ssize_t n)
{
	say("%s: %zd %s", what, n, n < 0 ? strerrorname_np(errno) : "");
	for (ssize_t i = 0; i < n; i++)
		say(" %02x", (unsigned char)bytes[i]);
	say("\n");
}

static void show(const char *what, int fd)
{
	char bytes[256];
	ssize_t n = read(fd, bytes, sizeof bytes);

	show_bytes(what, bytes, n);
}

/* On Linux what the slave writes and echoes goes to the master by itself, and may come in pieces. */
static void show_all(const char *what, ssize_t size)
{
	char bytes[256];
	ssize_t n = 0, more = 1;

	for (; n < size && more > 0; n += more)
		more = read(master, bytes + n, sizeof bytes - n);
	show_bytes(what, bytes, n);
}

static void ready(const char *what)
{
	struct pollfd fds[2] = {{master, POLLIN | POLLOUT, 0}, {slave, POLLIN | POLLOUT, 0}};

	poll(fds, 2, 0);
	say("%s: master %x slave %x\n", what, fds[0].revents, fds[1].revents);
}

/* On Linux what is typed goes on its way by itself: wait until it has. */
static void type(const char *bytes, size_t n)
{
	write(master, bytes, n);
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5000);
}

static void open_both(void)
{
	int unlock = 0, number;
	char name[NUMBER_ROOM + 9];

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	TRY(ioctl(master, TIOCGPTN, &number) == 0 && number >= 0);
	snprintf(name, sizeof name, "/dev/pts/%d", number);
	TRY(open(name, O_RDWR | O_NOCTTY));
	TRY(ioctl(master, TIOCSPTLCK, &unlock));
	slave = open(name, O_RDWR | O_NOCTTY);
	TRY(isatty(slave));
	TRY(isatty(master));
}

static void modes(void)
{
	struct termios t;

	TRY(tcgetattr(slave, &t));
	say("%x %x %x %x\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
	for (int i = 0; i < 17; i++)
		say("%02x ", t.c_cc[i]);
	say("\n");
	cfmakeraw(&t);
	TRY(tcsetattr(slave, TCSAFLUSH, &t));
	TRY(tcgetattr(master, &t));
	say("%x %x %x %x\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
}

static void lines(void)
{
	int n = -1;

	write(slave, "two\nlines\n", 10);
	show_all("shown", 12);
	type("abd\x7f" "c\n", 6);
	poll(&(struct pollfd){master, POLLIN, 0}, 1, 5000);
	ready("a line");
	TRY(ioctl(slave, FIONREAD, &n));
	say("%d\n", n);
	show_all("echo", 9);
	show("line", slave);
	type("end\x04", 4);
	show("end", slave);
	show_all("echo", 3);
	type("\x04", 1);
	show("end of file", slave);
	ready("nothing");
}

static void raw(void)
{
	struct termios t;

	type("\x03\r\n\x04", 4);
	show("raw", slave);
	tcgetattr(slave, &t);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	tcsetattr(slave, TCSANOW, &t);
	show("in time", slave);
	t.c_cc[VTIME] = 0;
	tcsetattr(slave, TCSANOW, &t);
	show("at once", slave);
	t.c_cc[VMIN] = 3;
	tcsetattr(slave, TCSANOW, &t);
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	write(master, "ab", 2);
	show("two of three", slave);
	write(master, "c", 1);
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5000);
	show("three", slave);
}

static void jobs(void)
{
	struct winsize size = {24, 80, 0, 0};
	int group = 0;

	TRY(ioctl(slave, TIOCGPGRP, &group));
	TRY(ioctl(slave, TIOCGSID, &group));
	TRY(ioctl(slave, TIOCSPGRP, &group));
	TRY(ioctl(master, TIOCGPGRP, &group));
	say("%d\n", group);
	TRY(ioctl(slave, TIOCNOTTY, 0));
	CALL(ioctl, slave, TIOCGWINSZ, &size);
	say("%u %u\n", size.ws_row, size.ws_col);
	size = (struct winsize){24, 80, 0, 0};
	CALL(ioctl, master, TIOCSWINSZ, &size);
	CALL(ioctl, slave, TIOCGWINSZ, &size);
	say("%u %u\n", size.ws_row, size.ws_col);
	CALL(ioctl, slave, TIOCSWINSZ, BAD);
	CALL(ioctl, slave, TCFLSH, 7);
	CALL(ioctl, slave, TCXONC, 7);
	CALL(ioctl, slave, TCSBRK, 1);
	CALL(ioctl, slave, TIOCGPTN, &group);
	CALL(ioctl, slave, TIOCSPTLCK, &group);
	CALL(ioctl, master, TIOCGPTN, BAD);
}

static void hang_up(void)
{
	close(slave);
	show("no slave", master);
	ready("no slave");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	write(slave, "left", 4);
	close(slave);
	show("what was left", master);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	close(master);
	master = -1;
	show("hung up", slave);
	TRY(write(slave, "x", 1));
	CALL(ioctl, slave, TCGETS, BAD);
	ready("hung up");
}

int main(void)
{
	struct stat st;

	open_both();
	fstat(slave, &st);
	say("%o %u\n", st.st_mode & S_IFMT, (unsigned)(st.st_rdev >> 8));
	lines();
	modes();
	raw();
	jobs();
	hang_up();
	return 0;
}
