/*
 * vectors [ignore | NUMBER]: calls sched_yield (or that number) by the gate for ever with all SSE registers full; are they the
 * same afterwards? Ends when standard input does. With `ignore` it ignores SIGINT.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <uos/gate.h>

#define EACH(I) I(0) I(1) I(2) I(3) I(4) I(5) I(6) I(7) I(8) I(9) I(10) I(11) I(12) I(13) I(14) I(15)
#define LOAD(n) "movdqu (%[from]), %%xmm" #n "\n\t"
#define STORE(n) "movdqu %%xmm" #n ", 16*" #n "(%[to])\n\t"
#define NAME(n) "xmm" #n,

/* One call; false if it changed a register. */
static int kept(const unsigned char *pattern, long i, long number)
{
	unsigned char after[16][16];

	__asm__ volatile(EACH(LOAD)
			 "lea 1f(%%rip), %%rcx\n\t"
			 "jmp *%[gate]\n"
			 "1:\n\t" EACH(STORE)
			 : "+a"(number)
			 : [from] "r"(pattern), [to] "r"(after), [gate] "r"(uos_gate_address)
			 : EACH(NAME) "rcx", "r11", "memory");
	for (int n = 0; n < 16; n++)
		if (memcmp(after[n], pattern, 16)) {
			dprintf(1, "vectors: xmm%d lost in call %ld\n", n, i);
			return 0;
		}
	return 1;
}

int main(int argc, char **argv)
{
	struct pollfd end = {.fd = 0, .events = POLLIN};
	unsigned char pattern[16];

	memset(pattern, 0xa5, sizeof pattern);
	if (argc > 1 && !strcmp(argv[1], "ignore"))
		signal(SIGINT, SIG_IGN);
	uos_gate_init();
	dprintf(1, uos_gate_address ? "vectors: ready\n" : "vectors: no gate\n");
	if (!uos_gate_address)
		return 2;
	for (long i = 0; i % 100000 || !poll(&end, 1, 0); i++)
		if (!kept(pattern, i, argc > 1 && atol(argv[1]) ? atol(argv[1]) : SYS_sched_yield))
			return 1;
	dprintf(1, "vectors: kept\n");
	return 0;
}
