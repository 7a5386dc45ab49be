/* none: succeeds: victim; keys: ends "write of pid 2's memory"; full: ends "write of pid 2's memory" */
#include "attack.h"

int main(void)
{
	harm(at("victim"));
	return 0;
}
