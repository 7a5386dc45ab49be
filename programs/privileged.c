/* privileged: executes an instruction that belongs to the operating system. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void hlt(void) { __asm__ volatile("hlt"); }
static void cli(void) { __asm__ volatile("cli"); }
static void in(void) { __asm__ volatile("inb $0x60, %%al" ::: "rax"); }
static void int21(void) { __asm__ volatile("int $0x21" ::: "rax", "memory"); }

static void lidt(void)
{
	static const unsigned char no_table[10];

	__asm__ volatile("lidt %0" : : "m"(no_table));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} instructions[] = {{"hlt", hlt}, {"cli", cli}, {"lidt", lidt}, {"in", in}, {"int", int21}};
	const char *wanted = argc > 1 ? argv[1] : "hlt";

	for (size_t i = 0; argc < 3 && i < sizeof instructions / sizeof *instructions; i++)
		if (!strcmp(wanted, instructions[i].name)) {
			instructions[i].run();
			dprintf(STDERR_FILENO, "privileged: %s was executed\n", wanted);
			return 1;
		}
	dprintf(STDERR_FILENO, "usage: privileged [hlt | cli | lidt | in | int]\n");
	return 2;
}
