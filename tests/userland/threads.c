/* Four threads with a mutex, conditions, a barrier of their own, and memory of their own. */
#include <pthread.h>
#include <stdio.h>

#define WORKERS 4
#define ROUNDS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;
static long sum;
static __thread long own;

static void *work(void *at)
{
	int self = *(int *)at;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		while (turn % WORKERS != self)
			pthread_cond_wait(&turn_changed, &lock);
		turn++;
		sum = sum * 3 % 1000003 + self; /* the order is seen in it */
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&lock);
		own += self;
	}
	return (void *)own;
}

int main(void)
{
	pthread_t thread[WORKERS];
	int names[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		names[i] = i;
		if (pthread_create(&thread[i], NULL, work, &names[i]) != 0)
			return 1;
	}
	for (int i = 0; i < WORKERS; i++) {
		void *result;

		pthread_join(thread[i], &result);
		printf("%d: %ld\n", i, (long)result);
	}
	printf("%d turns, %ld\n", turn, sum);
	return own != 0;
}
