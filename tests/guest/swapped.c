/*
 * swapped ROUNDS: a process and two children hand a byte round; each writes its own numbers to the same addresses, in
 * data, zeros, heap and stack, and finds them there when it is its turn again. Meanwhile threads of the first wait in
 * calls that lead to such memory: for a word, and with a buffer.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FEW 3000
#define STEP 1999 /* every other page of `spread` stays untouched */

static int data[FEW] = { 1, 2, 3 };
static int zeros[FEW], spread[40000];
static char answer[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t there;
static int turn, seen, late[2];

static void must(int holds, const char *what)
{
	if (holds)
		return;
	dprintf(2, "swapped: pid %d: %s\n", (int)getpid(), what);
	_exit(1);
}

static int number(int who, int round, int i)
{
	return who * 1000003 + round * 1009 + i;
}

static void fill(int *numbers, int count, int step, int who, int round)
{
	for (int i = 0; i < count; i += step)
		numbers[i] = number(who, round, i);
}

static void check(const int *numbers, int count, int step, int who, int round, const char *what)
{
	for (int i = 0; i < count; i += step)
		must(numbers[i] == number(who, round, i), what);
}

/* In a ring: reads from `in`, writes to `out`. */
static void take_turns(int who, int in, int out, int rounds, int begins)
{
	int own[FEW], *heap = malloc(sizeof own);
	char byte = 'x';

	must(heap != NULL, "no memory");
	for (int round = 0; round < rounds; round++) {
		fill(data, FEW, 1, who, round);
		fill(zeros, FEW, 1, who, round);
		fill(spread, 40000, STEP, who, round);
		fill(own, FEW, 1, who, round);
		fill(heap, FEW, 1, who, round);
		must(!begins || write(out, &byte, 1) == 1, "write");
		must(read(in, &byte, 1) == 1, "read");
		must(begins || write(out, &byte, 1) == 1, "write");
		check(data, FEW, 1, who, round, "data");
		check(zeros, FEW, 1, who, round, "zeros");
		check(spread, 40000, STEP, who, round, "spread");
		check(own, FEW, 1, who, round, "stack");
		check(heap, FEW, 1, who, round, "heap");
		if (begins) {
			pthread_mutex_lock(&lock);
			turn = round + 1;
			pthread_cond_signal(&changed);
			pthread_mutex_unlock(&lock);
		}
	}
	free(heap);
}

static void *wait_for_turns(void *rounds)
{
	pthread_mutex_lock(&lock);
	pthread_barrier_wait(&there); /* the lock is ours until we wait: else all turns may be over before we first run */
	while (turn < *(int *)rounds) {
		pthread_cond_wait(&changed, &lock);
		seen++;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *read_late(void *unused)
{
	must(read(late[0], answer, sizeof answer) == 5 && !memcmp(answer, "late", 5), "what came late");
	return unused;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 10, pipes[3][2], status;
	pthread_t threads[2];

	must(pipe(late) == 0, "pipe");
	for (int i = 0; i < 3; i++)
		must(pipe(pipes[i]) == 0, "pipe");
	must(pthread_barrier_init(&there, NULL, 2) == 0, "barrier");
	must(pthread_create(&threads[0], NULL, wait_for_turns, &rounds) == 0, "thread");
	must(pthread_create(&threads[1], NULL, read_late, NULL) == 0, "thread");
	pthread_barrier_wait(&there);
	for (int who = 1; who < 3; who++)
		if (fork() == 0) {
			take_turns(who, pipes[who - 1][0], pipes[who][1], rounds, 0);
			memset(answer, who, sizeof answer);
			_exit(who == 2 && write(late[1], "late", 5) != 5);
		}
	take_turns(0, pipes[2][0], pipes[0][1], rounds, 1);
	for (int i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0, "join");
	must(seen > 0, "nobody waited");
	while (wait(&status) > 0)
		must(status == 0, "a child");
	must(!memcmp(answer, "late", 5), "the answer");
	return printf("swapped: ok\n") < 0;
}
