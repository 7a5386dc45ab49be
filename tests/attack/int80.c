/* none: ends "32-bit system call"; keys: ends "32-bit system call"; full: ends "32-bit system call" */
#include "attack.h"

/* A program at a fixed address has room for a path where a 32-bit call can reach it. */
static char path[256];

int main(void)
{
	long result;

	strncpy(path, told("outside"), sizeof path - 1);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(39 /* mkdir */), "b"(path), "c"(0700) : "memory");
	say("int $0x80: %ld\n", result);
	return 0;
}
