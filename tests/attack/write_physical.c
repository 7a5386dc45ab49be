/* none: succeeds: victim; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "attack.h"

int main(void)
{
	harm(alias_of((void *)at("victim")));
	return 0;
}
