/* The verb doctor: what this machine gives, and what uos makes of it. */
#ifndef UOS_CLI_DOCTOR_H
#define UOS_CLI_DOCTOR_H

#include "cli/options.h"

/* Measures for at most three seconds, prints a table or JSON on stdout. Returns the exit status: 0 if uos can run here. */
int doctor(const struct options *o);

#endif
