/* none: fails "nothing outside"; keys: fails "nothing outside"; full: fails "nothing outside" */
#include "attack.h"

#include <pthread.h>
#include <sys/stat.h>

/*
 * Names that lead out of the directory that may be changed: upwards from directories that were moved, removed or exchanged for links, while
 * they are used, and by links and /proc. What would be made lies beside that directory, where the test sees it.
 */
#define ROUNDS 2000

static volatile int over;
static int made;

static void try(int result)
{
	made += result >= 0;
}

static void *exchange(void *unused)
{
	(void)unused;
	while (!over) {
		renameat2(AT_FDCWD, "link", AT_FDCWD, "a/b", RENAME_EXCHANGE);
		rename("a/deep/er", "er");
		rename("er", "a/deep/er");
	}
	return NULL;
}

int main(void)
{
	const char *target = told("outside"); /* ..., beside the directory that this one is in */
	char up[300], name[400];
	const char *last = strrchr(target, '/') - strlen("outside");
	int fd, below;
	pthread_t thread;

	snprintf(up, sizeof up, "../../%s", last); /* from a directory in this one */
	mkdir("a", 0700), mkdir("a/b", 0700), mkdir("a/b/c", 0700), mkdir("a/b/c/d", 0700), mkdir("a/deep", 0700), mkdir("a/deep/er", 0700);
	fd = open("a/b/c/d", O_RDONLY | O_DIRECTORY);
	below = open("a/deep/er", O_PATH);
	rename("a/b/c/d", "d"); /* it was four names deep */
	try(mkdirat(fd, up, 0700));
	try(symlinkat("x", fd, up));
	try(mknodat(fd, up, S_IFIFO | 0600, 0));
	try(openat(fd, up, O_CREAT | O_RDWR, 0600));
	fchdir(fd);
	try(mkdir(up, 0700));
	try(chdir(".."));
	made--; /* that one may */
	try(mkdir(up + 3, 0700));
	symlink(up + 3, "dangling");
	try(open("dangling", O_CREAT | O_RDWR, 0600));
	snprintf(name, sizeof name, "/proc/self/cwd/%s", up + 3);
	try(mkdir(name, 0700));
	snprintf(name, sizeof name, "/proc/self/root%s", target);
	try(mkdir(name, 0700));
	symlink("../..", "link");
	if (pthread_create(&thread, NULL, exchange, NULL))
		return say("no thread\n"), 1;
	snprintf(name, sizeof name, "a/b/%s", last);
	for (int i = 0; i < ROUNDS; i++) {
		mkdirat(below, up, 0700); /* "..", "../.." may be in here */
		mkdir(name, 0700); /* by the link that is there by turns */
	}
	over = 1;
	pthread_join(thread, NULL);
	say(made ? "%d made\n" : "nothing outside\n", made);
	return 0;
}
