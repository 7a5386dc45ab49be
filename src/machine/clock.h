/* The machine's clock and timer, and what the host says of our time. Part of machine.h. */
#ifndef UOS_MACHINE_CLOCK_H
#define UOS_MACHINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t clock_of(uint64_t tsc); /* ns since boot of a time stamp */
uint64_t clock_now(void);   /* ns since boot, from the calibrated TSC; touches no vector register */
void timer_arm(uint64_t at); /* one interrupt when clock_now() reaches `at`; replaces an earlier one */
void timer_stop(void); /* an interrupt that waits is as if it had not come */
bool timer_armed_by(uint64_t at); /* an interrupt will come at `at` or before */

/* What the host did with this process, ns since boot. */
struct host_times { uint64_t elapsed, cpu; }; /* by its monotonic clock; CPU time as getrusage(2) has it */
struct host_times host_times(void);
uint64_t host_stolen(void);     /* could have run, but the host ran others (schedstat); touches no vector register */
uint64_t host_thread_cpu(void); /* CPU time that the host counts for this CPU */

#endif
