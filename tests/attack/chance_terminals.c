/* none: fails "all over"; keys: fails "all over"; full: fails "all over" */
#include "chance.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

/*
 * Pseudo-terminals by chance: what interrupts, stops and ends is typed, sessions take them and let them go, groups before and behind read
 * and write, modes change, masters are closed. Nobody may wait for ever who is killed, and nothing may be left.
 */
#define SESSIONS 40
#define STEPS 60
#define DEPTH 3
#define TERMINALS 3
#define MSEC 80

static int masters[TERMINALS], slaves[TERMINALS];
static char names[TERMINALS][32];

static void handler(int signal)
{
	(void)signal;
}

static void type(int master)
{
	char text[40];
	size_t length = 1 + chance(39);

	for (size_t i = 0; i < length; i++)
		text[i] = chance(3) ? "\003\034\032\004\021\023\026\027\025\022\r\n\177\377\0a\b\t"[chance(18)] : (char)chance(256);
	fcntl(master, F_SETFL, O_NONBLOCK);
	(void)!write(master, text, length);
}

static void change(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes))
		return;
	modes.c_lflag ^= chance(2) << chance(16);
	modes.c_iflag ^= chance(2) << chance(15);
	modes.c_oflag ^= chance(2) << chance(15);
	modes.c_cc[chance(19)] = (cc_t)chance(256);
	tcsetattr(fd, (int)chance(3), &modes);
}

static void act(int depth, int steps)
{
	char buffer[5000];

	memset(buffer, 'x', sizeof buffer);
	for (int i = 0; i < steps; i++) {
		uint32_t which = chance(TERMINALS);
		int slave = slaves[which], fd = chance(3) ? slave : masters[which], other;
		pid_t child;

		switch (chance(20)) {
		case 0: case 1: case 2: type(masters[which]); break;
		case 3: case 4: (void)!read(fd, buffer, 1 + chance(sizeof buffer)); break;
		case 5: (void)!write(fd, buffer, 1 + chance(sizeof buffer)); break;
		case 6:
			if (depth < DEPTH && (child = fork()) == 0) {
				chance_begins((uint32_t)getpid());
				if (chance(2))
					setpgid(0, 0);
				act(depth + 1, 12);
				_exit(0);
			}
			break;
		case 7: tcsetpgrp(slave, chance(2) ? getpgrp() : getpid()); break;
		case 8: ioctl(slave, TIOCSCTTY, chance(2)); break;
		case 9: ioctl(slave, TIOCNOTTY, 0); break;
		case 10: setpgid(0, 0); break;
		case 11: case 12: change(fd); break;
		case 13: ioctl(fd, TIOCSWINSZ, &(struct winsize){ .ws_row = (unsigned short)chance(100) }); break;
		case 14: tcflush(fd, (int)chance(3)); break;
		case 15: tcflow(fd, (int)chance(4)); break;
		case 16: if (chance(5) == 0) close(fd); break;
		case 17: if ((other = open(chance(2) ? "/dev/tty" : names[which], O_RDWR | O_NONBLOCK)) >= 0) close(other); break;
		case 18: kill(chance(3) ? 0 : getpid(), (const int[]){ SIGCONT, SIGTSTP, SIGTTIN, SIGHUP, SIGWINCH }[chance(5)]); break;
		default: poll(&(struct pollfd){ .fd = fd, .events = POLLIN | POLLOUT }, 1, (int)chance(4));
		}
	}
}

static void session(void)
{
	prctl(PR_SET_NAME, "typist");
	setsid();
	for (int i = 0; i < TERMINALS; i++) {
		masters[i] = open("/dev/ptmx", O_RDWR | O_NOCTTY);
		if (unlockpt(masters[i]) || ptsname_r(masters[i], names[i], sizeof names[i]))
			_exit(1);
		slaves[i] = open(names[i], O_RDWR | (chance(2) ? O_NOCTTY : 0));
	}
	for (const int *s = (const int[]){ SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, 0 }; *s; s++)
		signal(*s, (void (*[])(int)){ SIG_DFL, SIG_IGN, handler }[chance(3)]);
	act(0, STEPS);
	_exit(0);
}

int main(void)
{
	for (int number = 0; number < SESSIONS; number++) {
		pid_t child = fork();

		if (child == 0) {
			chance_begins((uint32_t)number + 1);
			session();
		}
		for (int i = 0; i < MSEC && waitpid(child, NULL, WNOHANG) != child; i++)
			usleep(1000);
		kill(-child, SIGKILL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	end_named("(typist)");
	say("all over\n");
	return 0;
}
