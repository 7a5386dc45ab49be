/* Runs commands, each a word for sh, and kills each at a random moment: "killer SEED ROUNDS COMMAND...". */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 6
#define LONGEST_US 30000

static uint64_t state;

static uint64_t chance(void)
{
	state = state * 6364136223846793005ul + 1442695040888963407ul;
	return state >> 33;
}

static pid_t start(const char *command)
{
	pid_t child = fork();

	if (child == 0) {
		int nowhere = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(nowhere, fd);
		setpgid(0, 0);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	setpgid(child, child);
	return child;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 0, killed = 0, ended = 0, status;
	pid_t children[AT_ONCE];

	state = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	if (argc < 4)
		return 2;
	for (int round = 0; round < rounds; round++) {
		struct timespec moment = { 0, (long)(chance() % LONGEST_US) * 1000 };

		for (int i = 0; i < AT_ONCE; i++)
			children[i] = start(argv[3 + chance() % (unsigned)(argc - 3)]);
		nanosleep(&moment, NULL);
		for (int i = 0; i < AT_ONCE; i++) {
			if (children[i] < 0)
				return 1;
			kill(-children[i], chance() % 4 ? SIGKILL : SIGTERM);
			kill(children[i], SIGKILL);
			waitpid(children[i], &status, 0);
			killed += WIFSIGNALED(status);
			ended += WIFEXITED(status);
		}
	}
	dprintf(1, "%d in all\n", killed + ended);
	dprintf(2, "%d killed\n", killed);
	return 0;
}
