/* globals: does another process running the same program see this one's variable? */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static volatile int mine;

int main(void)
{
	char line[64];
	int n;

	mine = getpid();
	for (int i = 0; i < 1000; i++) {
		sched_yield();
		if (mine != getpid()) {
			dprintf(STDERR_FILENO, "globals: pid %d found %d\n", (int)getpid(), mine);
			return 1;
		}
	}
	n = snprintf(line, sizeof line, "globals: pid %d kept its own value\n", mine);
	return write(STDOUT_FILENO, line, (size_t)n) == n ? 0 : 1;
}
