/* none: succeeds: kernel; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "attack.h"

int main(void)
{
	harm(at("kernel_secret"));
	return 0;
}
