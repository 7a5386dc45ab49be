/*
 * nolibc ARGS: no C library. Tells what nolibc.S found in the registers at entry, then what is on the stack: argc,
 * argv, envp, and the entries of the auxiliary vector whose values do not depend on the machine. Exits 7.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

extern const uint64_t entry_registers[16], entry_flags, entry_masks[8];
extern const uint8_t entry_fx[512], entry_upper[256], entry_wide[2048];
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const char _start[] __attribute__((visibility("hidden")));

static char line[1 << 16];
static size_t length;

/* A line goes out whole: others print too. */
static void say(const char *text)
{
	for (; *text; text++) {
		long n = 1;

		line[length++] = *text;
		if (*text != '\n' && length < sizeof line)
			continue;
		__asm__ volatile("syscall" : "+a"(n) : "D"(1), "S"(line), "d"(length) : "rcx", "r11", "memory");
		length = 0;
	}
}

static void say_number(const char *before, uint64_t n, const char *after)
{
	char digits[19] = "0x";
	int at = 2;

	for (int shift = 60; shift >= 0; shift -= 4)
		if (n >> shift || !shift)
			digits[at++] = "0123456789abcdef"[n >> shift & 15];
	digits[at] = '\0';
	say(before);
	say(digits);
	say(after);
}

static int clear(const uint8_t *bytes, size_t count)
{
	uint8_t any = 0;

	for (size_t i = 0; i < count; i++)
		any |= bytes[i];
	return !any;
}

static void say_registers(void)
{
	static const char names[16][4] = {"rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "rsp",
	                                  "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
	unsigned char fs[8];
	long n = 158; /* arch_prctl */

	for (int i = 0; i < 16; i++)
		if (i == 7)
			say_number("rsp, last digit: ", entry_registers[7] & 15, "\n");
		else
			say(names[i]), say_number(": ", entry_registers[i], "\n");
	say_number("flags: ", entry_flags, "\n");
	say_number("x87 control word: ", (uint64_t)entry_fx[0] | (uint64_t)entry_fx[1] << 8, "\n");
	say_number("x87 tags: ", entry_fx[4], "\n");
	say_number("mxcsr: ", (uint64_t)entry_fx[24] | (uint64_t)entry_fx[25] << 8, "\n");
	say(clear(entry_fx + 32, 128) ? "x87 registers: clear\n" : "x87 registers: left from somebody\n");
	say(clear(entry_fx + 160, 256) ? "xmm: clear\n" : "xmm: left from somebody\n");
	say(clear(entry_upper, 256) ? "ymm: clear\n" : "ymm: left from somebody\n");
	say(clear(entry_wide, 2048) ? "zmm: clear\n" : "zmm: left from somebody\n");
	say(clear((const uint8_t *)entry_masks, 64) ? "masks: clear\n" : "masks: left from somebody\n");
	__asm__ volatile("syscall" : "+a"(n) : "D"(0x1003), "S"(fs) : "rcx", "r11", "memory");
	say(n ? "fs: not told\n" : clear(fs, 8) ? "fs: clear\n" : "fs: left from somebody\n");
}

static void say_auxv(const Elf64_auxv_t *aux)
{
	for (; aux->a_type != AT_NULL; aux++) {
		uint64_t value = aux->a_un.a_val;

		switch (aux->a_type) {
		case AT_PAGESZ: say_number("AT_PAGESZ: ", value, "\n"); break;
		case AT_PHENT: say_number("AT_PHENT: ", value, "\n"); break;
		case AT_PHNUM: say(value == __ehdr_start.e_phnum ? "AT_PHNUM: mine\n" : "AT_PHNUM: wrong\n"); break;
		case AT_PHDR:
			say(value == (uint64_t)&__ehdr_start + __ehdr_start.e_phoff ? "AT_PHDR: mine\n" : "AT_PHDR: wrong\n");
			break;
		case AT_ENTRY: say(value == (uint64_t)_start ? "AT_ENTRY: mine\n" : "AT_ENTRY: wrong\n"); break;
		case AT_SECURE: say_number("AT_SECURE: ", value, "\n"); break;
		case AT_RANDOM:
			say_number("random: ", *(const uint64_t *)value, "\n");
			say_number("random: ", *(const uint64_t *)(value + 8), "\n");
			break;
		}
	}
}

int nolibc_main(uint64_t *stack);
int nolibc_main(uint64_t *stack)
{
	char **argv = (char **)(stack + 1), **envp = argv + stack[0] + 1;

	say_registers();
	say_number("argc: ", stack[0], "\n");
	for (uint64_t i = 0; i < stack[0]; i++)
		say("argv: '"), say(argv[i]), say("'\n");
	say(argv[stack[0]] ? "argv has no end\n" : "argv ends\n");
	for (; *envp; envp++)
		say("envp: '"), say(*envp), say("'\n");
	say_auxv((const Elf64_auxv_t *)(envp + 1));
	return 7;
}
