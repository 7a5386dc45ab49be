/* none: succeeds: secret; keys: ends "read of pid 2's memory"; full: ends "read of pid 2's memory" */
#include "attack.h"

int main(void)
{
	steal(at("victim"));
	return 0;
}
