/* none: succeeds: secret; keys: succeeds: secret; full: succeeds: secret */
#include "attack.h"

/* Keys do not hold execution: the constants of another guest's code can be had by running it. Nothing else can: other_reader. */
int main(void)
{
	char secret[SECRET];

	run_secret_code(at("victim_code"), secret);
	say("stolen: %.*s\n", SECRET, secret);
	return 0;
}
