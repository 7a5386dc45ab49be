/* execstack: linked for a stack that may be executed, and executes it. */
#include <stdio.h>

int main(void)
{
	volatile unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42, %eax; ret */

	dprintf(1, "execstack: %d\n", ((int (*)(void))(void *)code)());
	return 0;
}
