/*
 * family spin COUNT: parent and three children spin at the same addresses, each with values of its own.
 * family heap MB: a heap of which every second page is written to after fork, by parent and child.
 * family nest DEPTH: each forks the next, which sees what all before it wrote.
 * family crowd COUNT: so many children at once, each with its number in memory.
 * family shared: what is written to shared memory is seen by the other, what is written to private memory is not.
 * family orphans COUNT: children who look at their memory when their parent has ended, and have children themselves.
 * family change: munmap, mmap, mprotect, mremap and MADV_DONTNEED of what two have since fork.
 * family threads COUNT: threads wait in read, in write and for a futex while another forks and writes to the pages around.
 * family calls: the kernel writes to what two have since fork.
 * Each ends with "family: ok" if all is as it should be.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, CHILDREN = 3, PAGES = 200 };

static volatile long value;
static char big[PAGES * PAGE];

static void check(int right, const char *what)
{
	if (right)
		return;
	dprintf(2, "family: %s\n", what);
	_exit(1);
}

static pid_t forked(void)
{
	pid_t pid = fork();

	check(pid >= 0, "no fork");
	return pid;
}

/* So many children end, and well. */
static void wait_for(long count)
{
	int status;

	while (count-- > 0) {
		check(wait(&status) > 0, "a child is missing");
		check(status == 0, "a child has failed");
	}
	check(wait(&status) < 0, "a child too many");
}

static char *memory(size_t length, int flags)
{
	char *p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);

	check(p != MAP_FAILED, "no memory");
	return p;
}

static void spin(long count, char own)
{
	volatile long on_stack = own;

	value = own;
	for (long i = 0; i < count; i++) {
		volatile char *page = big + i % PAGES * PAGE;

		check(*page == (i < PAGES ? 'p' : own), "another's page");
		*page = own;
		check(value == own + i && on_stack == own + i, "another's value");
		value++;
		on_stack++;
		for (volatile int work = 0; work < 5000; work++)
			;
	}
}

static void family_spin(long count)
{
	memset(big, 'p', sizeof big);
	for (char i = 1; i <= CHILDREN; i++)
		if (forked() == 0) {
			spin(count, i);
			_exit(0);
		}
	spin(count, 'f');
	wait_for(CHILDREN);
}

static void write_every_second(char *p, long pages, char own)
{
	for (long i = 0; i < pages; i += 2)
		p[i * PAGE] = own;
}

static void check_heap(const char *p, long pages, char own)
{
	for (long i = 0; i < pages; i++)
		check(p[i * PAGE] == (i % 2 ? 'p' : own), "the heap is not what was written to it");
}

static void family_heap(long mb)
{
	long pages = mb * 256;
	char *p = memory(pages * PAGE, MAP_PRIVATE);

	for (long i = 0; i < pages; i++)
		p[i * PAGE] = 'p';
	if (forked() == 0) {
		write_every_second(p, pages, 'c');
		check_heap(p, pages, 'c');
		_exit(0);
	}
	write_every_second(p, pages, 'f');
	check_heap(p, pages, 'f');
	wait_for(1);
	check_heap(p, pages, 'f');
	for (long i = pages - 1; i >= 0; i -= 7) /* alone again, and backwards */
		p[i * PAGE] = 'a';
	for (long i = pages - 1; i >= 0; i -= 7)
		check(p[i * PAGE] == 'a', "the heap is not its own again");
}

static void nest(long depth, long left)
{
	big[(depth - left) * PAGE] = (char)left;
	if (left > 0 && forked() == 0) {
		nest(depth, left - 1);
		_exit(0);
	}
	if (left > 0)
		wait_for(1);
	for (long i = 0; i < PAGES; i++)
		check(big[i * PAGE] == (i <= depth - left ? (char)(depth - i) : 'p'), "an ancestor's page");
}

static void family_nest(long depth)
{
	memset(big, 'p', sizeof big);
	nest(depth, depth);
}

