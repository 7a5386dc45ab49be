/* What only the tests' own uos-hooks has: system calls that break the kernel on purpose. */
#include "kernel/syscall.h"
#include "machine/machine.h"

static long deeper(volatile long *above)
{
	volatile long here[64];

	here[0] = *above + 1;
	return deeper(here) + here[0];
}

long test_hook(uint64_t nr)
{
	volatile long start = 0;

	if (nr == 1000)
		return deeper(&start);
	machine_panic("asked for by system call %lu", nr);
}
