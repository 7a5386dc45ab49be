/* none: succeeds: victim; keys: fails "all ended, some killed"; full: fails "all ended, some killed" */
#include "chance.h"

#include <sys/time.h>

/*
 * Jumps to anywhere in another guest's program, into instructions, too, which then runs with the registers of who jumped: calls by
 * chance, and addresses of its owner's. At none that needs no jump: what can be harmed is harmed.
 */
#define JUMPS 500
#define USEC 20000 /* for one: it may wait or go round in a circle */

static uintptr_t stack[8192], text, text_end;

__asm__(".pushsection .text\nleave:\tmov $60, %eax\n\txor %edi, %edi\n\tsyscall\n.popsection");
extern const char leave[];

static _Noreturn void jump(uintptr_t to, uint64_t rax, uint64_t others)
{
	register uint64_t number __asm__("r10") = rax, word __asm__("r11") = others;

	__asm__ volatile("mov %[stack], %%rsp\n\tmov %[word], %%rcx\n\tmov %[word], %%rdx\n\tmov %[word], %%rsi\n\tmov %[word], %%rdi\n\t"
			 "mov %[word], %%r8\n\tmov %[word], %%r9\n\tmov %[word], %%r12\n\tmov %[word], %%r13\n\tmov %[word], %%rbp\n\t"
			 "mov %[number], %%rax\n\tmov %[word], %%r10\n\tjmp *%[to]"
			 : : [stack] "r"(stack + 4096), [word] "r"(word), [number] "r"(number), [to] "b"(to) : "memory");
	__builtin_unreachable();
}

static void attempt(int number)
{
	const struct itimerval limit = { .it_value.tv_usec = USEC };
	const uint64_t words[] = { chance(64), 0, (uintptr_t)stack, at("victim"), at("kernel_secret") };
	uintptr_t to = text + chance((uint32_t)(text_end - text));

	setpgid(0, 0); /* kill(0) is for itself */
	setitimer(ITIMER_REAL, &limit, NULL);
	for (size_t i = 0; i < sizeof stack / sizeof *stack; i++)
		stack[i] = (uintptr_t)leave;
	jump(number % 2 ? to & -16ul : to, chance(460), words[chance(5)]);
}

int main(void)
{
	int killed = 0;

	if (!strcmp(told("level"), "none"))
		return harm(at("victim")), 0;
	text = at("victim_text"), text_end = at("victim_text_end");
	for (int i = 0; i < JUMPS; i++)
		killed += !!WIFSIGNALED(in_child(attempt, i));
	say("%d of %d killed\n", killed, JUMPS);
	say("all ended, %s killed\n", killed == JUMPS ? "all" : killed ? "some" : "none");
	return 0;
}