static void family_crowd(long count)
{
	int gate[2];
	char byte;

	memset(big, 'p', sizeof big);
	check(pipe(gate) == 0, "no pipe");
	for (long i = 0; i < count; i++) {
		value = i;
		big[i % PAGES * PAGE] = 'x';
		if (forked() == 0) {
			close(gate[1]);
			check(read(gate[0], &byte, 1) == 0, "the gate is not closed");
			check(value == i, "another's number");
			check(big[i % PAGES * PAGE] == 'x' && (i >= PAGES || big[(i + 1) % PAGES * PAGE] == (i + 1 < PAGES ? 'p' : 'x')), "another's page");
			_exit(0);
		}
	}
	close(gate[1]);
	wait_for(count);
}

static void family_shared(long unused)
{
	char *shared = memory(PAGES * PAGE, MAP_SHARED), *private = memory(PAGES * PAGE, MAP_PRIVATE);

	memset(private, 'p', PAGES * PAGE);
	shared[PAGE] = 'p';
	if (forked() == 0) {
		check(shared[PAGE] == 'p', "shared before fork");
		for (long i = 0; i < PAGES; i++)
			shared[i * PAGE] = private[i * PAGE] = 'c';
		_exit(0);
	}
	wait_for(1);
	for (long i = 0; i < PAGES; i++)
		check(shared[i * PAGE] == 'c' && private[i * PAGE] == 'p', "shared and private");
}

static void family_orphans(long count)
{
	int up[2], down[2];
	char byte = 'x';

	memset(big, 'p', sizeof big);
	check(pipe(up) == 0 && pipe(down) == 0, "no pipe");
	if (forked() == 0) { /* the parent who ends */
		for (long i = 0; i < count; i++)
			if (forked() == 0) {
				close(down[1]);
				read(down[0], &byte, 1);
				spin(PAGES, (char)i);
				if (forked() == 0)
					check(big[0] == (char)i, "the parent's page");
				else
					wait_for(1);
				write(up[1], &byte, 1);
				_exit(0);
			}
		_exit(0);
	}
	wait_for(1);
	close(down[1]);
	for (long i = 0; i < 2 * count; i++)
		check(read(up[0], &byte, 1) == 1, "a grandchild is missing");
}

