/*
 * reborn UOS OPTION...: what one more process costs uos. There is no fork yet:
 * processes come from the command line. So: the time of a whole run of uos
 * with 64 programs that exit at once, less that of one with a single one, by
 * 63: create, load, switch to, exit, reap.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define MANY 64
#define RUNS 7 /* undisturbed, of each */

static char *run[64 + MANY];
static int options;

/* One run of uos with so many programs. */
static long programs(long n)
{
	int status;
	pid_t pid;

	for (int i = 0; i < n; i++)
		run[options + i] = "./exit";
	run[options + n] = NULL;
	if ((pid = vfork()) == 0) {
		execv(run[0], run);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		measure_fail("uos failed");
	return n;
}

int main(int argc, char **argv)
{
	double many, one;

	if (argc < 2 || argc > 40)
		return 2;
	options = argc - 1;
	memcpy(run, argv + 1, (size_t)options * sizeof *run);
	many = measure_quiet(programs, MANY, RUNS) * MANY;
	one = measure_quiet(programs, 1, RUNS);
	measure_print(NULL, (many - one) / (MANY - 1));
	measure_print_noise();
	return 0;
}
