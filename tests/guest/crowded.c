/* A function with the bytes of a WRPKRU 50,000 times, in instructions that nobody would object to; and a main that does not call it. */
#include <stdio.h>

__asm__(".pushsection .text.crowded, \"ax\", @progbits\n.balign 4096\n.type crowd, @function\n"
	"crowd:\t.cfi_startproc\n\t.rept 50000\n\tand $15, %edx\n\tadd %ebp, %edi\n\t.endr\n\tret\n"
	"\t.cfi_endproc\n.size crowd, . - crowd\n.balign 4096\n.popsection\n");

int main(void)
{
	puts("nobody waits");
	return 0;
}
