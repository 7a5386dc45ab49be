/* none: fails "enough succeeded"; keys: fails "enough succeeded"; full: fails "enough succeeded" */
#include "chance.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>

/*
 * All calls, with descriptors of every kind, lengths and offsets up to the largest, much memory, memory of a file that somebody cuts
 * off, and lists that point into all that. Whoever makes them may come to any end; nobody else.
 */
#define ATTEMPTS 150
#define CALLS 40
#define ENOUGH 200
#define MUCH (64ul << 20)
#define USEC 20000 /* for one attempt: some calls wait */
#define LIST 512   /* words that are read as a list, a structure, a name */

enum kind { NO, FD, INT, UINT, LONG, ULONG, SIZE, OFF, PID, SIG, FLAGS, MODE, PROT, CMD, ADDR, STR, BUF_IN, BUF_OUT, IOV_IN, IOV_OUT, TIME, TIME_OUT,
	    STRUCT_IN, STRUCT_OUT, MASK, PTR };

static const struct { int nr; const char *name; enum kind kinds[6]; } calls[] = {
#define FULL 0
#define GENERAL 0
#define CALL(nr, name, full, ...) { nr, #name, { __VA_ARGS__ } },
#define REFUSE(nr, name, ...)
#define NONE(nr, name, ...)
#include "kernel/syscall.tbl"
};
#define CALLS_KNOWN (uint32_t)(sizeof calls / sizeof *calls)

/* What ends the caller or makes another of it, and what reaches others by intent. */
static const char *const left_out[] = { "exit", "exit_group", "pause", "fork", "vfork", "clone", "execve", "execveat", "rt_sigreturn", "rt_sigsuspend",
					"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "sync", "setitimer",
					"alarm", "arch_prctl" };

static long fds[48], *succeeded;
static int fd_count;
static char *much, *list, *cut_off;

static void keep(long fd)
{
	fds[fd_count++] = fd;
}

static void keep_pairs(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 4; i++) {
		int pair[2];

		if (i == 3 ? pipe2(pair, O_NONBLOCK) : socketpair(AF_UNIX, types[i] | SOCK_NONBLOCK, 0, pair))
			_exit(2);
		(void)!write(pair[1], "abc", 3);
		keep(pair[0]), keep(pair[1]);
	}
}

static void keep_files(void)
{
	static const char *const names[] = { "/", ".", "/tmp", "/proc", "/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/ptmx", "/proc/self/maps",
					     "/proc/self/stat", "/etc/passwd" };
	int memory = memfd_create("a", MFD_ALLOW_SEALING), file = open("file", O_RDWR | O_CREAT, 0600);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		keep(open(names[i], (i > 3 && i < 7 ? O_RDWR : O_RDONLY) | O_NOCTTY | O_NONBLOCK));
	keep(open("/", O_PATH));
	keep(memory), keep(file);
	(void)!ftruncate(memory, 100000), (void)!ftruncate(file, 100000);
	cut_off = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd_create("b", 0), 0);
}

static void keep_others(void)
{
	sigset_t all;

	sigfillset(&all);
	keep(epoll_create1(0)), keep(eventfd(3, EFD_NONBLOCK)), keep(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	keep(signalfd(-1, &all, SFD_NONBLOCK)), keep(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
	keep(-1), keep(AT_FDCWD);
}

static long any_descriptor(void)
{
	return fds[chance((uint32_t)fd_count)];
}

static long any_number(void)
{
	static const unsigned long numbers[] = { 0, 1, 2, 3, 7, 8, 16, 64, 128, 255, 256, 1024, 4095, 4096, 65536, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff,
						 -1ul, -2ul, -4096ul, ~0ul >> 1, 1ul << 63, 1ul << 62, 1ul << 40, 0x7ffff000, 0x100000000 };

	return (long)numbers[chance(chance(2) ? 8 : sizeof numbers / sizeof *numbers)];
}

static long any_pointer(void)
{
	switch (chance(5)) {
	case 0:
		return (long)much + (long)(chance(3) ? 0 : chance(MUCH));
	case 1:
		return (long)cut_off + chance(2 * PAGE);
	default:
		return (long)list + (chance(3) ? 0 : chance(LIST * 8));
	}
}

static long any_word(void)
{
	return chance(3) == 0 ? any_descriptor() : chance(2) ? any_number() : any_pointer();
}

/* Mostly what the call asks for. */
static long any_of(enum kind kind)
{
	if (chance(8) == 0)
		return any_word();
	return kind == FD ? any_descriptor() : kind >= ADDR && kind != MASK ? any_pointer() : any_number();
}

static void fill_list(void)
{
	static const char *const names[] = { "file", "directory", "/proc/self/maps", "/tmp", "x", "file/../x", "/proc/self/fd/3" };
	long *words = (long *)list;

	for (int i = 0; i < LIST; i++)
		words[i] = chance(3) ? 0 : any_word();
	if (chance(3) == 0)
		strcpy(list, names[chance(sizeof names / sizeof *names)]);
	if (chance(3) == 0)
		words[0] = (long)much, words[2] = (long)words + 64, words[4] = (long)words;
}

/* Where memory is changed, that is some that nobody needs. */
static void make(uint32_t which)
{
	const int nr = calls[which].nr;
	const int changes_memory = nr == SYS_mmap || nr == SYS_munmap || nr == SYS_mprotect || nr == SYS_mremap || nr == SYS_madvise || nr == SYS_brk;
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = any_of(calls[which].kinds[i]);
	if (changes_memory)
		a[0] = (long)much, a[1] &= MUCH - 1;
	*succeeded += raw(nr, a[0], a[1], a[2], a[3], a[4], a[5]) >= 0;
}

static void attempt(int number)
{
	const struct itimerval limit = { .it_value.tv_usec = USEC };

	(void)number;
	setitimer(ITIMER_REAL, &limit, NULL);
	setpgid(0, 0);
	much = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	list = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	keep_pairs(), keep_files(), keep_others();
	for (int i = 0; i < CALLS; i++) {
		uint32_t which = chance(CALLS_KNOWN);

		fill_list();
		if (!is_named(calls[which].name, left_out, sizeof left_out / sizeof *left_out))
			make(which);
	}
}

int main(void)
{
	succeeded = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	attempts(attempt, ATTEMPTS);
	say("%ld calls, %s\n", *succeeded, *succeeded < ENOUGH ? "too few" : "enough succeeded");
	return 0;
}
