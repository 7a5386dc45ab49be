/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* A segment of the program's file that may be read, written and executed. */
__asm__(".pushsection .both, \"awx\", @progbits\nopener:\txor %eax, %eax\n\t.byte 0x0f, 0x01, 0xef\n\tret\n.popsection");
extern const char opener[];

int main(void)
{
	steal_after(opener, 0);
	return 0;
}
