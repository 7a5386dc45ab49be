/* none: fails "still here"; keys: fails "still here"; full: fails "still here" */
#include <setjmp.h>

#include "attack.h"

/*
 * Jumps to physical memory that nobody has. The host makes a page there before it finds that it is not executable: each jump would
 * take 4 KiB that nobody is charged for, and leave them behind (uos counts what is left at its end).
 */
#define JUMPS 3000
#define NOBODYS (1000ul << 35) /* a window's */

static sigjmp_buf back;

static void landed(int sig)
{
	siglongjmp(back, sig);
}

int main(void)
{
	volatile uintptr_t to = at("physical") + NOBODYS;

	signal(SIGSEGV, landed);
	signal(SIGILL, landed);
	for (volatile int i = 0; i < JUMPS; i++, to += PAGE)
		if (!sigsetjmp(back, 1))
			((void (*)(void))to)();
	say("still here\n");
	return 0;
}
