/* none: fails "only what was allowed"; keys: fails "only what was allowed"; full: fails "only what was allowed" */
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attack.h"

/*
 * Double fetch of names: one thread makes directories, binds sockets and starts programs by a name that another thread changes to one
 * outside, or to an address of the kernel's in the list of a new program's arguments.
 */
#define ROUNDS 400

static char name[4096], inside[64];
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static char *arguments[4] = { "true", "x", "y", NULL };
static volatile int stop;

static void *change(void *unused)
{
	const char *outside = told("outside");
	char *secret = (char *)at("kernel_secret");

	for (unsigned k = 0; !stop; k++) {
		strcpy(name, k & 1 ? outside : inside);
		strncpy(address.sun_path, k & 1 ? outside : inside, sizeof address.sun_path - 1);
		arguments[1] = k & 1 ? secret : "x";
		arguments[2] = k & 2 ? secret : "y";
		sched_yield();
	}
	return unused;
}

static void one_round(int k)
{
	int fd;

	snprintf(inside, sizeof inside, "inside%d", k);
	mkdir(name, 0700);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	(void)!rename(name, name);
	symlink(name, name);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(fd, (struct sockaddr *)&address, sizeof address);
	close(fd);
	if (k % 20 == 0) {
		pid_t child = fork();

		if (child == 0) {
			pthread_t thread;

			pthread_create(&thread, NULL, change, NULL);
			for (int i = 0; i < 20; i++)
				sched_yield();
			execv("/bin/echo", arguments);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, change, NULL);
	for (int k = 0; k < ROUNDS; k++)
		one_round(k);
	stop = 1;
	pthread_join(thread, NULL);
	say("only what was allowed\n");
	return 0;
}
