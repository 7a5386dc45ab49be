/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

__asm__(".pushsection .text\nopener:\txor %eax, %eax\n\twrpkru\n\tret\n.popsection");
extern const char opener[];

int main(void)
{
	steal_after(opener, 0);
	return 0;
}