static void change(char *p)
{
	char *moved;

	check(munmap(p, 10 * PAGE) == 0, "munmap");
	check(mmap(p, 10 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p, "mmap");
	check(p[0] == 0 && p[9 * PAGE] == 0 && p[10 * PAGE] == 'p', "what was mapped anew is zero");
	p[5 * PAGE] = 'n';
	check(madvise(p + 20 * PAGE, 10 * PAGE, MADV_DONTNEED) == 0, "madvise");
	check(p[19 * PAGE] == 'p' && p[20 * PAGE] == 0 && p[29 * PAGE] == 0 && p[30 * PAGE] == 'p', "what was given up is zero");
	p[25 * PAGE] = 'n';
	check(mprotect(p + 40 * PAGE, 10 * PAGE, PROT_READ) == 0, "mprotect");
	check(mprotect(p + 45 * PAGE, 10 * PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect back");
	p[47 * PAGE] = 'n';
	moved = mremap(p + 60 * PAGE, 40 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
	check(moved != MAP_FAILED && moved[0] == 'p' && moved[39 * PAGE] == 'p' && moved[40 * PAGE] == 0, "mremap");
	memset(moved, 'm', 300 * PAGE);
	munmap(moved, 300 * PAGE);
}

static void family_change(long unused)
{
	char *p = memory(PAGES * PAGE, MAP_PRIVATE);

	memset(p, 'p', PAGES * PAGE);
	for (int i = 0; i < CHILDREN; i++)
		if (forked() == 0) {
			change(p);
			if (forked() == 0)
				check(p[5 * PAGE] == 'n' && p[25 * PAGE] == 'n' && p[47 * PAGE] == 'n', "the child's child");
			else
				wait_for(1);
			_exit(0);
		}
	wait_for(CHILDREN);
	for (long i = 0; i < PAGES; i++)
		check(p[i * PAGE] == 'p', "the parent has what a child changed");
	change(p);
}

static void family_calls(long unused)
{
	char *p = memory(PAGES * PAGE, MAP_PRIVATE);
	int fd[2];

	memset(p, 'p', PAGES * PAGE);
	check(pipe(fd) == 0, "no pipe");
	if (forked() == 0) {
		check(write(fd[1], "child", 5) == 5 && read(fd[0], p + 100 * PAGE - 2, 5) == 5, "through the pipe");
		check(memcmp(p + 100 * PAGE - 2, "child", 5) == 0 && p[100 * PAGE + 3] == 'p', "what was read");
		check(readlink("/proc/self/exe", p + 150 * PAGE, 5) == 5 && p[150 * PAGE] == '/', "what was asked");
		_exit(0);
	}
	wait_for(1);
	for (long i = 0; i < PAGES * PAGE; i++)
		check(p[i] == 'p', "the parent has what the kernel told the child");
}

enum { IN = 90 * PAGE, OUT = 120 * PAGE, LONG = 40 * PAGE };
static int in[2], out[2];
static pthread_mutex_t *mutex = (pthread_mutex_t *)(big + 60 * PAGE);

static void *reader(void *count)
{
	for (long i = 0; i < (long)count; i++) {
		check(read(in[0], big + IN, 5) == 5, "read");
		check(memcmp(big + IN, "hello", 5) == 0, "what was read is not there");
		memset(big + IN, 'p', 5);
	}
	return NULL;
}

static void *writer(void *count)
{
	for (long i = 0; i < (long)count; i++)
		check(write(out[1], big + OUT, LONG) == LONG, "write");
	return NULL;
}

static void *locker(void *count)
{
	for (long i = 0; i < (long)count; i++) {
		pthread_mutex_lock(mutex);
		pthread_mutex_unlock(mutex);
	}
	return NULL;
}

/* What the long write says, which waits for us after each piece. */
static void drain(void)
{
	static char piece[LONG];
	size_t had = 0;

	while (had < LONG) {
		ssize_t n = read(out[0], piece + had, LONG - had);

		check(n > 0, "read of what was written");
		had += n;
	}
	for (long i = 0; i < LONG; i++)
		check(piece[i] == 'p', "what was written is not what was there");
}

static void family_threads(long count)
{
	void *(*const work[])(void *) = { reader, writer, locker };
	pthread_t thread[3];

	memset(big, 'p', sizeof big);
	check(pipe(in) == 0 && pipe(out) == 0 && pthread_mutex_init(mutex, NULL) == 0, "no pipe");
	for (int i = 0; i < 3; i++)
		check(pthread_create(&thread[i], NULL, work[i], (void *)count) == 0, "no thread");
	for (long i = 0; i < count; i++) {
		pthread_mutex_lock(mutex);
		sched_yield();
		if (forked() == 0)
			_exit(0);
		for (long at = PAGE / 2; at < PAGES * PAGE; at += PAGE)
			if (at < OUT || at >= OUT + LONG)
				big[at] = (char)i;
		wait_for(1);
		pthread_mutex_unlock(mutex);
		check(write(in[1], "hello", 5) == 5, "write to the reader");
		drain();
	}
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(long);
	} kinds[] = {
		{ "spin", family_spin }, { "heap", family_heap }, { "nest", family_nest }, { "crowd", family_crowd },
		{ "shared", family_shared }, { "orphans", family_orphans }, { "change", family_change }, { "calls", family_calls },
		{ "threads", family_threads },
	};

	for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[1], kinds[i].name) == 0) {
			kinds[i].run(argc > 2 ? atol(argv[2]) : 0);
			dprintf(1, "family: ok\n");
			return 0;
		}
	return 2;
}
