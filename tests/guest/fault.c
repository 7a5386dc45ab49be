/* fault KIND [ADDRESS]: one wrong deed, in a function named after it. An ADDRESS of '-' is read from stdin. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEED __attribute__((noinline, noclone)) static void

static uintptr_t address;
static unsigned char byte;
static char data[64] = "\x90\xc3";

DEED deed_read(void) { byte = *(volatile unsigned char *)address; }
DEED deed_write(void) { *(volatile unsigned char *)address = byte; }
DEED deed_jump(void) { __asm__ volatile("jmp *%0" : : "r"(address)); }
DEED deed_data(void) { address = (uintptr_t)data; deed_jump(); }
DEED deed_ud2(void) { __asm__ volatile("ud2"); }
DEED deed_int3(void) { __asm__ volatile("int3"); }
DEED deed_trap(void) { __asm__ volatile("sub $128, %rsp; pushf; orl $0x100, (%rsp); popf; nop; nop"); }
DEED deed_divide(void) { __asm__ volatile("idiv %%ecx" : : "a"(7), "d"(0), "c"(0) : "cc"); }
DEED deed_unaligned(void) { __asm__ volatile("movaps 1(%%rsp), %%xmm0" : : : "xmm0"); }
DEED deed_noncanonical(void) { byte = *(volatile unsigned char *)0x8000000000001000u; }
DEED deed_rsp(void) { __asm__ volatile("mov $0x10, %%rsp; push %%rax" : : : "memory"); }

static int deed_overflow_depth(volatile char *above)
{
	volatile char here[400];

	here[0] = above[0];
	return here[0] ? 1 : deed_overflow_depth(here) + here[0];
}

DEED deed_overflow(void)
{
	volatile char top[1] = {0};

	address = (uintptr_t)deed_overflow_depth(top);
}

static const struct {
	const char *name;
	void (*run)(void);
} deeds[] = {
	{"read", deed_read}, {"write", deed_write}, {"jump", deed_jump}, {"data", deed_data}, {"ud2", deed_ud2},
	{"int3", deed_int3}, {"trap", deed_trap}, {"divide", deed_divide}, {"unaligned", deed_unaligned},
	{"noncanonical", deed_noncanonical}, {"rsp", deed_rsp}, {"overflow", deed_overflow},
};

/* "ADDRESS" or "ADDRESS BYTE", from the argument or as a line from stdin. */
static void take_address(const char *text)
{
	static char line[64];
	char *end;

	if (!strcmp(text, "-")) {
		for (size_t n = 0; n < sizeof line - 1 && read(0, line + n, 1) == 1 && line[n] != '\n';)
			n++;
		text = line;
	}
	address = strtoull(text, &end, 16);
	byte = (unsigned char)strtoul(end, NULL, 16);
}

int main(int argc, char **argv)
{
	dprintf(1, "fault: ready\n");
	if (argc > 2)
		take_address(argv[2]);
	for (size_t i = 0; argc > 1 && i < sizeof deeds / sizeof *deeds; i++)
		if (!strcmp(argv[1], deeds[i].name)) {
			deeds[i].run();
			dprintf(1, "fault: %s of %#lx went well, byte %02x\n", argv[1], (unsigned long)address, byte);
			return 0;
		}
	dprintf(2, "usage: fault KIND [ADDRESS | -]\n");
	return 2;
}
