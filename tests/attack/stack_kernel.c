/* none: contained; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "stacks.h"

/* Inside the thread's own kernel stack; what lies just below is free at the moment, so at none no harm comes of the push. */
int main(void)
{
	uintptr_t sp = at("kernel_stack") - 8192;

	enter_with(sp);
	push_with(sp);
	return 0;
}
