/* calls: getrandom */
#include <sys/random.h>

#include "say.h"

static char bytes[100000];

/* Is there something in each kilobyte? */
static int filled(long size)
{
	for (long at = 0; at + 1024 <= size; at += 1024) {
		int any = 0;

		for (long i = at; i < at + 1024; i++)
			any |= bytes[i];
		if (!any)
			return 0;
	}
	return 1;
}

int main(void)
{
	char *edge = edge_pages();

	CALL(getrandom, bytes, sizeof bytes, 0);
	say("filled: %d\n", filled(sizeof bytes));
	CALL(getrandom, bytes, 16, GRND_NONBLOCK);
	CALL(getrandom, bytes, 16, GRND_RANDOM);
	CALL(getrandom, bytes, 16, GRND_RANDOM | GRND_NONBLOCK);
	CALL(getrandom, bytes, 16, GRND_INSECURE);
	CALL(getrandom, bytes, 16, GRND_RANDOM | GRND_INSECURE);
	CALL(getrandom, bytes, 16, 8);
	CALL(getrandom, bytes, 16, -1);
	CALL(getrandom, BAD, 16, 8);
	CALL(getrandom, bytes, 0, 0);
	CALL(getrandom, BAD, 0, 0);
	CALL(getrandom, BAD, 16, 0);
	CALL(getrandom, 0, 16, 0);
	CALL(getrandom, KERNEL_HALF, 16, 0);
	CALL(getrandom, edge + GUARD, 16, 0);
	CALL(getrandom, edge + READABLE, 16, 0);
	CALL(getrandom, bytes, -1l, 8);
	return 0;
}
