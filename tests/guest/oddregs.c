/* oddregs: enters the kernel, by call and by tick, with registers as no compiler leaves them. Do they survive? */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { DF = 1 << 10, NT = 1 << 14, AC = 1 << 18, ID = 1 << 21 };
enum { STEPS = 60 * 1000 * 1000 }; /* several quanta of 10 ms */

static int failures;
static const struct timespec moment = {0, 1000};

static void tell(const char *what, uint64_t seen, uint64_t wanted)
{
	if (seen == wanted)
		dprintf(1, "%s: as it was\n", what);
	else
		dprintf(1, "%s: %#lx, should be %#lx\n", what, (unsigned long)seen, (unsigned long)wanted), failures++;
}

/* The bits of EXTRA that are left in the flags after a call (or STEPS iterations if call is negative). */
static uint64_t flags_across(uint64_t extra, long call)
{
	uint64_t steps = STEPS, after;

	__asm__ volatile("sub $128, %%rsp\n\t"
	                 "pushf\n\torq %[extra], (%%rsp)\n\tpopf\n\t"
	                 "mov %%rcx, %%r8\n\t"
	                 "bt $63, %%rax\n\tjc 1f\n\t"
	                 "syscall\n\tjmp 2f\n"
	                 "1:\tloop 1b\n"
	                 "2:\tpushf\n\tpopq %[after]\n\t"
	                 "pushq $0x202\n\tpopf\n\tadd $128, %%rsp"
	                 : [after] "=&d"(after), "+c"(steps), "+a"(call)
	                 : [extra] "b"(extra), "D"(&moment), "S"(0)
	                 : "r8", "r11", "memory", "cc");
	return after & extra;
}

/* Where rsp points after a call (or STEPS iterations) that began with it at PLACE. */
static uint64_t stack_across(uint64_t place, long call)
{
	uint64_t steps = STEPS, mine;

	__asm__ volatile("mov %%rsp, %[mine]\n\tmov %[place], %%rsp\n\t"
	                 "bt $63, %%rax\n\tjc 1f\n\t"
	                 "syscall\n\tjmp 2f\n"
	                 "1:\tloop 1b\n"
	                 "2:\txchg %[mine], %%rsp"
	                 : [mine] "=&r"(mine), "+c"(steps), "+a"(call)
	                 : [place] "r"(place), "D"(&moment), "S"(0)
	                 : "r11", "memory", "cc");
	return mine;
}

/* The same of fs, set by its instruction, behind the kernel's back. No C library until it is back. */
static uint64_t fs_across(uint64_t place, long call)
{
	uint64_t steps = STEPS, mine, after;

	__asm__ volatile("rdfsbase %[mine]\n\twrfsbase %[place]\n\t"
	                 "bt $63, %%rax\n\tjc 1f\n\t"
	                 "syscall\n\tjmp 2f\n"
	                 "1:\tloop 1b\n"
	                 "2:\trdfsbase %[after]\n\twrfsbase %[mine]"
	                 : [mine] "=&r"(mine), [after] "=&r"(after), "+c"(steps), "+a"(call)
	                 : [place] "r"(place), "D"(&moment), "S"(0)
	                 : "r11", "memory", "cc");
	return after;
}

/* The same of MXCSR, with every exception unmasked: any inexact sum in the kernel would now be a fault. */
static uint64_t mxcsr_across(uint32_t value, long call)
{
	uint32_t after = 0, usual = 0x1f80;
	uint64_t steps = STEPS;

	__asm__ volatile("ldmxcsr %[value]\n\t"
	                 "bt $63, %%rax\n\tjc 1f\n\t"
	                 "syscall\n\tjmp 2f\n"
	                 "1:\tloop 1b\n"
	                 "2:\tstmxcsr %[after]\n\tldmxcsr %[usual]"
	                 : [after] "+m"(after), "+c"(steps), "+a"(call)
	                 : [value] "m"(value), [usual] "m"(usual), "D"(&moment), "S"(0)
	                 : "r11", "memory", "cc");
	return after;
}

/* The same of the x87 control word, every exception unmasked, the stack full, one exception pending from before. */
static uint64_t x87_across(uint16_t control, long call)
{
	uint16_t after = 0;
	uint64_t steps = STEPS;

	__asm__ volatile("fninit\n\tfld1\n\tfldz\n\tfdivrp\n\t"
	                 ".rept 7\n\tfld1\n\t.endr\n\tfldcw %[control]\n\t"
	                 "bt $63, %%rax\n\tjc 1f\n\t"
	                 "syscall\n\tjmp 2f\n"
	                 "1:\tloop 1b\n"
	                 "2:\tfnstcw %[after]\n\tfninit"
	                 : [after] "+m"(after), "+c"(steps), "+a"(call)
	                 : [control] "m"(control), "D"(&moment), "S"(0)
	                 : "r11", "memory", "cc");
	return after;
}

int main(void)
{
	static const struct {
		const char *name;
		long number;
	} ways[] = {{"getpid", SYS_getpid}, {"sched_yield", SYS_sched_yield}, {"nanosleep", SYS_nanosleep}, {"a tick", -1}};
	static const struct {
		const char *name;
		uint64_t bit;
	} bits[] = {{"direction", DF}, {"alignment check", AC}, {"ID", ID}, {"nested task", NT}};
	static const uint64_t places[] = {0, 9, 0xffff800000000008u, 0x800000000001u, 0xffffffffffffffffu};
	char name[96];
	unsigned a, b = 0, c, d;

	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
		for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
			snprintf(name, sizeof name, "%s flag across %s", bits[i].name, ways[w].name);
			tell(name, flags_across(bits[i].bit, ways[w].number), bits[i].bit);
		}
		for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
			snprintf(name, sizeof name, "stack pointer %#lx across %s", (unsigned long)places[p], ways[w].name);
			tell(name, stack_across(places[p], ways[w].number), places[p]);
		}
		if (b & bit_FSGSBASE) {
			snprintf(name, sizeof name, "fs across %s", ways[w].name);
			tell(name, fs_across(0x123456789000u, ways[w].number), 0x123456789000u);
			tell(name, fs_across(0, ways[w].number), 0);
		}
		snprintf(name, sizeof name, "MXCSR across %s", ways[w].name);
		tell(name, mxcsr_across(0, ways[w].number), 0);
		snprintf(name, sizeof name, "x87 control word across %s", ways[w].name);
		tell(name, x87_across(0x360, ways[w].number), 0x360);
	}
	return failures > 0;
}
