/*
 * Makes system calls at random, seeded, with arguments that are sometimes right: "randomcalls SEED WORKERS [FIRST [CALLS]]": to find
 * a culprit, the workers from FIRST on, so many calls each. Each worker is a
 * process that makes some thousand and is killed if it has not ended by then: calls may wait for ever. What it changes must
 * concern nobody but itself and its current directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_EACH 3000
#define PATIENCE_MS 400
#define PAGE 4096

static const struct { int nr; const char *name; } calls[] = {
#define CALL(nr, name, ...) { nr, #name },
#define REFUSE(nr, name, ...) { nr, #name },
#define NONE(nr, name, ...) { nr, #name },
#include "kernel/syscall.tbl"
};

/*
 * What would end the worker at once, reach others by intent, or put a stack anywhere (clone, rt_sigreturn): at level none
 * that may be the kernel's memory.
 */
static const char *const left_out[] = { "clone", "exit", "exit_group", "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
					"pidfd_send_signal", "execve", "execveat", "pause", "rt_sigsuspend", "rt_sigreturn", "sync", "vfork" };

static uint64_t state;

static uint64_t chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static long calls_each = CALLS_EACH;
static char *room; /* three pages: writable, readable, nothing */

static uint64_t argument(void)
{
	static const char *const names[] = { "a", "b", "dir", "dir/c", ".", "..", "/", "/tmp/x", "/proc/self/maps", "/dev/null", "/etc/passwd", "" };
	uint64_t r = chance();

	switch (r % 14) {
	case 0: case 1: case 2:
		return r >> 8 & 15;
	case 3:
		return (uint64_t)-(int64_t)(r >> 8 & 7);
	case 4:
		return (uintptr_t)names[(r >> 8) % (sizeof names / sizeof *names)];
	case 5: case 6:
		return (uintptr_t)room + (r >> 8) % PAGE;
	case 7:
		return (uintptr_t)room + PAGE - (r >> 8 & 63); /* across the border */
	case 8:
		return (uintptr_t)room + 2 * PAGE + (r >> 8 & 0xff8);
	case 9:
		return r >> 8 & 0xffff;
	case 10:
		return 1ul << (r >> 8 & 63);
	case 11:
		return 0xffff800000000000ul + (r >> 16);
	case 12:
		return r >> 8;
	default:
		return r >> 8 & 0xfff000;
	}
}

/* Without libc, which has a thread pointer that a call may change. */
static long call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}

static int is_left_out(int i)
{
	for (size_t k = 0; k < sizeof left_out / sizeof *left_out; k++)
		if (!strcmp(calls[i].name, left_out[k]))
			return 1;
	return 0;
}

static _Noreturn void work(uint64_t seed)
{
	state = seed * 0x9e3779b97f4a7c15ul + 1;
	room = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < PAGE; i++)
		room[i] = (char)chance();
	mprotect(room + PAGE, PAGE, PROT_READ);
	munmap(room + 2 * PAGE, PAGE);
	for (long n = 0; n < calls_each; n++) {
		int i = (int)(chance() % (sizeof calls / sizeof *calls));
		long self = call(SYS_getpid, 0, 0, 0, 0, 0, 0);

		if (is_left_out(i))
			continue;
		call(calls[i].nr, argument(), argument(), argument(), argument(), argument(), argument());
		if (call(SYS_getpid, 0, 0, 0, 0, 0, 0) != self) /* a child of fork or clone */
			break;
	}
	call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	__builtin_unreachable();
}

/* 0 if it has ended, else it is killed. */
static void await(pid_t child)
{
	const struct timespec moment = { 0, 1000000 };

	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		if (waitpid(child, NULL, WNOHANG) == child)
			return;
		nanosleep(&moment, NULL);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1, workers = argc > 2 ? strtoul(argv[2], NULL, 10) : 10;
	int nowhere = open("/dev/null", O_RDWR);

	if (argc > 4)
		calls_each = atol(argv[4]);
	for (uint64_t k = argc > 3 ? strtoul(argv[3], NULL, 10) : 0; k < workers; k++) {
		pid_t child = fork();

		if (child < 0)
			return 1;
		if (child == 0) {
			for (int fd = 0; fd < 3; fd++)
				dup2(nowhere, fd);
			setpgid(0, 0); /* what it does to its group */
			work(seed * 1000003 + k);
		}
		await(child);
	}
	dprintf(1, "%lu workers\n", workers);
	return 0;
}
