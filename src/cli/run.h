/* One run: the programs of the command line, from loading to the last line. */
#ifndef UOS_CLI_RUN_H
#define UOS_CLI_RUN_H

#include "cli/options.h"
#include "cli/workload.h"

/* Statuses of uos itself; 0 to 255 else are the guests'. */
enum { STATUS_TIMEOUT = 124, STATUS_USAGE = 125, STATUS_NOT_LOADABLE = 126, STATUS_NOT_FOUND = 127 };

/*
 * All that is to run: `progs`, and the lines of o->files after them, each with
 * the file that its program's name means. 0, or the status to end with; what
 * is wrong with each has been said then.
 */
int run_workload(const struct options *o, char **progs, struct workload *w);

/*
 * Runs them; argv is what statistics show. Does not return: the machine boots
 * once in a host process. `report`, if given, is called when the run is over,
 * however it ended, but for a panic; it may ask the kernel.
 */
_Noreturn void run(const struct options *o, const struct workload *w, char **argv, void (*report)(void));

/* Only as far as all programs are loaded: status 0, or what run() would have said and ended with. */
_Noreturn void run_load(const struct options *o, const struct workload *w);

/* What programs find in their environment: ours, as --env changes it. */
char **run_environment(const struct options *o);

/* watchdog.c: --timeout, and the notice in coop; a host thread outside the machine. */
void watchdog_start(const struct options *o);

#endif
