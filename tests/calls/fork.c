/* calls: fork clone getppid setpgid getpgid setsid getsid wait4; runs: "" "orphan" */
#include "say.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int data = 1;
static char bss[3 * 4096];
static __thread int local = 5;

static int status_of(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return status;
}

/* Both see what was there before; neither what the other writes. */
static void copies(void)
{
	int on_stack = 3, *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *heap = malloc(300000), *end = sbrk(0);
	pid_t child;

	memset(heap, 'h', 300000);
	bss[5000] = 'b';
	child = fork();
	if (child == 0) {
		int right = data == 1 && bss[5000] == 'b' && local == 5 && on_stack == 3 && heap[299999] == 'h';

		data = bss[5000] = on_stack = heap[299999] = 9;
		local = 9;
		shared[7] = 9;
		sbrk(100000);
		_exit(right ? 21 : 22);
	}
	say("child: %x\n", status_of(child));
	say("data %d bss %c local %d stack %d heap %c shared %d brk moved %d\n", data, bss[5000], local, on_stack, heap[299999], shared[7],
	    sbrk(0) != end);
	free(heap);
	munmap(shared, 4096);
}

static void files(void)
{
	char c[4] = "";
	pid_t child;

	TRY(open("file", O_RDONLY));
	TRY(open("new", O_CREAT | O_RDWR | O_CLOEXEC, 0644));
	child = fork();
	if (child == 0) {
		TRY(read(3, c, 2));
		TRY(lseek(4, 10, SEEK_SET));
		TRY(close(3));
		TRY(chdir("dir"));
		TRY(umask(0777));
		_exit(0);
	}
	say("child: %x\n", status_of(child));
	TRY(lseek(3, 0, SEEK_CUR));
	TRY(lseek(4, 0, SEEK_CUR));
	TRY(access("file", F_OK));
	TRY(umask(022));
}

static void groups(void)
{
	int pipe_fd[2], written;
	pid_t child, parent = getpid();
	char c;

	TRY(pipe(pipe_fd));
	child = fork();
	if (child == 0) {
		close(pipe_fd[1]);
		TRY(read(pipe_fd[0], &c, 1));
		say("parent %d group own %d\n", getppid() == parent, getpgrp() == getpid());
		TRY_OK(setsid());
		say("session own %d\n", getsid(0) == getpid());
		TRY(setsid());
		TRY(setpgid(0, 0));
		_exit(0);
	}
	say("inherited: %d\n", getpgid(child) == getpgrp());
	TRY(setpgid(child, child));
	say("now its own: %d\n", getpgid(child) == child);
	TRY(setpgid(child, 1));
	TRY(setpgid(1, 0));
	TRY(setpgid(child, -1));
	written = (int)write(pipe_fd[1], "x", 1); /* said when the child has ended: from here on it says things, too */
	close(pipe_fd[1]);
	say("child: %x\n", status_of(child));
	say("written: %d\n", written);
	TRY(setpgid(child, child));
}

static void counted(void)
{
	struct rusage usage;
	pid_t child = fork();

	if (child == 0) {
		volatile unsigned sum = 0;

		for (unsigned i = 0; i < 60000000; i++)
			sum += i;
		_exit(0);
	}
	say("child: %x\n", status_of(child));
	TRY(getrusage(RUSAGE_CHILDREN, &usage));
	say("children took time: %d\n", usage.ru_utime.tv_usec + usage.ru_utime.tv_sec > 0);
}

static void many(void)
{
	int sum = 0, status;

	for (int i = 0; i < 20; i++)
		if (fork() == 0)
			_exit(i);
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	say("sum of 20: %d\n", sum);
}

static void tids(void)
{
	pid_t set = 0, told = 0;
	long child = syscall(SYS_clone, CLONE_CHILD_SETTID | CLONE_PARENT_SETTID | SIGCHLD, NULL, &told, &set, NULL);

	if (child == 0)
		_exit(set == getpid() && set == gettid() ? 33 : 34);
	say("child: %x told %d not set here %d\n", status_of((pid_t)child), told == child, set == 0);
	child = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, NULL, BAD, NULL, NULL);
	if (child == 0)
		_exit(1);
	say("%s\n", child > 0 ? "made, and not told" : "refused");
	while (wait(NULL) > 0)
		;
}

/* Its parent ends first: it is another's child then, and says so. */
static void orphan(void)
{
	int to_child[2], to_us[2];
	char c = 0;

	TRY(pipe(to_child));
	TRY(pipe(to_us));
	if (fork() == 0) {
		pid_t before = getpid();

		if (fork() == 0) {
			close(to_child[1]);
			read(to_child[0], &c, 1);
			c = getppid() != before ? 'y' : 'n';
			write(to_us[1], &c, 1);
			_exit(0);
		}
		_exit(0);
	}
	wait(NULL);
	TRY(wait(NULL));
	close(to_child[1]);
	TRY(read(to_us[0], &c, 1));
	say("another parent: %c\n", c);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		orphan();
		return 0;
	}
	copies();
	files();
	groups();
	counted();
	many();
	tids();
	return 0;
}
