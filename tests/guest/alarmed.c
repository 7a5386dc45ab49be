/*
 * alarmed WHAT: processes have thousands of timers that expire as often as can
 * be, and do with them what WHAT says. Is there time for another to do its work?
 * It says so when it is done; then they are killed.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMERS 2000
#define FILES 1000
#define SPREAD 5000 /* ns */
#define PROCESSES 400
#define WORK 30000000

static timer_t timers[TIMERS];
static struct pollfd files[FILES];

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	_exit(1);
}

static void on(int signal)
{
	(void)signal;
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGALRM);
	sigprocmask(how, &set, NULL);
}

static void create(int notify)
{
	struct sigevent e = { .sigev_notify = notify, .sigev_signo = SIGUSR1 };

	for (int i = 0; i < TIMERS; i++)
		need(timer_create(CLOCK_MONOTONIC, &e, &timers[i]) == 0, "timer_create");
}

static void set(long value, long step, long interval)
{
	for (int i = 0; i < TIMERS; i++)
		need(timer_settime(timers[i], 0, &(struct itimerspec){ { 0, interval }, { 0, value + i * step } }, NULL) == 0, "timer_settime");
}

static void each(long ns)
{
	for (int i = 0; i < FILES; i++) {
		files[i] = (struct pollfd){ timerfd_create(CLOCK_MONOTONIC, 0), POLLIN, 0 };
		need(files[i].fd >= 0 && timerfd_settime(files[i].fd, 0, &(struct itimerspec){ { 0, ns }, { 0, ns } }, NULL) == 0, "timerfd");
	}
}

static void interval(int kind, int us)
{
	need(setitimer(kind, &(struct itimerval){ { 0, us }, { 0, us } }, NULL) == 0, "setitimer");
}

static void pauses(void)
{
	for (;;)
		pause();
}

static void handles(void)
{
	signal(SIGUSR1, on);
	signal(SIGALRM, on);
	mask(SIG_UNBLOCK);
	pauses();
}

static void ignores(void)
{
	signal(SIGUSR1, SIG_IGN);
	mask(SIG_UNBLOCK);
	pauses();
}

static void reads(void)
{
	uint64_t times;

	for (;;) {
		poll(files, FILES, -1);
		for (int i = 0; i < FILES; i++)
			if (files[i].revents)
				need(read(files[i].fd, &times, sizeof times) == sizeof times, "read");
	}
}

/* Once each, but all of them again and again, spread over the time of a slice. */
static void again(void)
{
	for (;;) {
		set(SPREAD, SPREAD, 0);
		nanosleep(&(struct timespec){ 0, TIMERS * SPREAD }, NULL);
	}
}

static void none(void) { create(SIGEV_NONE); set(50000, 0, 50000); }
static void signals(void) { create(SIGEV_SIGNAL); set(1, 0, 1); }
static void once(void) { create(SIGEV_SIGNAL); }
static void fd(void) { each(1); }
static void alarms(void) { interval(ITIMER_REAL, 1); }
static void cpu(void) { signal(SIGPROF, SIG_IGN); signal(SIGVTALRM, SIG_IGN); interval(ITIMER_PROF, 10000); interval(ITIMER_VIRTUAL, 10000); }

static const struct {
	const char *what;
	int processes;
	void (*arm)(void), (*live)(void);
} ways[] = {
	{ "none", 1, none, pauses }, { "handled", 1, signals, handles }, { "blocked", 1, signals, pauses }, { "ignored", 1, signals, ignores },
	{ "once", 1, once, again }, { "fd", 2, fd, pauses }, { "read", 1, fd, reads }, { "alarms", PROCESSES, alarms, pauses },
	{ "caught", 10, alarms, handles }, { "cpu", PROCESSES, cpu, pauses },
};

static pid_t begin(int way, int ready)
{
	pid_t child = fork();

	need(child >= 0, "fork");
	if (child)
		return child;
	ways[way].arm();
	need(write(ready, "", 1) == 1, "write");
	ways[way].live();
	_exit(1);
}

int main(int argc, char **argv)
{
	pid_t children[PROCESSES];
	volatile uint64_t sum = 0;
	int ready[2], way = 0, ended, n = 0;
	char byte;

	while (argc < 2 || strcmp(ways[way].what, argv[1]))
		need(++way < (int)(sizeof ways / sizeof *ways), "alarmed WHAT");
	need(pipe(ready) == 0, "pipe");
	mask(SIG_BLOCK);
	for (int i = 0; i < ways[way].processes; i++)
		children[i] = begin(way, ready[1]);
	for (int i = 0; i < ways[way].processes; i++)
		need(read(ready[0], &byte, 1) == 1, "read");
	for (long i = 0; i < WORK; i++)
		sum += i;
	dprintf(1, "%s: done\n", argv[1]);
	for (int i = 0; i < ways[way].processes; i++)
		kill(children[i], SIGKILL);
	while (wait(&ended) > 0)
		n += WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL;
	dprintf(1, "%s: %d were there until then\n", argv[1], n);
	return 0;
}
