/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen" */
#include "chance.h"

#include <pthread.h>
#include <sched.h>

/*
 * One thread calls a page again and again; another writes evil code to it meanwhile, in one of several ways: its own writes, the
 * kernel's, a change of the file behind the page, another page moved there, a child that writes and calls.
 */
#define ROUNDS 2 /* of each way */
#define CALLS 400

static unsigned char *page;
static int file, ends[2];

static void put_either(unsigned char *to)
{
	put_good(to, 1);
	if (chance(2))
		put_evil(to);
}

static void by_toggling(void)
{
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	put_either(page);
	mprotect(page, PAGE, PROT_READ | PROT_EXEC);
}

static void by_writing(void)
{
	mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	put_either(page);
}

static void by_read(void)
{
	unsigned char code[CODE_SIZE];

	put_either(code);
	(void)!write(ends[1], code, CODE_SIZE);
	(void)!read(ends[0], page, CODE_SIZE);
}

static void by_file(void)
{
	unsigned char code[CODE_SIZE];

	put_either(code);
	(void)!pwrite(file, code, CODE_SIZE, 0);
	madvise(page, PAGE, MADV_DONTNEED);
}

static void by_moving(void)
{
	unsigned char *other = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	put_either(other);
	mprotect(other, PAGE, PROT_READ | PROT_EXEC);
	(void)!mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page);
}

static void by_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		by_writing();
		call_whatever(page);
		_exit(0);
	}
	if (child > 0 && waitpid(child, &status, 0) == child && has_stolen(status))
		_exit(STOLEN);
	by_writing();
}

static void (*const ways[])(void) = { by_toggling, by_writing, by_read, by_file, by_moving, by_child };
#define WAYS (int)(sizeof ways / sizeof *ways)

static void *change(void *way)
{
	for (;;) {
		(void)FAULT_OF(((void (*)(void))way)());
		if (chance(4) == 0)
			sched_yield();
	}
	return NULL;
}

static void race(int number)
{
	void (*way)(void) = ways[number % WAYS];
	pthread_t thread;

	faults_come_back();
	file = file_with(open_all, OPEN_ALL_SIZE);
	page = map(1, PROT_READ | PROT_WRITE | PROT_EXEC, way == by_file ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS, way == by_file ? file : -1);
	if (way != by_file)
		put_good(page, 1);
	if (pipe(ends) || pthread_create(&thread, NULL, change, (void *)way))
		_exit(2);
	for (volatile int i = 0; i < CALLS; i++) {
		call_whatever(page);
		if (i % 4 == 0)
			sched_yield();
	}
	_exit(0);
}

int main(void)
{
	attempts(race, ROUNDS * WAYS);
	return 0;
}
