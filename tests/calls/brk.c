/* calls: brk */
#include "say.h"

static long brk_to(long address)
{
	return syscall(SYS_brk, address);
}

int main(void)
{
	long start = brk_to(0);
	char *p = (char *)start;

	say("again: %d\n", brk_to(0) == start);
	say("a page: %d\n", brk_to(start + PAGE) == start + PAGE);
	memset(p, 'x', PAGE);
	say("three: %d\n", brk_to(start + 3 * PAGE) == start + 3 * PAGE);
	say("%d %d %d\n", p[0], p[PAGE - 1], p[3 * PAGE - 1]);
	p[2 * PAGE] = 'y';
	say("two: %d\n", brk_to(start + 2 * PAGE) == start + 2 * PAGE);
	say("three: %d\n", brk_to(start + 3 * PAGE) == start + 3 * PAGE);
	say("zero again: %d\n", p[2 * PAGE]);
	say("odd: %d\n", brk_to(start + 3 * PAGE + 5) == start + 3 * PAGE + 5);
	p[3 * PAGE + 4] = 'z';
	say("8: %d\n", brk_to(8) == start + 3 * PAGE + 5);
	say("far away: %d\n", brk_to(1l << 46) == start + 3 * PAGE + 5);
	say("-1: %d\n", brk_to(-1) == start + 3 * PAGE + 5);
	say("kernel's half: %d\n", brk_to((long)KERNEL_HALF) == start + 3 * PAGE + 5);
	say("back: %d\n", brk_to(start) == start);
	return 0;
}
