/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>

#include "attack.h"

/* One thread makes a page executable again and again, the other writes to it whenever it can, and calls it. */
#define ATTEMPTS 2000

static char *code;
static volatile int stop;
static sigjmp_buf again;

static void *change(void *unused)
{
	while (!stop) {
		mprotect(code, PAGE, PROT_READ | PROT_WRITE);
		sched_yield();
		mprotect(code, PAGE, PROT_READ | PROT_EXEC);
		sched_yield();
	}
	return unused;
}

static void retry(int signal)
{
	(void)signal;
	siglongjmp(again, 1);
}

int main(void)
{
	struct sigaction action = { .sa_handler = retry, .sa_flags = SA_NODEFER };
	volatile int attempts = 0, written = 0;
	pthread_t thread;

	code = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	pthread_create(&thread, NULL, change, NULL);
	if (sigsetjmp(again, 0))
		sched_yield();
	if (attempts++ < ATTEMPTS) {
		if (!written)
			memcpy(code, open_all, OPEN_ALL_SIZE);
		written = 1;
		steal_after(code, 0);
	}
	stop = 1;
	pthread_join(thread, NULL);
	return 0;
}
