/* victim: tells the address of a byte of its own ('v') and yields until somebody has changed it. */
#include <sched.h>
#include <stdio.h>

static volatile char cell[64] __attribute__((aligned(64))) = "v";

int main(void)
{
	dprintf(1, "victim: %p\n", (void *)cell);
	while (cell[0] == 'v')
		sched_yield();
	dprintf(1, "victim: found '%c'\n", cell[0]);
	return 0;
}
