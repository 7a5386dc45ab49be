/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#include "attack.h"

int main(void)
{
	steal(alias_of((void *)at("victim")));
	return 0;
}
