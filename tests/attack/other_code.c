/* none: succeeds: secret; keys: succeeds: secret; full: succeeds: secret */
#include "attack.h"

/* Keys do not hold execution: the constants of another guest's code can be had by running it. Nothing else can: other_reader. */
int main(void)
{
	uint64_t halves[2];

	for (int half = 0; half < 2; half++)
		halves[half] = ((uint64_t (*)(void))(at("victim_code") + half * HALF_SECRET_CODE))();
	say("stolen: %.*s\n", SECRET, (char *)halves);
	return 0;
}
