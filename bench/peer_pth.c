/* peer_pth: GNU Pth, two threads that yield to each other (pth_yield; its scheduler is a third context). */
#include <pth.h>

#include "measure.h"

static void *other(void *nothing)
{
	for (;;)
		pth_yield(NULL);
	return nothing;
}

static long yields(long n)
{
	for (long i = 0; i < n; i += 2)
		pth_yield(NULL); /* the other runs and yields back: two switches */
	return n + n % 2;
}

int main(void)
{
	if (!pth_init() || !pth_spawn(PTH_ATTR_DEFAULT, other, NULL))
		measure_fail("pth_spawn");
	measure(yields);
	return 0;
}
