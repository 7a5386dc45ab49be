/* One run: the programs of the command line, from loading to the last line. */
#ifndef UOS_CLI_RUN_H
#define UOS_CLI_RUN_H

#include "cli/options.h"

/* Statuses of uos itself; 0 to 255 else are the guests'. */
enum { STATUS_TIMEOUT = 124, STATUS_USAGE = 125, STATUS_NOT_LOADABLE = 126, STATUS_NOT_FOUND = 127 };

/*
 * Runs argv[o->first_prog] and all that follow. Does not return: the machine
 * boots once in a host process. `report`, if given, is called when the run is
 * over, however it ended, but for a panic; it may ask the kernel.
 */
_Noreturn void run(const struct options *o, char **argv, void (*report)(void));

/* Only as far as all programs are loaded: status 0, or what run() would have said and ended with. */
_Noreturn void run_load(const struct options *o, char **argv);

/* The words of a command line, and the file that the first means; ends the process with a message if there is none. */
char **run_resolve(const char *command, char **path);

/* The file that a program's name means: the built ones first, then PATH. NULL if it is nowhere. Free it. */
char *run_find(const char *name);

/* watchdog.c: --timeout, and the notice in coop; a host thread outside the machine. */
void watchdog_start(const struct options *o);

#endif
