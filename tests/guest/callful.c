/* Pages that are full of system calls, of which each page's last is made. */
#include <stdio.h>
#include <unistd.h>

#define PAGES 300
#define LAST 4083 /* of a page's bytes: where what is called begins */

__asm__(".pushsection .text.callful, \"ax\", @progbits\n.balign 4096\n.type calls, @function\ncalls:\t.cfi_startproc\n"
	".rept 300\n\t.rept 2040\n\tsyscall\n\t.endr\n\tmov %rbx, %rcx\n\tmov $39, %eax\n\tsyscall\n\tret\n.balign 4096, 0x90\n.endr\n"
	"\t.cfi_endproc\n.size calls, . - calls\n.popsection");
extern char calls[];

int main(void)
{
	int right = 0;

	for (int i = 0; i < PAGES; i++)
		right += ((long (*)(void))(calls + i * 4096 + LAST))() == getpid();
	printf("%d right\n", right);
	return 0;
}
