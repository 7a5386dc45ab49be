/*
 * What the attacks share. Each NAME.c here is one attack, a guest of its own. Its first line says what comes of it at each level:
 *
 *	none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory"
 *
 *	succeeds: WHAT	it is seen from outside (tests/e2e/test_attack.py): the victim's secret, or the kernel's, is printed (secret);
 *			a directory appears outside (directory); memory of the kernel's (kernel) or of the victim (victim) has changed;
 *			uos panics, or ends otherwise (panic); one of several: A or B
 *	ends "TEXT"	nothing of that, and the attacker is killed, with this in uos's line
 *	fails "TEXT"	nothing of that; the attacker prints this, and exits with 0
 *	contained	nothing of that, whatever becomes of the attacker
 *
 * `victim` starts it, and tells it in its environment where things lie: kernel symbols, the kernel's secret, the alias of physical
 * memory, the victim's page, code that has its secret. An attacker on a real machine would have to find that out; here nobody relies on hiding it.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096ul
#define SECRET 16 /* characters */
#define HALF_SECRET_CODE 16 /* bytes from one function that returns half of it to the next, at victim_code */
#define GUESTS_BASE 0x100000000000ul /* a guest's address there is physical address 0 */

#define UNUSED __attribute__((unused)) static
#define say(...) dprintf(1, __VA_ARGS__)

UNUSED const char *told(const char *name)
{
	const char *text = getenv(name);

	if (!text)
		dprintf(2, "nobody has said what '%s' is\n", name), _exit(2);
	return text;
}

UNUSED uintptr_t at(const char *name)
{
	return strtoul(told(name), NULL, 16);
}

/* The kernel's alias of what a guest has there. */
UNUSED uintptr_t alias_of(const void *mine)
{
	return at("physical") + ((uintptr_t)mine - GUESTS_BASE);
}

UNUSED long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return nr;
}

/* Prints what is there: the test knows the secrets. */
UNUSED void steal(uintptr_t from)
{
	char text[SECRET + 1] = "";

	for (int i = 0; i < SECRET; i++)
		text[i] = ((volatile char *)from)[i];
	say("stolen: %s\n", text);
}

/* Of two functions; whoever runs them. */
UNUSED void run_secret_code(uintptr_t functions, char secret[SECRET])
{
	for (int half = 0; half < 2; half++) {
		uint64_t got = ((uint64_t (*)(void))(functions + half * HALF_SECRET_CODE))();

		memcpy(secret + half * sizeof got, &got, sizeof got);
	}
}

UNUSED void harm(uintptr_t there)
{
	for (int i = 0; i < 4; i++)
		((volatile char *)there)[i] = '!';
}

/* A directory outside, which only a call can make that reaches the host. */
UNUSED int breach(void)
{
	long result = raw(SYS_mkdir, (long)told("outside"), 0700, 0, 0, 0, 0);

	say("mkdir outside: %s\n", result ? strerrorname_np((int)-result) : "done");
	return 0;
}

/* ---- Code that opens every key ----------------------------------------- */

/* In memory that the compiler knows nothing of: as constants they would stand in the text, and that is another attack. */
extern unsigned char open_all[], state_open[];
#define OPEN_ALL_SIZE 10
#define OPENS_FROM 7 /* in there, xor eax, ecx, edx before it: WRPKRU, ret */

#ifdef ATTACK_OPENS
unsigned char open_all[OPEN_ALL_SIZE] = { 0x31, 0xc9, 0x31, 0xd2, 0x31, 0xc0, 0x0f, 0x01, 0xef, 0xc3 };
/* For XRSTOR: PKRU is there (bit 9), and 0. */
unsigned char state_open[PAGE] __attribute__((aligned(PAGE))) = { [513] = 2 };
#endif

/*
 * Calls `code`, which executes WRPKRU, or XRSTOR of (%rdi) if eax asks for it, and takes the kernel's secret. Then enters by the gate:
 * from there on the guest's PKRU is as it should be, and printing looks like any guest's.
 */
UNUSED void steal_called(const void *code, uint32_t eax, const void *rdi)
{
	register uint64_t from __asm__("r12") = at("kernel_secret"), gate __asm__("r13") = getauxval(AT_SYSINFO);
	uint64_t words[2] = { 0 }, none = 0, none_either = 0;

	__asm__ volatile("call *%[code]\n\tmov (%[from]), %%rdi\n\tmov 8(%[from]), %%rsi\n\t"
			 "mov %[getpid], %%eax\n\tlea 1f(%%rip), %%rcx\n\tjmp *%[gate]\n1:"
			 : "=D"(words[0]), "=S"(words[1]), "+a"(eax), "+c"(none), "+d"(none_either)
			 : [code] "b"(code), [from] "r"(from), [gate] "r"(gate), [getpid] "i"(SYS_getpid), "D"(rdi), "S"(0)
			 : "memory", "r8", "r9", "r10", "r11", "cc");
	say("stolen: %.16s\n", (char *)words);
}

UNUSED void steal_after(const void *code, uint32_t eax)
{
	steal_called(code, eax, state_open);
}

UNUSED void *map(size_t pages, int prot, int flags, int fd)
{
	void *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		say("mmap: %s\n", strerrorname_np(errno)), exit(0);
	return p;
}

UNUSED void protect(void *p, size_t pages, int prot)
{
	if (mprotect(p, pages * PAGE, prot))
		say("mprotect: %s\n", strerrorname_np(errno)), exit(0);
}

/* The secret's halves as constants of two functions, on a page that is code from then on. */
UNUSED void put_secret_code(char *page, const char *secret)
{
	for (int half = 0; half < 2; half++) {
		char *function = page + half * HALF_SECRET_CODE;

		memcpy(function, "\x48\xb8", 2); /* movabs $half, %rax; ret */
		memcpy(function + 2, secret + half * SECRET / 2, SECRET / 2);
		function[2 + SECRET / 2] = (char)0xc3;
	}
	protect(page, 1, PROT_READ | PROT_EXEC);
	((uint64_t (*)(void))page)();
}

/* A file with that code at its beginning, or only `ret`. */
UNUSED int file_with(const void *code, size_t size)
{
	int fd = open("code", O_RDWR | O_CREAT | O_TRUNC, 0700);

	if (fd < 0 || write(fd, code, size) != (ssize_t)size || ftruncate(fd, (off_t)PAGE))
		say("no file: %s\n", strerrorname_np(errno)), exit(2);
	return fd;
}

#endif
