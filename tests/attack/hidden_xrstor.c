/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: XRSTOR" */
#define ATTACK_OPENS
#include "attack.h"

/* XRSTOR (%rdi) and ret are the constant of an innocent instruction. */
__asm__(".pushsection .text\ninnocent:\tmov $0xc32fae0f, %eax\n\tret\n.popsection");
extern const char innocent[];

int main(void)
{
	steal_after(innocent + 1, 0x200);
	return 0;
}
