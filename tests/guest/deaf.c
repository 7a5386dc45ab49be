/* deaf: ignores SIGINT and says so for ever, sleeping in between. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

int main(void)
{
	struct timespec moment = {0, 20 * 1000000};

	if (signal(SIGINT, SIG_IGN) == SIG_ERR)
		perror("signal");
	for (long k = 1;; k++) {
		dprintf(1, "deaf %ld\n", k);
		nanosleep(&moment, NULL);
	}
}
