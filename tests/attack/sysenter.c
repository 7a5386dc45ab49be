/* none: contained; keys: contained; full: contained */
#include "attack.h"

/* Intel's processors have it in 64-bit mode, AMD's call it illegal. ebp: where the host looks for the sixth argument. */
static char path[256];
static uint32_t stack[64];

int main(void)
{
	strncpy(path, told("outside"), sizeof path - 1);
	__asm__ volatile("mov %[stack], %%rbp\n\tsysenter" : : [stack] "r"(stack + 32), "a"(39), "b"(path), "c"(0700) : "memory");
	return 0;
}
