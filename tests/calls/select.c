/* calls: select pselect6; stdin: some input */
#include <sys/select.h>
#include <time.h>

#include "say.h"

static unsigned long r[32], w[32], e[32];

static void sets(unsigned long read, unsigned long write, unsigned long other)
{
	memset(r, 0, sizeof r), memset(w, 0, sizeof w), memset(e, 0, sizeof e);
	r[0] = read, w[0] = write, e[0] = other;
}

static void show(void)
{
	say("  %lx %lx %lx\n", r[0], w[0], e[0]);
}

static void times(int fd)
{
	struct timeval little = {0, 3000}, none = {0, 0}, many = {0, 100000000}, less = {-1, 0}, minus = {0, -1}, much = {100, 0};
	struct timespec spec = {0, 3000000}, wrong = {0, 1000000000};

	sets(1ul << fd, 0, 0);
	CALL(select, fd + 1, r, 0, 0, &little);
	say("left %ld %d\n", (long)little.tv_sec, (long)little.tv_usec < 3000);
	show();
	sets(1ul << fd, 0, 0);
	CALL(select, fd + 1, r, w, e, &none);
	show();
	sets(0, 2, 0);
	CALL(select, 2, 0, w, 0, &many);
	say("left: %d, %d\n", many.tv_sec >= 4, many.tv_usec < 1000000);
	CALL(select, 2, 0, w, 0, &much);
	say("left: %d\n", much.tv_sec >= 4);
	CALL(select, 2, 0, w, 0, &less);
	CALL(select, 2, 0, w, 0, &minus);
	CALL(select, 2, 0, w, 0, BAD);
	little = (struct timeval){0, 2000};
	CALL(select, 0, 0, 0, 0, &little);
	say("left %ld %ld\n", (long)little.tv_sec, (long)little.tv_usec);
	CALL(pselect6, 0, 0, 0, 0, &spec, 0);
	say("left %ld %ld\n", (long)spec.tv_sec, (long)spec.tv_nsec);
	CALL(pselect6, 0, 0, 0, 0, &wrong, 0);
	CALL(pselect6, 0, 0, 0, 0, BAD, 0);
	CALL(pselect6, 0, 0, 0, 0, BAD, BAD);
}

static void masks(void)
{
	struct timespec none = {0, 0};
	unsigned long mask = ~0ul, now = 1;
	struct {
		void *at;
		unsigned long size;
	} given = {&mask, 8};

	CALL(pselect6, 0, 0, 0, 0, &none, &given);
	CALL(rt_sigprocmask, 0, 0, &now, 8);
	say("%lx\n", now);
	given.size = 4;
	CALL(pselect6, 0, 0, 0, 0, &none, &given);
	given.at = NULL;
	CALL(pselect6, 0, 0, 0, 0, &none, &given);
	given.at = BAD, given.size = 8;
	CALL(pselect6, 0, 0, 0, 0, &none, &given);
}

int main(void)
{
	int p[2], file = open("file", O_RDWR), path = open("file", O_PATH);
	char *edge = edge_pages();
	struct timeval none = {0, 0};
	unsigned long all;

	CALL(select, 1, &(unsigned long){1}, 0, 0, 0); /* until it is there */
	pipe(p);
	all = 7ul | 1ul << p[0] | 1ul << p[1] | 1ul << file | 1ul << path;
	sets(all & ~6ul, all & ~5ul, all);
	CALL(select, 64, r, w, e, 0);
	show();
	write(p[1], "x", 1);
	sets(1ul << p[0], 0, 0);
	CALL(select, p[0] + 1, r, 0, 0, 0);
	show();
	sets(1ul << p[0], 1ul << p[0], 1ul << p[0]);
	CALL(select, p[0], r, w, e, &none);
	show();
	sets(1ul << p[0] | 1ul << 40, 0, 0);
	CALL(select, 64, r, 0, 0, &none);
	show();
	sets(0, 1ul << 40, 0);
	CALL(select, 40, 0, w, 0, &none);
	show();
	sets(0, 0, 0);
	CALL(select, -1, r, 0, 0, &none);
	CALL(select, 0x100000001l, 0, 0, 0, &none);
	CALL(select, 5, BAD, 0, 0, &none);
	CALL(select, 5, 0, edge + GUARD, 0, &none);
	CALL(select, 0, BAD, 0, 0, &none);
	sets(0, 2, 0);
	memcpy(edge + GUARD - 8, w, 8);
	CALL(select, 2, 0, edge + GUARD - 8, 0, &none);
	CALL(select, 2, 0, edge + READABLE, 0, &none);
	times(p[0]);
	read(p[0], &all, 1);
	times(p[0]);
	close(p[1]);
	sets(1ul << p[0], 1ul << p[0], 1ul << p[0]);
	CALL(select, 64, r, w, e, &none);
	show();
	masks();
	return 0;
}
