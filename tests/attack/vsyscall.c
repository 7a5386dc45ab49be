/* none: succeeds: kernel; keys: contained; full: contained; needs: vsyscall */
#include "attack.h"

/* Calls that no dispatch sees: the host writes the time of day where it is told to. */
int main(void)
{
	long (*gettimeofday_of_host)(void *, void *) = (long (*)(void *, void *))0xffffffffff600000;

	say("vsyscall: %ld\n", gettimeofday_of_host((void *)at("kernel_secret"), NULL));
	return 0;
}
