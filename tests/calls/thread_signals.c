/* calls: tgkill tkill rt_sigprocmask rt_sigpending rt_tgsigqueueinfo */
#define _GNU_SOURCE
#include "say.h"
#include <pthread.h>
#include <semaphore.h>

static sem_t ready, done;
static pthread_t other, first;
static volatile int in_other, in_first;

static void on(int signal)
{
	if (pthread_equal(pthread_self(), other))
		in_other = signal;
	else
		in_first = signal;
	sem_post(&done);
}

static void *waits(void *unused)
{
	(void)unused;
	sem_post(&ready);
	for (;;)
		pause();
	return NULL;
}

static void *takes(void *set)
{
	siginfo_t info;

	sem_post(&ready);
	TRY(sigwaitinfo(set, &info));
	say("code %d\n", info.si_code);
	return NULL;
}

static void hear(const char *what)
{
	while (sem_wait(&done))
		;
	say("%s: other %d, first %d\n", what, in_other, in_first);
	in_other = in_first = 0;
}

static void *ends(void *unused)
{
	return unused;
}

int main(void)
{
	struct sigaction a = { .sa_handler = on };
	sigset_t set, pending;
	pthread_t t;

	first = pthread_self();
	sem_init(&ready, 0, 0);
	sem_init(&done, 0, 0);
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGUSR2, &a, NULL);
	pthread_create(&other, NULL, waits, NULL);
	sem_wait(&ready);
	pthread_kill(other, SIGUSR1);
	hear("to the other");
	pthread_kill(first, SIGUSR1);
	hear("to the first");
	kill(getpid(), SIGUSR2);
	hear("to the process");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR2);
	hear("to the process, the first blocks it");
	pthread_kill(first, SIGUSR2);
	sigpending(&pending);
	say("waits for the first: %d\n", sigismember(&pending, SIGUSR2));
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	hear("unblocked");
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGUSR2);
	pthread_create(&t, NULL, takes, &set);
	sem_wait(&ready);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	pthread_cancel(other);
	pthread_join(other, NULL);
	say("the other is cancelled\n");
	pthread_create(&t, NULL, ends, NULL);
	pthread_join(t, NULL);
	kill(getpid(), SIGUSR1); /* both of them block it, or are gone */
	sigpending(&pending);
	say("waits for the process: %d\n", sigismember(&pending, SIGUSR1));
	return 0;
}
