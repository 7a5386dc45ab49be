/* exitwith N [YIELDS]: gives the CPU away YIELDS times, then exits with status N, or by signal -N if N is negative. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 0;

	for (long left = argc > 2 ? atol(argv[2]) : 0; left > 0; left--)
		sched_yield();
	if (status < 0)
		kill(getpid(), -status);
	_exit(status);
}
