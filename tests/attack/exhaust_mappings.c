/* none: fails "still here"; keys: fails "still here"; full: fails "still here" */
#include <pthread.h>
#include <sys/socket.h>

#include "attack.h"

/*
 * Uses up the mappings that the host gives to one process, and so to all of uos, and asks the kernel for what it needs mappings for:
 * memory, threads, processes, files in memory. Each may be refused; the kernel must not be lost for want of one.
 */
#define CHUNK 8192 /* pages */

static long used_up(void)
{
	long pieces = 0;

	for (;;) {
		char *p = mmap(NULL, CHUNK * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p == MAP_FAILED)
			return pieces;
		for (long i = 0; i < CHUNK; i += 2, pieces++)
			if (mprotect(p + i * (long)PAGE, PAGE, PROT_READ))
				return pieces;
	}
}

static void *nothing(void *p)
{
	return p;
}

static void ask_for_all(void)
{
	pthread_t thread;
	int ends[2], fd, status;

	for (int i = 0; i < 8; i++)
		if (pthread_create(&thread, NULL, nothing, NULL) == 0)
			pthread_join(thread, NULL);
	for (int i = 0; i < 8; i++) {
		fd = memfd_create("x", 0);
		(void)!ftruncate(fd, 64 * PAGE);
		(void)!write(fd, "x", 1);
		(void)!mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		(void)!pipe(ends);
		(void)!write(ends[1], told("outside"), 5);
		socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
		(void)!write(ends[1], "x", 1);
		fd = open("/proc/self/maps", O_RDONLY);
		while (read(fd, (char[4096]){ 0 }, 4096) > 0)
			;
		fd = open("/proc/self/exe", O_RDONLY);
		(void)!mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	}
	for (int i = 0; i < 2; i++) {
		pid_t child = fork();

		if (child == 0) {
			if (i)
				execl("/bin/true", "true", NULL);
			_exit(used_up() < 0);
		}
		if (child > 0)
			waitpid(child, &status, 0);
	}
}

int main(void)
{
	long pieces = used_up();

	ask_for_all();
	say("%ld pieces, %s\n", pieces, pieces > 10000 ? "and still here" : "too few");
	return 0;
}
