/* calls: kill tgkill tkill exit_group; runs: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 34 64 blocked tkill abort */
#include "say.h"

int main(int argc, char **argv)
{
	int number = atoi(argv[1]);
	sigset_t set;

	say("%d arguments, dying of %s\n", argc, argv[1]);
	if (number)
		kill(getpid(), number);
	if (!strcmp(argv[1], "tkill"))
		syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR2);
	if (!strcmp(argv[1], "abort"))
		abort();
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	TRY(kill(getpid(), SIGUSR2));
	TRY(kill(getpid(), SIGTERM));
	sigemptyset(&set);
	say("still here\n");
	sigprocmask(SIG_SETMASK, &set, NULL);	/* the lower number goes first */
	say("not here\n");
	return 0;
}
