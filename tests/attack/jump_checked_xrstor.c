/* none: succeeds: secret; keys: succeeds: secret; full: fails "by the check" */
#include "chance.h"

/*
 * XRSTOR in the program's own code, which is done in a slot at full, where a check follows it: jumps to every byte of that, and to the
 * XRSTOR above all, with PKRU in the mask and the state, on stacks with which all of the rest would come back.
 */
#define PKRU 0x200u
#define BEHIND 18 /* words from the saved rax to the return address */
#define FLAGS 0x202

/* With what tells that it is a function, and long enough for a jump. */
__asm__(".pushsection .text\n.type restore, @function\nrestore:\t.cfi_startproc\n\txrstor64 64(%rdi)\n\tret\n\t.cfi_endproc\n"
	".size restore, . - restore\n.popsection");
extern const unsigned char restore[];
static uint64_t stack[4096];
static const unsigned char *from;

static void steal_jumped(const unsigned char *to, uint32_t eax, uint64_t *top, uint64_t *back)
{
	register uint64_t secret __asm__("r14") = at("kernel_secret"), gate __asm__("r15") = getauxval(AT_SYSINFO);
	uint64_t words[2] = { 0 }, rax = eax, rcx = (uint64_t)to, none = 0;

	__asm__ volatile("mov %%rsp, %%r13\n\tlea 1f(%%rip), %%r12\n\tmov %%r12, (%[back])\n\tmov %[top], %%rsp\n\tjmp *%%rcx\n"
			 "1:\tmov %%r13, %%rsp\n\tmov (%[secret]), %%rdi\n\tmov 8(%[secret]), %%rsi\n\t"
			 "mov %[getpid], %%eax\n\tlea 2f(%%rip), %%rcx\n\tjmp *%[gate]\n2:"
			 : "=D"(words[0]), "=S"(words[1]), "+a"(rax), "+c"(rcx), "+d"(none)
			 : [top] "r"(top), [back] "b"(back), [secret] "r"(secret), [gate] "r"(gate), [getpid] "i"(SYS_getpid),
			   "D"((uintptr_t)state_open - 64)
			 : "memory", "r8", "r9", "r10", "r11", "r12", "r13", "cc");
	say("stolen: %.*s\n", SECRET, (char *)words);
	_exit(STOLEN);
}

/* As if it had been called; or as it is in the middle of the slot. */
static void attempt(int number)
{
	uint64_t *top = stack + 2048;

	faults_come_back();
	top[0] = PKRU;
	top[1] = FLAGS;
	if (FAULT_OF(steal_jumped(from + number / 2, PKRU, top, number % 2 ? top : top + BEHIND)))
		_exit(1);
}

int main(void)
{
	int32_t distance;
	int length = 5, ended = 0;

	from = restore;
	if (restore[0] == 0xe9) {
		memcpy(&distance, restore + 1, sizeof distance);
		from = restore + 5 + distance;
		length = 56;
	}
	for (int i = 0; i < 2 * length; i++) {
		int status = in_child(attempt, i);

		if (has_stolen(status))
			return 0;
		ended += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	say("nothing stolen, %d of %d ended%s\n", ended, 2 * length, ended ? " by the check" : "");
	return 0;
}
