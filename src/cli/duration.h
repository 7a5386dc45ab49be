/* Lengths of time, as people type them: a number and a unit, us, ms, s or m. */
#ifndef UOS_CLI_DURATION_H
#define UOS_CLI_DURATION_H

#include <stddef.h>
#include <stdint.h>

#define DURATIONS "10ms, 200us, 1.5s" /* examples, for messages */

/* 0 and ns, at most INT64_MAX; or -1 and a line in err (complaint.h). */
int duration_parse(const char *text, uint64_t *ns, char *err, size_t errlen);

/* The same the other way round: "10ms"; ns at most INT64_MAX. Into `out`, of 24 bytes. */
const char *duration_text(uint64_t ns, char *out);

#endif
