/* The verb bench: what switching costs here, beside what it must be compared with. It is in bench/. */
#ifndef UOS_CLI_BENCH_H
#define UOS_CLI_BENCH_H

#include "cli/options.h"

/*
 * Measures and prints. `what`: names of bench_whats, NULL-terminated; none:
 * all. Of *o: runs (rounds; 0: 15), seed, json. The status to exit with: 0, 1
 * (an item failed; its row says so), or 125 (called wrongly: nothing ran).
 */
int bench(const struct options *o, char **what);

#endif
