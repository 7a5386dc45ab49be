/* none: fails "back from all"; keys: fails "back from all"; full: fails "back from all" */
#include <sys/epoll.h>
#include <sys/stat.h>

#include "attack.h"

/*
 * What lies within itself, deeper than a kernel stack could follow: processes forked and vforked within each other, directories, epolls,
 * scripts that name scripts. The kernel must refuse or find its way without going down itself.
 */
#define PROCESSES 200
#define DIRECTORIES 600 /* of which PATH_MAX leaves 15 */
#define EPOLLS 300 /* of which five can be within each other */
#define SCRIPTS 100

static void fork_within(int depth)
{
	pid_t child = depth ? fork() : -1;

	if (child == 0)
		fork_within(depth - 1), _exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void vfork_within(int depth)
{
	if (depth && vfork() == 0) {
		vfork_within(depth - 1);
		_exit(0);
	}
}

/* Names of 255 characters: no path has room for them. */
static int directories_within(void)
{
	static char text[1 << 16];
	char name[256], link[32];
	int depth = 0, fd, deepest;

	memset(name, 'd', 255), name[255] = 0;
	while (depth < DIRECTORIES && mkdir(name, 0700) == 0 && chdir(name) == 0)
		depth++;
	raw(SYS_getcwd, (long)text, sizeof text, 0, 0, 0, 0);
	(void)!readlink("/proc/self/cwd", text, sizeof text);
	fd = open("file", O_RDWR | O_CREAT, 0600);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	(void)!readlink(link, text, sizeof text);
	(void)!ftruncate(fd, (off_t)PAGE);
	mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	for (int maps = open("/proc/self/maps", O_RDONLY); read(maps, text, sizeof text) > 0;)
		;
	unlink("file");
	for (deepest = depth; depth && chdir("..") == 0 && rmdir(name) == 0; depth--)
		;
	return depth == 0 ? deepest : 0;
}

static int epolls_within(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2], inner, depth = 0;

	if (pipe(ends) || write(ends[1], "x", 1) != 1)
		return 0;
	for (inner = ends[0]; depth < EPOLLS; depth++) {
		int outer = epoll_create1(0);

		if (outer < 0 || epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event))
			break;
		inner = outer;
	}
	epoll_wait(inner, &event, 1, 0);
	return depth;
}

static int scripts_within(void)
{
	char name[32], text[64];

	for (int i = 0; i < SCRIPTS; i++) {
		int fd, n = snprintf(text, sizeof text, "#!./script%d\n", i + 1);

		snprintf(name, sizeof name, "script%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0700);
		if (fd < 0 || write(fd, text, (size_t)n) != n)
			return 0;
		close(fd);
	}
	execl("script0", "script0", NULL);
	return errno == ELOOP;
}

int main(void)
{
	int directories, epolls, refused;

	fork_within(PROCESSES);
	vfork_within(PROCESSES);
	directories = directories_within();
	epolls = epolls_within();
	refused = scripts_within();
	say("%d directories, %d epolls, scripts %s\n", directories, epolls, refused ? "refused" : "not refused");
	say("back from %s\n", directories && epolls && refused ? "all" : "some");
	return 0;
}
