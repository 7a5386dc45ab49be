/* Two threads see one value, two processes each their own, at one and the same address (OSTEP, chapters 2 and 26). */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int value = 1;

static void *second(void *unused)
{
	value = 2;
	return unused;
}

static void tell(const char *who)
{
	dprintf(1, "%s: %d at %p\n", who, value, (void *)&value);
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, second, NULL) != 0)
		return 1;
	pthread_join(thread, NULL);
	tell("a thread wrote 2, the other sees");
	switch (fork()) {
	case -1:
		return 1;
	case 0:
		value = 3;
		tell("a child process wrote 3, it sees ");
		return 0;
	}
	wait(NULL);
	tell("its parent still sees           ");
	return 0;
}
