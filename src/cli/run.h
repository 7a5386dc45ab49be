/* One run: the programs of the command line, from loading to the last line. */
#ifndef UOS_CLI_RUN_H
#define UOS_CLI_RUN_H

#include "cli/options.h"

/* Statuses of uos itself; 0 to 255 else are the guests'. */
enum { STATUS_TIMEOUT = 124, STATUS_USAGE = 125, STATUS_NOT_LOADABLE = 126, STATUS_NOT_FOUND = 127 };

/* Runs argv[o->first_prog] and all that follow. Does not return. */
_Noreturn void run(const struct options *o, char **argv);

/* watchdog.c: --timeout, and the notice in coop; a host thread outside the machine. */
void watchdog_start(const struct options *o);

#endif
