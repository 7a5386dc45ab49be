/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* WRPKRU and ret are the constant of an innocent instruction. */
__asm__(".pushsection .text\ninnocent:\tmov $0xc3ef010f, %eax\n\tret\n.popsection");
extern const char innocent[];

int main(void)
{
	steal_after(innocent + 1, 0);
	return 0;
}
