/*
 * The directory of `uos bench work`. A process beside us removes it when we
 * end, however that is: it waits for the end of a pipe that only we hold.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_BYTES "100000000"

static int life = -1; /* our end of the pipe */
static pid_t keeper;

static _Noreturn void keep(int end, const char *directory)
{
	static char remove[] = "read -r _; exec rm -rf -- \"$0\"";

	setsid(); /* Ctrl-C is not for it */
	dup2(end, 0);
	execlp("sh", "sh", "-c", remove, directory, (char *)NULL);
	_exit(127);
}

/* The directory, or NULL and errno. */
static const char *make_directory(void)
{
	static char directory[PATH_MAX];
	const char *where = getenv("TMPDIR");
	int ends[2];

	snprintf(directory, sizeof directory, "%s/uos-bench-XXXXXX", where && *where ? where : "/tmp");
	if (pipe2(ends, O_CLOEXEC) != 0 || !mkdtemp(directory))
		return NULL;
	keeper = fork();
	if (keeper == 0)
		keep(ends[0], directory);
	close(ends[0]);
	life = ends[1];
	if (keeper > 0)
		return directory;
	rmdir(directory);
	return NULL;
}

bool bench_work_begin(char *why, size_t size)
{
	static const struct bench_item prepare = { .command = "./work prepare " DATA_BYTES };
	const char *directory = make_directory();

	if (!directory) {
		snprintf(why, size, "a temporary directory: %s", strerror(errno));
		return false;
	}
	setenv("UOS_BENCH_WORK", directory, 1);
	return bench_try_item(&prepare, why, size);
}

void bench_work_end(void)
{
	if (life < 0)
		return;
	close(life);
	life = -1;
	while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
		;
}
