/* none: fails "0 changed, 0 by SIGFPE"; keys: fails "0 changed, 0 by SIGFPE"; full: fails "0 changed, 0 by SIGFPE" */
#include "chance.h"

#include <cpuid.h>
#include <sys/time.h>

/*
 * Every call with all of x87's and SSE's exceptions unmasked, some of them pending: a kernel that computed with that would be
 * interrupted by them. And what of the vector registers is another behind a call?
 */
#define USEC 20000 /* some calls wait */
#define STATE 2688
#define CHANGED 79

static const char *const left_out[] = { "exit", "exit_group", "fork", "vfork", "clone", "execve", "execveat", "rt_sigreturn", "kill", "tkill", "tgkill",
					"rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "setitimer", "alarm", "arch_prctl", "sync" };

static const struct { int nr; const char *name; } calls[] = {
#define CALL(nr, name, ...) { nr, #name },
#define REFUSE(nr, name, ...)
#define NONE(nr, name, ...)
#include "kernel/syscall.tbl"
};
#define CALLS_KNOWN (int)(sizeof calls / sizeof *calls)
#define NO_CALL -1 /* a register is changed instead: would it be seen? */

static unsigned char before[PAGE] __attribute__((aligned(64))), after[PAGE] __attribute__((aligned(64)));
static char room[2 * PAGE] __attribute__((aligned(PAGE)));
static uint32_t components;

/* In bytes, from where: what of XSAVE's image is registers, not control. */
struct range { uint32_t from, size; };

static int differs(struct range r)
{
	return memcmp(before + r.from, after + r.from, r.size) != 0;
}

static int any_differs(void)
{
	int wrong = differs((struct range){ 24, 4 });

	for (uint32_t i = 0; i < 8; i++)
		wrong |= differs((struct range){ 32 + 16 * i, 10 }); /* x87 */
	wrong |= differs((struct range){ 160, 256 });
	for (uint32_t i = 2, size, from, c, d; i < 8; i++)
		if (components >> i & 1 && __get_cpuid_count(0xd, i, &size, &from, &c, &d))
			wrong |= differs((struct range){ from, size });
	return wrong;
}

/* Registers by chance, exceptions unmasked; with `pending`, some of x87's have happened. */
static void fill(int pending)
{
	for (int i = 0; i < STATE; i++)
		before[i] = (unsigned char)chance(256);
	memset(before, 0, 32);
	memset(before + 416, 0, 576 - 416);
	before[2] = pending ? 0xff : 0; /* status */
	before[4] = 0xff; /* tags */
	memcpy(before + 512, &components, sizeof components);
}

static void make(int nr)
{
	const long words[] = { 0, 1, (long)room, (long)room + 100, 64, 3, AT_FDCWD, PAGE };
	long a[6], result = nr;

	for (int i = 0; i < 6; i++)
		a[i] = words[chance(8)];
	register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];

	__asm__ volatile("mov %%rax, %%r12\n\tmov %%rdx, %%r13\n\tmov %[components], %%eax\n\txor %%edx, %%edx\n\txrstor64 %[before]\n\t"
			 "mov %%r13, %%rdx\n\tmov %%r12, %%rax\n\ttest %%rax, %%rax\n\tjs 1f\n\tsyscall\n\tjmp 2f\n1:\tpxor %%xmm3, %%xmm3\n2:\t"
			 "mov %[components], %%eax\n\txor %%edx, %%edx\n\txsave64 %[after]\n\tfninit\n\tldmxcsr %[usual]"
			 : "+a"(result), "+d"(a[2]), [after] "+m"(after)
			 : "D"(a[0]), "S"(a[1]), "r"(r10), "r"(r8), "r"(r9), [before] "m"(before), [components] "m"(components),
			   [usual] "m"(*(const uint32_t[]){ 0x1f80 })
			 : "rcx", "r11", "r12", "r13", "memory", "cc");
}

static void attempt(int number)
{
	const struct itimerval limit = { .it_value.tv_usec = USEC };
	int which = number / 2;

	setpgid(0, 0);
	setitimer(ITIMER_REAL, &limit, NULL);
	fill(number % 2);
	make(which < CALLS_KNOWN ? calls[which].nr : NO_CALL);
	_exit(any_differs() ? CHANGED : 0);
}

static int changes(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == CHANGED;
}

int main(void)
{
	uint32_t a = 0, b, c, d;
	int changed = 0, stopped = 0;

	__get_cpuid_count(0xd, 0, &a, &b, &c, &d);
	components = a & 0xe7; /* x87, SSE, AVX, AVX-512 */
	for (int i = 0; i < 2 * CALLS_KNOWN; i++) {
		int status = is_named(calls[i / 2].name, left_out, sizeof left_out / sizeof *left_out) ? 0 : in_child(attempt, i);

		if (changes(status))
			say("%s\n", calls[i / 2].name);
		changed += changes(status);
		stopped += WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE;
	}
	if (!changes(in_child(attempt, 2 * CALLS_KNOWN)))
		return say("a change is not seen\n"), 1;
	say("%d changed, %d by SIGFPE\n", changed, stopped);
	return 0;
}
