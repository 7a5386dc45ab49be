/* uos: the command line. */
#include <signal.h>
#include <stdio.h>

#include "cli/bench.h"
#include "cli/compare.h"
#include "cli/doctor.h"
#include "cli/options.h"
#include "cli/policy.h"
#include "cli/run.h"

/* What goes to standard output has not been said if it could not be written. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	perror("uos: standard output");
	return status ? status : 1;
}

static int show(const char *text)
{
	fputs(text, stdout);
	return finish(0);
}

int main(int argc, char **argv)
{
	struct workload w = { .count = 0 };
	struct options o;
	char error[256];
	int status;

	signal(SIGCHLD, SIG_DFL); /* ignored, as some start us, children could not be waited for */
	if (options_parse(argc, argv, &o, error, sizeof error) != 0) {
		fprintf(stderr, "uos: %s\n", error);
		return STATUS_USAGE;
	}
	if (o.help)
		return show(options_help[o.verb]);
	if (o.version)
		return show("uos " UOS_VERSION "\n");
	if (o.policies) {
		policy_help(stdout);
		return finish(0);
	}
	switch (o.verb) {
	case VERB_COMPARE:
		return finish(compare(&o, argv + o.first_prog));
	case VERB_BENCH:
		return finish(bench(&o, argv + o.first_prog));
	case VERB_DOCTOR:
		return finish(doctor(&o));
	case VERB_RUN:
		break;
	}
	status = run_workload(&o, argv + o.first_prog, &w);
	if (status)
		return status;
	run(&o, &w, argv, NULL);
}
