/* Running one item: a process of its own, its output kept, its end waited for. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define WORDS_MAX 1100
#define DEADLINE_MS 60000

/* This executable, and the directory bench/ beside it. */
static const char *self(void)
{
	static char path[PATH_MAX];
	ssize_t n;

	if (!*path && (n = readlink("/proc/self/exe", path, sizeof path - 1)) < 0)
		err(1, "uos: /proc/self/exe");
	return path;
}

const char *bench_directory(void)
{
	static char path[PATH_MAX + 8];

	if (!*path)
		snprintf(path, sizeof path, "%.*s/bench", (int)(strrchr(self(), '/') - self()), self());
	return path;
}

bool bench_item_built(const struct bench_item *item)
{
	char path[PATH_MAX + 64];

	if (item->command[0] == '@')
		return true; /* itself; a guest that is missing is a failure, not a peer */
	snprintf(path, sizeof path, "%s/%.*s", bench_directory(), (int)strcspn(item->command, " "), item->command);
	return access(path, X_OK) == 0;
}

/* The item's words into `words`; they point into `text`. */
static void split(const struct bench_item *item, char *text, char **words)
{
	int n = 0;

	strcpy(text, item->command);
	for (char *w = strtok(text, " "); w && n < 60; w = strtok(NULL, " "))
		words[n++] = strcmp(w, "@") ? w : (char *)self();
	for (int i = 0; i < item->copies && n < WORDS_MAX - 1; i++)
		words[n++] = (char *)item->guest;
	words[n] = NULL;
}

/*
 * Standard input is the item's own schedstat, for guests that cannot open it
 * (bench/guest.h). It dies with us, whatever happens.
 */
static _Noreturn void become(const struct bench_item *item, int out, int errors)
{
	static char text[512], *words[WORDS_MAX];
	int in;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	split(item, text, words);
	in = open("/proc/thread-self/schedstat", O_RDONLY);
	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	dup2(in, 0);
	dup2(out, 1);
	dup2(errors, 2);
	if (chdir(bench_directory()) != 0)
		err(1, "%s", bench_directory());
	execv(words[0], words);
	err(1, "%s", words[0]);
}

/* Waits until `pid` ends, or kills it. Its status, as wait tells it. */
static int wait_for(pid_t pid)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status;

	while (ended.fd >= 0 && poll(&ended, 1, DEADLINE_MS) <= 0)
		if (errno != EINTR)
			kill(pid, SIGKILL);
	close(ended.fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "uos: waitpid");
	return status;
}

/* What was written to `fd`, cut at `size`. */
static void contents(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = 0;
	close(fd);
}

static int scratch_file(void)
{
	int fd = memfd_create("uos bench", MFD_CLOEXEC);

	if (fd < 0)
		err(1, "uos: memfd_create");
	return fd;
}

/* Runs it; true if it ended well. What it said goes to `out`, why it failed to `failed`. */
static bool run(const struct bench_item *item, char *out, size_t size, char *failed, size_t failed_size)
{
	int files[2] = { scratch_file(), scratch_file() }, status;
	char complaint[512];
	pid_t pid = fork();

	if (pid < 0)
		err(1, "uos: fork");
	if (pid == 0)
		become(item, files[0], files[1]);
	status = wait_for(pid);
	contents(files[0], out, size);
	contents(files[1], complaint, sizeof complaint);
	if (status == 0)
		return true;
	complaint[strcspn(complaint, "\n")] = 0;
	if (*complaint)
		snprintf(failed, failed_size, "%.*s", (int)failed_size - 1, complaint);
	else if (WIFSIGNALED(status))
		snprintf(failed, failed_size, "signal %d", WTERMSIG(status));
	else
		snprintf(failed, failed_size, "status %d", WEXITSTATUS(status));
	return false;
}

bool bench_try_item(const struct bench_item *item, char *why, size_t size)
{
	char out[64];

	return run(item, out, sizeof out, why, size);
}

bool bench_level_there(const char *level, char *why, size_t size)
{
	char command[40];
	const struct bench_item probe = { .command = command, .guest = "./exit", .copies = 1 };

	snprintf(command, sizeof command, "@ --protect=%s", level);
	return bench_try_item(&probe, why, size);
}

static const char *const extra[BENCH_NUMBERS] = { NULL, "p99", "max" };

/* One line: a number, or "p99 NUMBER", "max NUMBER", "disturbed K of N"; others are ignored. */
static void read_line(const char *line, double *values, bool *there, int *disturbed, int *batches)
{
	char name[16] = "";
	double value;

	if (sscanf(line, "disturbed %d of %d", disturbed, batches) == 2)
		return;
	if (sscanf(line, "%lf", &values[0]) == 1)
		there[0] = true;
	if (sscanf(line, "%15s %lf", name, &value) != 2)
		return;
	for (int i = 1; i < BENCH_NUMBERS; i++)
		if (!strcmp(name, extra[i])) {
			values[i] = value;
			there[i] = true;
		}
}

void bench_run_item(struct bench_result *r, bool keep)
{
	double values[BENCH_NUMBERS];
	bool there[BENCH_NUMBERS] = { false };
	int disturbed = 0, batches = 0;
	char out[1024];

	if (*r->failed || !run(r->item, out, sizeof out, r->failed, sizeof r->failed))
		return;
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"))
		read_line(line, values, there, &disturbed, &batches);
	if (!there[0])
		snprintf(r->failed, sizeof r->failed, "it printed no number");
	if (!there[0] || !keep)
		return;
	r->numbers = 0;
	for (int i = 0; i < BENCH_NUMBERS && there[i]; i++) {
		r->names[r->numbers] = extra[i];
		r->samples[r->numbers++][r->rounds] = values[i];
	}
	r->rounds++;
	r->disturbed += disturbed;
	r->batches += batches;
}

void bench_note_alone(struct bench_result *r)
{
	for (int k = 0; k < r->numbers; k++) {
		double *v = r->samples[k], last = v[r->rounds - 1];

		v[r->rounds - 1] = v[r->alone];
		v[r->alone] = last;
	}
	r->alone++;
}

int bench_counted(const struct bench_result *r)
{
	return r->alone < BENCH_ROUNDS_LEAST ? r->rounds : r->alone;
}
