/* calls: alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete */
#define _GNU_SOURCE
#include "say.h"
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile int seen[65];
static volatile int value;

static void on(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen[signal]++;
	if (info->si_code == SI_TIMER)
		value = info->si_value.sival_int;
}

static void catch(int signal)
{
	struct sigaction a = { .sa_sigaction = on, .sa_flags = SA_SIGINFO };

	sigaction(signal, &a, NULL);
}

static void say_itimer(const char *what, const struct itimerval *t, long at_most)
{
	long us = t->it_value.tv_sec * 1000000 + t->it_value.tv_usec;

	say("%s: interval %ld.%06ld, %s\n", what, t->it_interval.tv_sec, t->it_interval.tv_usec,
	    us == 0 ? "not armed" : us <= at_most && us > at_most - 20000000 ? "armed" : "armed, but for when?");
}

static void intervals(void)
{
	struct itimerval t = { { 0, 0 }, { 0, 0 } }, old;

	for (int kind = 0; kind < 3; kind++) {
		told("getitimer(%d)", getitimer(kind, &old), kind);
		say_itimer("at first", &old, 0);
		t = (struct itimerval){ { 7, 500000 }, { 50, 0 } };
		told("setitimer(%d)", setitimer(kind, &t, &old), kind);
		say_itimer("old", &old, 0);
		told("getitimer(%d)", getitimer(kind, &old), kind);
		say_itimer("now", &old, 50100000);
		t = (struct itimerval){ { 1, 0 }, { 0, 0 } };
		told("setitimer(%d)", setitimer(kind, &t, &old), kind);
		say_itimer("old", &old, 50100000);
		getitimer(kind, &old);
		say_itimer("now", &old, 0);
	}
	CALL(getitimer, 3, &old);
	CALL(getitimer, -1, &old);
	CALL(getitimer, 0, BAD);
	CALL(setitimer, 3, &t, NULL);
	CALL(setitimer, 0, BAD, NULL);
	CALL(setitimer, 0, NULL, NULL);
	t.it_value.tv_usec = 1000000;
	CALL(setitimer, 0, &t, NULL);
	t.it_value.tv_usec = -1;
	CALL(setitimer, 0, &t, NULL);
	t = (struct itimerval){ { 0, 0 }, { -1, 0 } };
	CALL(setitimer, 0, &t, NULL);
}

static void alarms(void)
{
	struct itimerval t = { { 0, 1000 }, { 0, 1000 } }, none = { { 0, 0 }, { 0, 0 } };
	sigset_t alarm_only, before;

	TRY(alarm(100));
	TRY(alarm(50));
	TRY(alarm(0));
	TRY(alarm(0));
	catch(SIGALRM);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm_only, &before); /* it is not to come before we wait */
	TRY(alarm(1));
	TRY(sigsuspend(&before));
	sigprocmask(SIG_SETMASK, &before, NULL);
	say("alarms: %d\n", seen[SIGALRM]);
	seen[SIGALRM] = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	while (seen[SIGALRM] < 50) /* computes */
		;
	setitimer(ITIMER_REAL, &none, NULL);
	say("many alarms while computing\n");
	catch(SIGPROF);
	catch(SIGVTALRM);
	setitimer(ITIMER_PROF, &t, NULL);
	setitimer(ITIMER_VIRTUAL, &t, NULL);
	while (seen[SIGPROF] < 3 || seen[SIGVTALRM] < 3)
		;
	setitimer(ITIMER_PROF, &none, NULL);
	setitimer(ITIMER_VIRTUAL, &none, NULL);
	say("of CPU time, too\n");
	TRY(alarm(100));
	if (fork() == 0) {
		say("the child has %u\n", alarm(0));
		_exit(0);
	}
	wait(NULL);
	say("the parent %d\n", alarm(0) > 90);
}

