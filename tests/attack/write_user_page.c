/* none: ends "write of kernel memory"; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "attack.h"

/* The page that guests may read, with the selector and the PKRU that the way out checks. */
int main(void)
{
	uintptr_t page = at("user_page");

	say("selector %d\n", *(volatile char *)page);
	*(volatile char *)page = 0;
	return breach();
}
