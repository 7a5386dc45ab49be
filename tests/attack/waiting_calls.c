/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen" */
#include "chance.h"

#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/uio.h>

/*
 * A thread waits in a call for what goes to a page; meanwhile the page becomes code, or is another's, in all ways; then evil code comes
 * and is called wherever it may have gone. waiting_read is the simplest of these.
 */
#define PAGES 16
#define YIELDS 50 /* so that who is to run has run by then */

static unsigned char *room, *elsewhere;
static int ends[2], file;

static void let_others_run(void)
{
	for (int i = 0; i < YIELDS; i++)
		sched_yield();
}

/* ---- Ways to wait ------------------------------------------------------ */

static void in_read(void)
{
	(void)!read(ends[0], room, CODE_SIZE);
}

static void in_readv(void)
{
	struct iovec pieces[3] = { { room, 5 }, { room + 5, 3 }, { room + 8, CODE_SIZE - 8 } };

	(void)!readv(ends[0], pieces, 3);
}

static void in_recv(void)
{
	(void)!recv(ends[0], room, CODE_SIZE, MSG_WAITALL);
}

static void in_recvmsg(void)
{
	struct iovec pieces[2] = { { room, 7 }, { room + 7, CODE_SIZE - 7 } };
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };

	(void)!recvmsg(ends[0], &message, MSG_WAITALL);
}

static void (*const waits[])(void) = { in_read, in_readv, in_recv, in_recvmsg };
#define WAITS (int)(sizeof waits / sizeof *waits)

static void *wait_in(void *call)
{
	((void (*)(void))call)();
	return NULL;
}

/* ---- What becomes of the page meanwhile -------------------------------- */

static void call_good(void)
{
	put_good(room, 1);
	call_whatever(room);
}

static void mapped_anew(void)
{
	munmap(room, PAGES * PAGE);
	mmap(room, PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	call_good();
}

static void mapped_over(void)
{
	mmap(room, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	call_good();
}

static void moved(void)
{
	(void)!mremap(room, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere);
	call_whatever(elsewhere);
}

static void moved_and_back(void)
{
	moved();
	(void)!mremap(elsewhere, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	call_whatever(room);
}

static void discarded(void)
{
	madvise(room, PAGES * PAGE, MADV_DONTNEED);
	call_good();
}

static void protected(void)
{
	mprotect(room, PAGES * PAGE, PROT_READ | PROT_EXEC);
	call_whatever(room);
}

static void of_a_file(void)
{
	mmap(room, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, 0);
	call_whatever(room);
}

static void rewritten(void)
{
	call_good();
	mprotect(room, PAGES * PAGE, PROT_READ | PROT_WRITE);
	put_good(room, 2);
	protected();
}

/* The child calls, too, before the bytes come and behind. */
static void forked(void)
{
	if (fork() == 0) {
		call_whatever(room);
		let_others_run();
		call_whatever(room);
		_exit(0);
	}
	call_whatever(room);
}

static void forked_and_written(void)
{
	if (fork() == 0) {
		call_good();
		(void)!write(ends[1], open_all, OPEN_ALL_SIZE);
		let_others_run();
		call_whatever(room);
		_exit(0);
	}
	let_others_run();
	call_whatever(room);
}

static void (*const changes[])(void) = { call_good, mapped_anew, mapped_over, moved, moved_and_back, discarded, protected, of_a_file, rewritten, forked,
					 forked_and_written };
#define CHANGES (int)(sizeof changes / sizeof *changes)

/* ---- The attempt ------------------------------------------------------- */

static void prepare(int by_socket)
{
	const int all = PROT_READ | PROT_WRITE | PROT_EXEC;

	faults_come_back();
	file = file_with("\xc3", 1);
	room = map(PAGES, all, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	elsewhere = map(PAGES, all, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	put_good(room, 1);
	if (by_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends))
		_exit(2);
}

/* By halves, so that who takes what there is takes it twice. */
static void send_evil(void)
{
	unsigned char code[CODE_SIZE];

	put_evil(code);
	for (int half = 0; half < 2; half++) {
		(void)!write(ends[1], code + half * CODE_SIZE / 2, CODE_SIZE / 2);
		let_others_run();
	}
}

static void attempt(int number)
{
	int status;
	pthread_t thread;

	prepare(number % WAITS >= 2);
	if (pthread_create(&thread, NULL, wait_in, (void *)waits[number % WAITS]))
		_exit(2);
	let_others_run();
	changes[number / WAITS]();
	send_evil();
	call_whatever(room);
	call_whatever(elsewhere);
	while (waitpid(-1, &status, 0) > 0)
		if (has_stolen(status))
			_exit(STOLEN);
	_exit(0);
}

int main(void)
{
	attempts(attempt, WAITS * CHANGES);
	return 0;
}
