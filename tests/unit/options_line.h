/* A command line, parsed as main parses it, for the tests of options. */
#ifndef UOS_TESTS_OPTIONS_LINE_H
#define UOS_TESTS_OPTIONS_LINE_H

#include <check.h>
#include <string.h>

#include "cli/options.h"

#define ARGV(...) ((char *[]){"uos", __VA_ARGS__, NULL})

static char message[256];

static int parse(char **argv, struct options *o)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	memset(o, 0x5a, sizeof *o);
	memset(message, 0x5a, sizeof message);
	return options_parse(argc, argv, o, message, sizeof message);
}

static struct options accepted(char **argv)
{
	struct options o;
	int result = parse(argv, &o);

	ck_assert_msg(result == 0, "%s %s...: %s", argv[1], argv[2] ? argv[2] : "", message);
	return o;
}

#endif
