/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#include "attack.h"

int main(void)
{
	steal(at("kernel_secret"));
	return 0;
}
