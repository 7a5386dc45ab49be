/* none: contained; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#include "attack.h"

/* The host's own C library has a function that makes any call; on an error it then looks for its errno. */
int main(void)
{
	long (*host)(long, ...) = (long (*)(long, ...))at("libc_syscall");

	say("%ld\n", host(SYS_mkdir, told("outside"), 0700));
	return 0;
}
