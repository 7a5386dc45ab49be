/* none: ends "32-bit system call"; keys: ends "32-bit system call"; full: ends "32-bit system call" */
#include "attack.h"

/* A far return to a 32-bit code segment, and a call from there. */
static char path[256];

int main(void)
{
	strncpy(path, told("outside"), sizeof path - 1);
	__asm__ volatile("push $0x23\n\tpush $1f\n\tlretq\n\t.code32\n1:\tint $0x80\n\tud2\n\t.code64"
			 : : "a"(39 /* mkdir */), "b"(path), "c"(0700) : "memory");
	return 0;
}
