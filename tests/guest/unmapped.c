/* One thread unmaps the file that another's read waits to fill: "unmapped FILE". Whatever the read says, nobody else is hurt. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 65536

static int ends[2];
static char *shown;

static void *fill(void *result)
{
	*(ssize_t *)result = read(ends[0], shown, SIZE);
	return NULL;
}

/* It waits, when all that it had before is gone from the pipe of its state; sched_yield until the kernel says that it sleeps. */
static void until_it_sleeps(int tid)
{
	char name[64], text[256] = "";

	snprintf(name, sizeof name, "/proc/self/task/%d/stat", tid);
	for (int tries = 0; tries < 1000; tries++) {
		int fd = open(name, O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

		close(fd);
		for (ssize_t i = 0; i < n; i++)
			if (text[i] == ')' && text[i + 2] == 'S')
				return;
		sched_yield();
	}
}

int main(int argc, char **argv)
{
	static char bytes[SIZE];
	int fd = argc > 1 ? open(argv[1], O_CREAT | O_RDWR, 0600) : -1;
	pthread_t thread;
	ssize_t result = 0;

	for (int round = 0; round < 50; round++) {
		if (ftruncate(fd, SIZE) != 0 || pipe(ends) != 0)
			return 1;
		shown = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		pthread_create(&thread, NULL, fill, &result);
		until_it_sleeps(getpid() + 1 + round);
		munmap(shown, SIZE);
		if (write(ends[1], bytes, SIZE) != SIZE)
			return 2;
		pthread_join(thread, NULL);
		close(ends[0]);
		close(ends[1]);
	}
	dprintf(1, "still here\n");
	return 0;
}
