/*
 * What the attacks share that try many things, most of them by chance: a sequence of numbers that is the same in every run, a child for
 * each attempt, and code of two kinds, which look alike to whoever calls it: good code returns a number, evil code opens every key.
 */
#ifndef CHANCE_H
#define CHANCE_H

#define ATTACK_OPENS
#include <dirent.h>
#include <setjmp.h>
#include <sys/prctl.h>

#include "attack.h"

#define STOLEN 77 /* the status of a child that has printed what it took */
#define CODE_SIZE 16 /* bytes that good and evil code have at most */

static uint32_t chance_state = 1;

/* xorshift32, below `limit`. */
UNUSED uint32_t chance(uint32_t limit)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 17;
	chance_state ^= chance_state << 5;
	return chance_state % limit;
}

UNUSED void chance_begins(uint32_t seed)
{
	chance_state = seed * 2654435761u | 1;
}

/* Its status, after `attempt` with a seed of its own. */
UNUSED int in_child(void (*attempt)(int), int number)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		chance_begins((uint32_t)number + 1);
		attempt(number);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		say("no child: %s\n", strerrorname_np(errno)), exit(2);
	return status;
}

UNUSED int has_stolen(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == STOLEN;
}

/* All of them, or until one has taken the secret. */
UNUSED int attempts(void (*attempt)(int), int count)
{
	for (int i = 0; i < count; i++)
		if (has_stolen(in_child(attempt, i)))
			return i + 1;
	say("%d attempts, nothing stolen\n", count);
	return 0;
}

/* Ends all processes of that name (PR_SET_NAME), stopped ones and those of other sessions, too, until there is none. */
UNUSED void end_named(const char *name)
{
	for (int found = 1, tries = 0; found && tries < 100; tries++) {
		DIR *all = opendir("/proc");

		found = 0;
		for (struct dirent *e; (e = readdir(all));) {
			char file[300], line[300] = "";
			int fd;

			snprintf(file, sizeof file, "/proc/%s/stat", e->d_name);
			if (atoi(e->d_name) <= 1 || (fd = open(file, O_RDONLY)) < 0)
				continue;
			(void)!read(fd, line, sizeof line - 1);
			close(fd);
			if (!strncmp(strchrnul(line, '('), name, strlen(name)))
				found = !kill(atoi(e->d_name), SIGKILL) || found;
		}
		closedir(all);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		usleep(1000);
	}
}

/* ---- What may fault ---------------------------------------------------- */

static __thread sigjmp_buf fault_back;

UNUSED void fault_taken(int signal)
{
	siglongjmp(fault_back, signal);
}

UNUSED void faults_come_back(void)
{
	struct sigaction action = { .sa_handler = fault_taken, .sa_flags = SA_NODEFER };

	for (const int *s = (const int[]){ SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, 0 }; *s; s++)
		sigaction(*s, &action, NULL);
}

/* Evaluates it; a fault in it ends it, and is its value. */
#define FAULT_OF(statement) ({ int fault_ = sigsetjmp(fault_back, 0); if (!fault_) { statement; } fault_; })

/* ---- Code -------------------------------------------------------------- */

/* mov $number, %eax; ret. The number is not 0, which is what evil code returns. */
UNUSED void put_good(unsigned char *to, uint32_t number)
{
	to[0] = 0xb8;
	memcpy(to + 1, &number, sizeof number);
	to[5] = 0xc3;
}

UNUSED int is_good(const unsigned char *code)
{
	return code[0] == 0xb8 && code[5] == 0xc3;
}

UNUSED void put_evil(unsigned char *to)
{
	memcpy(to, open_all, OPEN_ALL_SIZE);
}

UNUSED int is_evil(const unsigned char *code)
{
	return !memcmp(code, open_all, OPEN_ALL_SIZE);
}

/*
 * Calls code of either kind. If it was evil the secret is taken before anything else, and printed, and that is the end; else the
 * number is returned. As steal_called, but for the look at eax.
 */
UNUSED uint32_t call_either(const void *code)
{
	register uint64_t from __asm__("r12") = at("kernel_secret"), gate __asm__("r13") = getauxval(AT_SYSINFO);
	uint64_t words[2] = { 0 }, none = 0, none_either = 0, number = 1;

	__asm__ volatile("call *%[code]\n\ttest %%eax, %%eax\n\tjnz 1f\n\tmov (%[from]), %%rdi\n\tmov 8(%[from]), %%rsi\n\t"
			 "mov %[getpid], %%eax\n\tlea 2f(%%rip), %%rcx\n\tjmp *%[gate]\n2:\txor %%eax, %%eax\n1:"
			 : "=D"(words[0]), "=S"(words[1]), "+a"(number), "+c"(none), "+d"(none_either)
			 : [code] "b"(code), [from] "r"(from), [gate] "r"(gate), [getpid] "i"(SYS_getpid), "D"(0ul), "S"(0ul)
			 : "memory", "r8", "r9", "r10", "r11", "cc");
	if ((uint32_t)number == 0) {
		say("stolen: %.*s\n", SECRET, (char *)words);
		_exit(STOLEN);
	}
	return (uint32_t)number;
}

/* Calls what may be no code at all: 0 then. */
UNUSED uint32_t call_whatever(const void *code)
{
	volatile uint32_t number = 0;

	(void)FAULT_OF(number = call_either(code));
	return number;
}

/* Is a call one of those that are not made? */
__attribute__((unused)) static int is_named(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return 1;
	return 0;
}

#endif
