/* calls: rt_sigsuspend pause; runs: "0" "1" "2" */
#include <time.h>

#include "say.h"

/* Ends by the signal that waits behind the mask, in sigsuspend; the others first say what they refuse. */
int main(int argc, char **argv)
{
	unsigned long all = ~0ul, none = 0, but_one = ~(1ul << (SIGTERM - 1));
	int how = argc > 1 ? atoi(argv[1]) : 0;

	CALL(rt_sigsuspend, &none, 4);
	CALL(rt_sigsuspend, BAD, 8);
	CALL(rt_sigprocmask, SIG_SETMASK, &all, 0, 8);
	syscall(SYS_kill, getpid(), how == 1 ? SIGUSR2 : SIGTERM);
	if (how == 2) {
		CALL(rt_sigprocmask, SIG_SETMASK, &none, 0, 8);
		CALL(pause);
	}
	CALL(rt_sigsuspend, how == 1 ? &none : &but_one, 8);
	say("still here\n");
	return 0;
}
