/* none: fails "nothing changed"; keys: fails "nothing changed"; full: fails "nothing changed" */
#include "chance.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * Calls by chance that are to put their results where the caller may only read: memory of its own, a file that it may not write to,
 * mapped shared and private, and the C library's own code, which others share; what threads leave at their end, as well.
 */
#define ATTEMPTS 120
#define CALLS 60
#define MSEC 40 /* some calls wait */
#define KINDS 4
#define SIZE (2 * PAGE)

static char *read_only[KINDS], was[KINDS][SIZE];
static int fds[10];

static const short left_out[] = { SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_fork, SYS_vfork, SYS_clone, SYS_execve, SYS_execveat, SYS_munmap, SYS_mprotect,
				  SYS_mremap, SYS_mmap, SYS_kill, SYS_tkill, SYS_tgkill, SYS_setpgid, SYS_setsid, SYS_madvise, SYS_sync, SYS_sendfile, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
				  SYS_pidfd_send_signal };

static long place(void)
{
	return (long)read_only[chance(KINDS)] + chance(SIZE / 8) * 8;
}

static void make(long *good)
{
	long nr = chance(455), a[6];

	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		if (nr == left_out[i])
			return;
	for (int i = 0; i < 6; i++)
		a[i] = chance(4) == 0 ? fds[chance(10)] : chance(3) ? place() : (long[]){ 0, 1, 8, 64, PAGE, 2 }[chance(6)];
	if (chance(2)) { /* vectors, messages */
		good[0] = place(), good[1] = chance(PAGE), good[2] = place(), good[3] = 1, good[4] = place(), good[5] = 200;
		a[chance(3)] = (long)good;
	}
	if (chance(2))
		a[0] = fds[chance(10)];
	raw(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static int nothing(void *unused)
{
	(void)unused;
	_exit(0);
}

/* What the kernel writes later: at a thread's end, at a process's. */
static void later(int number)
{
	static long list[3], node[2];
	char *stack = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	long *there = (long *)read_only[number % KINDS] + 8;

	raw(SYS_set_tid_address, (long)there, 0, 0, 0, 0, 0);
	clone(nothing, stack + 4 * PAGE, CLONE_VM | CLONE_VFORK | SIGCHLD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID, NULL, there, NULL, there);
	node[0] = (long)list, list[0] = (long)node, list[1] = (long)there - (long)node;
	raw(SYS_set_robust_list, (long)list, sizeof list, 0, 0, 0, 0);
	raw(SYS_futex, (long)&list, 5 /* FUTEX_WAKE_OP */, 1, 1, (long)there, 0x55 << 12);
}

static void attempt(int number)
{
	int pair[2], epoll = epoll_create1(0);
	long *good = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (pipe(pair))
		_exit(1);
	fds[0] = pair[0], fds[1] = pair[1];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		_exit(1);
	fds[2] = pair[0], fds[3] = pair[1], fds[4] = open("/dev/zero", O_RDWR), fds[5] = open("/etc/passwd", O_RDONLY), fds[6] = open("/", O_RDONLY);
	fds[7] = epoll, fds[8] = open("/dev/urandom", O_RDONLY), fds[9] = open("/proc/self/maps", O_RDONLY);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &(struct epoll_event){ .events = EPOLLIN });
	(void)!write(fds[1], "hello", 5);
	(void)!write(fds[2], "hello", 5);
	for (int i = 0; i < 10; i++)
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	if (number % 4 == 0)
		later(number / 4);
	else
		for (int i = 0; i < CALLS; i++)
			make(good);
}

/* As in_child, but killed when its time is over, for it may wait for ever. */
static void attempt_briefly(int number)
{
	pid_t child = fork();

	if (child == 0) {
		chance_begins((uint32_t)number + 1);
		attempt(number);
		_exit(0);
	}
	for (int i = 0; i < MSEC && waitpid(child, NULL, WNOHANG) != child; i++)
		usleep(1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(void)
{
	char content[SIZE];
	int changed = 0, fd = open("file", O_RDWR | O_CREAT, 0600);

	for (size_t i = 0; i < SIZE; i++)
		content[i] = (char)(i * 7);
	if (write(fd, content, SIZE) != (ssize_t)SIZE)
		return say("no file\n"), 1;
	close(fd);
	fd = open("file", O_RDONLY);
	read_only[0] = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memcpy(read_only[0], content, SIZE);
	protect(read_only[0], 2, PROT_READ);
	read_only[1] = map(2, PROT_READ, MAP_SHARED, fd);
	read_only[2] = map(2, PROT_READ, MAP_PRIVATE, fd);
	read_only[3] = (char *)((uintptr_t)strtod & -PAGE);
	for (int i = 0; i < KINDS; i++)
		memcpy(was[i], read_only[i], SIZE);
	for (int number = 0; number < ATTEMPTS; number++) {
		attempt_briefly(number);
		for (int i = 0; i < KINDS; i++)
			if (memcmp(was[i], read_only[i], SIZE))
				say("kind %d is changed by attempt %d\n", i, number), changed = 1;
	}
	if (!changed)
		say("nothing changed\n");
	return 0;
}
