/* none: succeeds: neighbours; keys: fails "0 read, 0 written, 40 intact"; full: fails "0 read, 0 written, 40 intact" */
#include <setjmp.h>

#include "attack.h"

/*
 * 40 programs, more than there are keys, each in an address space of its own: each tries to read and to write a page of each of the
 * others. "neighbours N IN OUT" is one of them: it tells its address on OUT, gets all on IN, tells what it got at and what has
 * become of its own page, when all are through.
 */
#define COUNT 40

static uint64_t page[PAGE / 8] __attribute__((aligned(PAGE)));
static sigjmp_buf refused;
static volatile int got[3]; /* read, written, and its own is intact */

static void refuse(int signal)
{
	(void)signal;
	siglongjmp(refused, 1);
}

static void visit(volatile uint64_t *other, uint64_t of)
{
	if (sigsetjmp(refused, 1) == 0)
		got[0] += other[0] == of + 1;
	if (sigsetjmp(refused, 1) == 0) {
		other[1] = ~0ul;
		got[1]++;
	}
}

static void read_fully(int fd, void *to, size_t size)
{
	for (ssize_t n; size; to = (char *)to + n, size -= (size_t)n)
		if ((n = read(fd, to, size)) <= 0)
			_exit(2);
}

static int neighbour(uint64_t self, int in, int out)
{
	struct sigaction action = { .sa_handler = refuse };
	uint64_t *all[COUNT], *mine = page;
	char over;

	page[0] = page[1] = self + 1;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (write(out, &mine, sizeof mine) != sizeof mine)
		return 2;
	read_fully(in, all, sizeof all);
	for (uint64_t k = 0; k < COUNT; k++)
		if (k != self)
			visit(all[k], k);
	if (write(out, "", 1) != 1)
		return 2;
	read_fully(in, &over, 1);
	got[2] = page[0] == self + 1 && page[1] == self + 1;
	return write(out, (void *)got, sizeof got) != sizeof got;
}

static void start(char *self, int k, int in, int out)
{
	char number[16], ends[2][16];

	snprintf(number, sizeof number, "%d", k);
	snprintf(ends[0], sizeof ends[0], "%d", in);
	snprintf(ends[1], sizeof ends[1], "%d", out);
	if (vfork() == 0) {
		execl(self, self, number, ends[0], ends[1], NULL);
		_exit(127);
	}
}

int main(int argc, char **argv)
{
	uint64_t *all[COUNT];
	int to[COUNT][2], from[COUNT][2], sum[3] = { 0 }, one[3];
	char done;

	if (argc > 3)
		return neighbour(strtoul(argv[1], NULL, 10), atoi(argv[2]), atoi(argv[3]));
	for (int k = 0; k < COUNT; k++) {
		if (pipe(to[k]) || pipe(from[k]))
			return 2;
		start(argv[0], k, to[k][0], from[k][1]);
		read_fully(from[k][0], &all[k], sizeof all[k]);
	}
	for (int k = 0; k < COUNT; k++)
		if (write(to[k][1], all, sizeof all) != sizeof all)
			return 2;
	for (int k = 0; k < COUNT; k++)
		read_fully(from[k][0], &done, 1);
	for (int k = 0; k < COUNT; k++) {
		if (write(to[k][1], "", 1) != 1)
			return 2;
		read_fully(from[k][0], one, sizeof one);
		for (int i = 0; i < 3; i++)
			sum[i] += one[i];
	}
	while (wait(NULL) > 0)
		;
	say("%d read, %d written, %d intact\n", sum[0], sum[1], sum[2]);
	return 0;
}
