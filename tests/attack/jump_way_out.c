/* none: succeeds: panic; keys: succeeds: panic; full: fails "jumps ended" */
#include "jump.h"

/* At keys: stepped over its XRSTOR, with a stack that looks like the kernel's. */
int main(void)
{
	return jump_everywhere(at("way_out"), at("way_out_end"));
}
