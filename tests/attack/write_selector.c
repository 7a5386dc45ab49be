/* none: succeeds: directory; keys: ends "write of kernel memory"; full: ends "write of kernel memory" */
#include "attack.h"

/* With the selector at "allow" a call goes to the host. Here by the kernel's own view of the page. */
int main(void)
{
	const char *outside = told("outside");
	uintptr_t selector = at("user_page_alias");

	*(volatile char *)selector = 0;
	raw(SYS_mkdir, (long)outside, 0700, 0, 0, 0, 0);
	return breach();
}
