/* none: contained; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "stacks.h"

/* Inside the stack on which the host puts its signals. */
int main(void)
{
	uintptr_t sp = at("landing_pad");

	enter_with(sp);
	push_with(sp);
	return 0;
}
