/* calls: set_robust_list execve; runs: "" "exec" "exec_held" "exec_before" */
#include <pthread.h>
#include <sys/wait.h>

#include "say.h"

static pthread_mutex_t *lock;

static void *leave(void *how)
{
	if (!strcmp(how, "exec_held"))
		pthread_mutex_lock(lock);
	execl("/proc/self/exe", "robust_list", "end", NULL);
	return NULL;
}

/*
 * Who held a lock that others share is its dead owner, when it execs; but not if
 * it was another thread than the first: its number is the first's by then, and not the lock's.
 */
static void holds(const char *how)
{
	pthread_mutexattr_t robust;
	pthread_t thread;
	int error;

	lock = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&robust);
	pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(lock, &robust);
	if (fork() == 0) {
		if (strcmp(how, "exec_held"))
			pthread_mutex_lock(lock);
		if (!strcmp(how, "exec"))
			leave("exec");
		pthread_create(&thread, NULL, leave, (void *)how);
		pause();
	}
	wait(NULL);
	error = pthread_mutex_trylock(lock);
	say("%s: %s\n", how, error ? strerrorname_np(error) : "nobody has it");
}

int main(int argc, char **argv)
{
	long list[3] = {(long)list, 0, 0};

	if (argc > 1) {
		if (strcmp(argv[1], "end"))
			holds(argv[1]);
		return 0;
	}

	CALL(set_robust_list, list, 24);
	CALL(set_robust_list, list, 23);
	CALL(set_robust_list, list, 0);
	CALL(set_robust_list, list, -1l);
	CALL(set_robust_list, BAD, 24);	/* nobody looks before the end */
	CALL(set_robust_list, BAD, 8);
	CALL(set_robust_list, 0, 24);
	return 0;
}
