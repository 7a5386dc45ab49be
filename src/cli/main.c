/* uos: the command line. */
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/run.h"

static int show(const char *text)
{
	fputs(text, stdout);
	if (fflush(stdout) == 0)
		return 0;
	perror("uos: standard output");
	return 1;
}

int main(int argc, char **argv)
{
	struct options o;
	char error[256];

	if (options_parse(argc, argv, &o, error, sizeof error) != 0) {
		fprintf(stderr, "uos: %s\n", error);
		return STATUS_USAGE;
	}
	if (o.help)
		return show(options_help);
	if (o.version)
		return show("uos " UOS_VERSION "\n");
	run(&o, argv);
}
