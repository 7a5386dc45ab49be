/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: XRSTOR" */
#define ATTACK_OPENS
#include "attack.h"

__asm__(".pushsection .text\nopener:\txrstor (%rdi)\n\tret\n.popsection");
extern const char opener[];

int main(void)
{
	steal_after(opener, 0x200);
	return 0;
}
