/*
 * Page frames: whose physical memory is. An area with memory uses the range
 * behind it; with fork(2), and where memory is shared, a range has several
 * users. Kept as pieces with one number of users each, window by window: what
 * it costs goes by pieces, not by pages.
 */
#ifndef UOS_KERNEL_FRAMES_H
#define UOS_KERNEL_FRAMES_H

#include "machine/machine.h"

/* A window is kept while it is held, for its memory or for its addresses, and while somebody uses memory in it. */
unsigned frames_window_new(void); /* held once; 0: none is left */
void frames_window_hold(unsigned window);
void frames_window_release(unsigned window);

/* One user more, or less, of a range in one window. */
void frames_use(phys_t at, size_t length);
void frames_leave(phys_t at, size_t length, bool wipe); /* wipe: what nobody uses any more is freed at once, else with its window */
bool frames_unused(phys_t at, size_t length);
int frames_users(phys_t at, phys_t *start, phys_t *end); /* of a page that has some, and how far it is the same */
phys_t frames_gap(unsigned window, size_t length);       /* a range in it that nobody uses; 0: none */
/* Do its `holds` holders and the users of so many bytes, each with one user, make up all? */
bool frames_only(unsigned window, int holds, uint64_t bytes);

#endif