static void created(void)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3, .sigev_value.sival_int = 4711 };
	struct itimerspec t = { { 0, 0 }, { 0, 5000000 } }, old;
	struct timespec now, ms = { 0, 30000000 };
	timer_t id, other;
	sigset_t s;
	siginfo_t info;
	int kernel_id;

	catch(SIGRTMIN + 3);
	TRY(timer_create(CLOCK_MONOTONIC, &e, &id));
	TRY(timer_gettime(id, &old));
	say("at first: %ld.%09ld\n", old.it_value.tv_sec, old.it_value.tv_nsec);
	TRY(timer_settime(id, 0, &t, NULL));
	while (!seen[SIGRTMIN + 3])
		;
	say("expired: %d value %d overrun %d\n", seen[SIGRTMIN + 3], value, timer_getoverrun(id));
	t = (struct itimerspec){ { 3, 0 }, { 100, 0 } };
	TRY(timer_settime(id, 0, &t, NULL));
	TRY(timer_gettime(id, &old));
	say("interval %ld, value %s\n", old.it_interval.tv_sec, old.it_value.tv_sec >= 90 && old.it_value.tv_sec <= 100 ? "good" : "bad");
	TRY(timer_delete(id));
	CALL(timer_delete, (long)(intptr_t)id);
	CALL(timer_gettime, 4711, &old);
	CALL(timer_settime, 4711, 0, &t, NULL);
	CALL(timer_getoverrun, 4711);
	TRY(timer_create(CLOCK_REALTIME, &e, &id));
	clock_gettime(CLOCK_REALTIME, &now);
	t = (struct itimerspec){ { 0, 0 }, { now.tv_sec, now.tv_nsec } }; /* has passed */
	seen[SIGRTMIN + 3] = 0;
	TRY(timer_settime(id, TIMER_ABSTIME, &t, NULL));
	while (!seen[SIGRTMIN + 3])
		;
	t.it_value.tv_nsec = 1000000000;
	CALL(timer_settime, (long)(intptr_t)id, 0, &t, NULL);
	CALL(timer_settime, (long)(intptr_t)id, 0, NULL, NULL);
	CALL(timer_settime, (long)(intptr_t)id, 0, BAD, NULL);
	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &s, NULL);
	t = (struct itimerspec){ { 0, 1000000 }, { 0, 1000000 } };
	TRY(timer_settime(id, 0, &t, NULL));
	nanosleep(&ms, NULL);
	TRY(sigwaitinfo(&s, &info));
	say("code %d value %d, overrun some %d, as told %d\n", info.si_code, info.si_value.sival_int, info.si_overrun > 2, info.si_overrun == timer_getoverrun(id));
	timer_delete(id);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	e.sigev_notify = SIGEV_NONE;
	TRY(timer_create(CLOCK_BOOTTIME, &e, &other));
	TRY(timer_settime(other, 0, &t, NULL));
	TRY(timer_delete(other));
	e.sigev_notify = 77;
	CALL(timer_create, 1, &e, &kernel_id);
	e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	CALL(timer_create, 1, &e, &kernel_id);
	e.sigev_signo = 0;
	CALL(timer_create, 1, &e, &kernel_id);
	CALL(timer_create, 99, NULL, &kernel_id);
	CALL(timer_create, 1, BAD, &kernel_id);
	CALL(timer_create, 1, NULL, BAD);
	e = (struct sigevent){ .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1, ._sigev_un._tid = 1 };
	CALL(timer_create, 1, &e, &kernel_id);
	e._sigev_un._tid = gettid();
	catch(SIGUSR1);
	CALL_OK(timer_create, 1, &e, &kernel_id);
	t = (struct itimerspec){ { 0, 0 }, { 0, 1000000 } };
	told("timer_settime", syscall(SYS_timer_settime, kernel_id, 0, &t, NULL));
	while (!seen[SIGUSR1])
		;
	say("to the thread\n");
}

static struct itimerval left(void)
{
	struct itimerval t;

	getitimer(ITIMER_REAL, &t);
	return t;
}

/* What has expired, and nobody has taken notice: is it armed again? */
static void unnoticed(void)
{
	const struct itimerval soon = { { 100, 0 }, { 0, 1000 } };
	struct itimerval t;
	sigset_t alarm, waiting;
	siginfo_t info;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	do
		sigpending(&waiting);
	while (!sigismember(&waiting, SIGALRM));
	t = left();
	say_itimer("it waits", &t, 0);
	TRY(sigwaitinfo(&alarm, &info));
	t = left();
	say_itimer("it was taken", &t, 100000000);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &soon, NULL);
	do
		t = left();
	while (t.it_value.tv_sec == 0 && t.it_value.tv_usec > 0);
	say_itimer("it was ignored", &t, 0);
	catch(SIGALRM);
	t = left();
	say_itimer("it is caught now", &t, 0);
}

static struct itimerspec left_of(timer_t id)
{
	struct itimerspec t;

	timer_gettime(id, &t);
	return t;
}

static void unheard(void)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE }, e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct itimerspec t = { { 100, 0 }, { 0, 1000000 } };
	timer_t id;

	TRY(timer_create(CLOCK_MONOTONIC, &none, &id));
	TRY(timer_settime(id, 0, &t, NULL));
	do
		t = left_of(id);
	while (t.it_value.tv_sec == 0 && t.it_value.tv_nsec > 0);
	say("again in %s, interval %ld\n", t.it_value.tv_sec >= 80 ? "time" : "no time", (long)t.it_interval.tv_sec);
	t = (struct itimerspec){ { 0, 0 }, { 0, 1000000 } };
	TRY(timer_settime(id, 0, &t, NULL));
	do
		t = left_of(id);
	while (t.it_value.tv_nsec > 0);
	say("once: %ld, overrun %d\n", (long)t.it_value.tv_sec, timer_getoverrun(id));
	t = (struct itimerspec){ { 3, 0 }, { 0, 0 } };
	TRY(timer_settime(id, 0, &t, NULL));
	t = left_of(id);
	say("disarmed: %ld, interval %ld\n", (long)t.it_value.tv_sec, (long)t.it_interval.tv_sec);
	TRY(timer_delete(id));
	signal(SIGUSR2, SIG_IGN);
	TRY(timer_create(CLOCK_MONOTONIC, &e, &id));
	t = (struct itimerspec){ { 0, 1000000 }, { 0, 1000000 } };
	TRY(timer_settime(id, 0, &t, NULL));
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	say("ignored: %d\n", seen[SIGUSR2]);
	catch(SIGUSR2);
	while (!seen[SIGUSR2])
		;
	TRY(timer_delete(id));
}

int main(void)
{
	intervals();
	alarms();
	created();
	unnoticed();
	unheard();
	return 0;
}
