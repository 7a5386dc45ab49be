/* What is said about a word that is wrong: one line, never a terminal's escape, with the nearest right one. */
#ifndef UOS_CLI_COMPLAINT_H
#define UOS_CLI_COMPLAINT_H

#include <stddef.h>

/*
 * Writes one NUL-terminated line into err, of errlen bytes (0: nothing is
 * written), control characters shown as '?', cut where it does not fit.
 * Words of the user should enter it by %.60s at most. Returns -1.
 */
int complain(char *err, size_t errlen, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Which of `names` (ends with NULL) the `length` bytes at `typed` were meant to be; NULL if they resemble none. */
const char *nearest(const char *typed, size_t length, const char *const *names);

/*
 * Complains: "unknown WHAT 'TYPED': did you mean NEAREST? (LIST)", or, if there
 * is none near, "unknown WHAT 'TYPED': LIST". Returns -1.
 */
int complain_unknown(char *err, size_t errlen, const char *what, const char *typed, size_t length,
                     const char *const *names, const char *list);

#endif
