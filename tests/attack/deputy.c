/* none: fails "0 wrong"; keys: fails "0 wrong"; full: fails "0 wrong" */
#include <sys/socket.h>
#include <time.h>

#include "attack.h"

/*
 * The confused deputy: each pointer of each call of the list is given addresses of the kernel, of physical memory, of the page that
 * guests read, of another guest. The answer must be that for an address where nothing is mapped, and a child that makes all calls
 * with all of them changes nothing.
 */
enum kind { NO, FD, INT, UINT, LONG, ULONG, SIZE, OFF, PID, SIG, FLAGS, MODE, PROT, CMD, ADDR, STR, BUF_IN, BUF_OUT, IOV_IN, IOV_OUT, TIME, TIME_OUT,
	    STRUCT_IN, STRUCT_OUT, MASK, PTR };

static const struct call {
	int nr;
	const char *name;
	enum kind kinds[6];
} calls[] = {
#define FULL 0
#define GENERAL 0
#define CALL(nr, name, full, ...) { nr, #name, { __VA_ARGS__ } },
#define REFUSE(nr, name, ...)
#define NONE(nr, name, ...)
#include "kernel/syscall.tbl"
};

/* What ends the caller, waits for ever, or makes another of it. */
static const char *const left_out[] = { "exit", "exit_group", "pause", "vfork", "fork", "clone", "rt_sigreturn", "rt_sigsuspend", "sync", "arch_prctl" };

static const char *const places[] = { "kernel_secret", "physical_victim", "victim", "user_page", "user_page_alias", "way_in_start", "kernel_stack",
				      "landing_pad", "cpu_pending" };
static char *good;   /* two pages of zeros */
static char *nobody; /* a page where nothing is mapped */
static int fds[4], wrong, faulted;

static int is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		if (!strcmp(left_out[i], name))
			return 1;
	return 0;
}

static int is_pointer(enum kind kind)
{
	return kind >= STR && kind <= PTR && kind != MASK;
}

static long value(enum kind kind, int fd)
{
	switch (kind) {
	case FD:
		return fd;
	case SIZE: case UINT:
		return 64;
	case PID: case SIG: case FLAGS: case OFF: case CMD: case MASK:
		return 0;
	case INT: case LONG: case ULONG:
		return 1;
	case MODE:
		return 0700;
	case PROT:
		return PROT_READ;
	case STR:
		return (long)".";
	default:
		return (long)good;
	}
}

static long make(const struct call *call, int which, long pointer, int fd)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = i == which ? pointer : value(call->kinds[i], fd);
	return raw(call->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* As with a pointer to nothing, twice, because calls change what the next one finds; 0 for the length of nothing. */
static void compare(const struct call *call, int which, int fd)
{
	long first = make(call, which, (long)nobody, fd), second = make(call, which, (long)nobody, fd);

	faulted += second == -EFAULT;
	if (first != second)
		return;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		long result = make(call, which, (long)at(places[i]), fd);

		if (result != second)
			say("wrong: %s, argument %d, %s: %ld, not %ld\n", call->name, which + 1, places[i], result, second), wrong++;
	}
}

static void prepare(void)
{
	good = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	nobody = map(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	munmap(nobody, PAGE);
	fds[0] = open("scratch", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fds[0] < 0 || write(fds[0], good, PAGE) != (ssize_t)PAGE || socketpair(AF_UNIX, SOCK_STREAM, 0, fds + 1) ||
	    write(fds[2], good, PAGE) != (ssize_t)PAGE)
		_exit(2);
	fds[3] = open(".", O_RDONLY | O_DIRECTORY);
	alarm(2); /* for what waits all the same */
}

/* In a child: whatever it changes in its process is gone afterwards. */
static void all_places(const struct call *call, int which, int fd)
{
	int status, counts[2], ends[2];
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0)
		exit(2);
	if (child == 0) {
		prepare();
		compare(call, which, fds[fd]);
		counts[0] = wrong, counts[1] = faulted;
		_exit(write(ends[1], counts, sizeof counts) != sizeof counts);
	}
	close(ends[1]);
	if (read(ends[0], counts, sizeof counts) != sizeof counts)
		counts[0] = wrong, counts[1] = faulted;
	wrong = counts[0], faulted = counts[1];
	close(ends[0]);
	waitpid(child, &status, 0);
}

int main(void)
{
	char physical[32];
	int pointers = 0;

	snprintf(physical, sizeof physical, "%lx", alias_of((void *)at("victim")));
	setenv("physical_victim", physical, 1);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		for (int which = 0; which < 6 && !is_left_out(calls[i].name); which++) {
			if (!is_pointer(calls[i].kinds[which]))
				continue;
			pointers++;
			for (int fd = 0; fd < (calls[i].kinds[0] == FD ? 4 : 1); fd += 1 + (fd == 1))
				all_places(&calls[i], which, fd);
		}
	say("%d pointers, %d times EFAULT for nothing\n", pointers, faulted);
	say("%d wrong%s\n", wrong, faulted < pointers / 2 ? ", but few arguments were looked at" : "");
	return wrong || faulted < pointers / 2;
}
