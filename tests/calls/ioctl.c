/* calls: ioctl; stdin: some input */
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "say.h"

static const struct {
	const char *name;
	unsigned long command;
} commands[] = {
	{"TCGETS", TCGETS}, {"TCSETS", TCSETS}, {"TCSETSW", TCSETSW}, {"TCSETSF", TCSETSF}, {"TIOCGWINSZ", TIOCGWINSZ},
	{"TIOCSWINSZ", TIOCSWINSZ}, {"TIOCGPGRP", TIOCGPGRP}, {"TIOCSPGRP", TIOCSPGRP}, {"TIOCGSID", TIOCGSID}, {"TCFLSH", TCFLSH},
	{"TIOCOUTQ", TIOCOUTQ}, {"TIOCSTI", TIOCSTI}, {"TIOCSCTTY", TIOCSCTTY}, {"unknown", 0x12345678}, {"0", 0}, {"-1", 0xffffffff},
};

/* Nothing here is a terminal. */
static void none(const char *what, long fd)
{
	char room[64] = {0};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		told("%s of %s", syscall(SYS_ioctl, fd, commands[i].command, room), commands[i].name, what);
}

static void rest(const char *what, long fd)
{
	int n = -7;

	told("FIONREAD of %s", syscall(SYS_ioctl, fd, FIONREAD, &n), what);
	say("%d\n", n);
}

int main(void)
{
	long file = open("file", O_RDWR), dir = open("dir", O_RDONLY), path = open("file", O_PATH);
	int p[2], on = 1, off = 0;
	char byte[4];

	pipe(p);
	none("a file", file);
	none("a directory", dir);
	none("a pipe", p[0]);
	none("the standard input", 0);
	none("a path", path);
	none("nothing", NO_FD);
	lseek(file, 3, SEEK_SET);
	rest("a file", file);
	lseek(file, 1000, SEEK_SET);
	rest("a file", file);
	rest("a directory", dir);
	rest("an empty pipe", p[0]);
	write(p[1], "abc", 3);
	rest("a pipe", p[0]);
	rest("a pipe", p[1]);
	if (poll(&(struct pollfd){0, POLLIN, 0}, 1, 5000) == 1)
		rest("the standard input", 0);
	CALL(ioctl, file, FIOCLEX, 0);
	TRY(fcntl(file, F_GETFD));
	CALL(ioctl, file, FIONCLEX, 0);
	TRY(fcntl(file, F_GETFD));
	CALL(ioctl, path, FIOCLEX, 0);
	CALL(ioctl, p[0], FIONBIO, &on);
	TRY(fcntl(p[0], F_GETFL));
	read(p[0], byte, 3);
	TRY(read(p[0], byte, 1));
	CALL(ioctl, p[0], FIONBIO, &off);
	TRY(fcntl(p[0], F_GETFL));
	CALL(ioctl, p[0], FIONBIO, BAD);
	CALL(ioctl, file, FIONBIO, &on);
	TRY(fcntl(file, F_GETFL) & O_NONBLOCK);
	CALL(ioctl, file, FIOASYNC, &off);
	CALL(ioctl, file, FIOASYNC, &on);
	CALL(ioctl, file, FIONREAD, BAD);
	return 0;
}
