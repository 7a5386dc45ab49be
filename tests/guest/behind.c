/*
 * behind [trap]: a hundred times a system call with something behind it that may not go along when it is rewritten: instructions
 * of which the first is short and has, with the next one's, the bytes of a WRPKRU; or a trap of the program's own, handled.
 */
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

__asm__(".text\n.type call_trap, @function\n"
	"call_trap:\t.cfi_startproc\n\tmov %edi, %eax\n\tsyscall\nbehind_call:\tud2\n\tmov %eax, %eax\n\tret\n"
	"\t.cfi_endproc\n.size call_trap, . - call_trap\n"
	".type call_and, @function\n"
	"call_and:\t.cfi_startproc\n\tmov %edi, %eax\n\tmov $0x33, %edx\n\tmov %esi, %r10d\n\tsyscall\n\tand $15, %edx\n\tadd %ebp, %edi\n"
	"\tmov %edx, %eax\n\tret\n\t.cfi_endproc\n.size call_and, . - call_and\n");
long call_trap(long number), call_and(long number, long);
extern char behind_call[];

static volatile int traps, elsewhere;

static void step_over(int sig, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

	traps++;
	elsewhere += r[REG_RIP] != (greg_t)behind_call || (char *)info->si_addr != behind_call;
	r[REG_RIP] += 2;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_sigaction = step_over, .sa_flags = SA_SIGINFO };
	int right = 0;

	sigaction(SIGILL, &action, NULL);
	for (int i = 0; i < 100; i++)
		right += argc > 1 ? call_trap(39) == getpid() : call_and(39, 0) == 3;
	printf("%d right, %d traps, %d elsewhere\n", right, traps, elsewhere);
	return 0;
}
