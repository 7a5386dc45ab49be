/* none: succeeds: secret; keys: ends "read of pid 2's memory"; full: ends "read of pid 2's memory" */
#include "attack.h"

/* Another guest's code runs with the rights of who jumps there: a function of the victim's that reads its secret. */
int main(void)
{
	uint64_t half = ((uint64_t (*)(void))at("victim_reader"))();

	say("stolen: %.*s\n", SECRET / 2, (char *)&half);
	return 0;
}
