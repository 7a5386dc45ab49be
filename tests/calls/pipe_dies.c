/* calls: write pipe; runs: "" */
#include "say.h"

int main(void)
{
	int p[2];

	TRY(pipe(p));
	TRY(close(p[0]));
	TRY(write(p[1], "x", 1));
	say("still here\n");
	return 0;
}
