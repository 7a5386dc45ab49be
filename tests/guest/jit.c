/* jit: writes code, runs it, writes other code there, as compilers at run time do; says what it came to. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define PAGES 40
#define ROUNDS 200

static void emit(char *at, uint32_t number)
{
	char code[] = { (char)0xb8, 0, 0, 0, 0, (char)0xc3 }; /* mov $number, %eax; ret */

	memcpy(code + 1, &number, sizeof number);
	memcpy(at, code, sizeof code);
}

static uint32_t call(const char *at)
{
	return ((uint32_t (*)(void))(uintptr_t)at)();
}

static char *map(int prot)
{
	char *p = mmap(NULL, PAGES * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Code and what it says lie in one page. */
static uint64_t in_place(char *p)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		emit(p + i % PAGES * PAGE + i, i);
		sum += call(p + i % PAGES * PAGE + i);
		memcpy(p + PAGE / 2, &sum, sizeof sum);
		sum += call(p + i % PAGES * PAGE + i);
	}
	return sum;
}

/* Never both rights at once. */
static uint64_t in_turns(char *p)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		mprotect(p, PAGES * PAGE, PROT_READ | PROT_WRITE);
		emit(p + i * 8, i);
		mprotect(p, PAGES * PAGE, PROT_READ | PROT_EXEC);
		for (uint32_t k = 0; k <= i; k++)
			sum += call(p + k * 8);
	}
	return sum;
}

/* add $1, (%rdi); ret: runs in one page, writes to the next. */
static uint64_t writes_beside(char *p)
{
	static const char code[] = { 0x48, (char)0x83, 0x07, 1, (char)0xc3 };
	uint64_t *number = (uint64_t *)(p + PAGE);

	memcpy(p, code, sizeof code);
	memcpy(p + PAGE + 64, code, sizeof code);
	for (int i = 0; i < ROUNDS; i++) {
		((void (*)(uint64_t *))(uintptr_t)p)(number);
		((void (*)(uint64_t *))(uintptr_t)(p + PAGE + 64))((uint64_t *)(p + 2 * PAGE));
	}
	return *number + *(uint64_t *)(p + 2 * PAGE);
}

static volatile sig_atomic_t signals;

static void count(int sig)
{
	signals += sig == SIGUSR1;
}

/* A stack in memory that may be executed: handlers' frames are written there by the kernel. */
static int on_its_stack(char *p)
{
	stack_t stack = { .ss_sp = p, .ss_size = 16 * PAGE };
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		emit(p + 15 * PAGE, i);
		if (call(p + 15 * PAGE) != i)
			return -1;
		raise(SIGUSR1);
	}
	return signals;
}

int main(void)
{
	char *rwx = map(PROT_READ | PROT_WRITE | PROT_EXEC), *other = map(PROT_READ | PROT_WRITE);

	if (!rwx || !other)
		return 1;
	printf("in place %lu\n", in_place(rwx));
	printf("in turns %lu\n", in_turns(other));
	memset(rwx, 0, PAGES * PAGE);
	printf("beside %lu\n", writes_beside(rwx));
	printf("stack %d\n", on_its_stack(rwx));
	return 0;
}
