/* Page frames: the users of ranges of physical memory. */
#include <stdlib.h>
#include <string.h>

#include "kernel/frames.h"
#include "kernel/proc.h"

/* Consecutive pages with the same number of users; who has none is not listed. */
struct piece {
	phys_t start, end;
	int users;
};

static struct window {
	int holds;
	int count, capacity;
	struct piece *pieces; /* ascending, never overlapping, merged where they can be */
} windows[WINDOW_COUNT];

static struct window *window_of(phys_t at)
{
	return &windows[at / WINDOW_SIZE];
}

/* ---- Windows ---------------------------------------------------------- */

static void free_if_idle(unsigned window)
{
	struct window *w = &windows[window];

	if (w->holds || w->count)
		return;
	free(w->pieces);
	*w = (struct window){ 0 };
	phys_window_free(window);
}

unsigned frames_window_new(void)
{
	unsigned window = phys_window_alloc();

	if (window)
		windows[window].holds = 1;
	return window;
}

void frames_window_hold(unsigned window)
{
	windows[window].holds++;
}

void frames_window_release(unsigned window)
{
	windows[window].holds--;
	free_if_idle(window);
}

bool frames_only(unsigned window, int holds, uint64_t bytes)
{
	const struct window *w = &windows[window];
	uint64_t used = 0;

	for (int i = 0; i < w->count; i++)
		used += (w->pieces[i].end - w->pieces[i].start) * (uint64_t)w->pieces[i].users;
	return w->holds == holds && used == bytes;
}

/* ---- Pieces ----------------------------------------------------------- */

/* The first that ends above `at`. */
static int find(const struct window *w, phys_t at)
{
	int low = 0, high = w->count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (w->pieces[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What may lack is a mapping of the host's: those of address spaces that are not running can be made again. */
static void grow(struct window *w)
{
	struct piece *more;

	w->capacity = w->capacity ? 2 * w->capacity : 8;
	while (!(more = realloc(w->pieces, (size_t)w->capacity * sizeof *more)))
		if (!vm_evict_one(current ? current_proc()->vm : NULL))
			machine_panic("no memory to note who uses which page");
	w->pieces = more;
}

static void insert(struct window *w, int i, struct piece p)
{
	if (w->count == w->capacity)
		grow(w);
	memmove(w->pieces + i + 1, w->pieces + i, (size_t)(w->count - i) * sizeof p);
	w->pieces[i] = p;
	w->count++;
}

static void delete(struct window *w, int i)
{
	w->count--;
	memmove(w->pieces + i, w->pieces + i + 1, (size_t)(w->count - i) * sizeof *w->pieces);
}

/* Makes `at` a border between pieces. */
static void cut(struct window *w, phys_t at)
{
	int i = find(w, at);

	if (i == w->count || w->pieces[i].start >= at)
		return;
	insert(w, i, w->pieces[i]);
	w->pieces[i].end = w->pieces[i + 1].start = at;
}

static bool same(const struct piece *a, const struct piece *b)
{
	return a->end == b->start && a->users == b->users;
}

static void merge(struct window *w, phys_t start, phys_t end)
{
	int i = find(w, start ? start - 1 : 0);

	while (i + 1 < w->count && w->pieces[i].start <= end) {
		if (same(&w->pieces[i], &w->pieces[i + 1])) {
			w->pieces[i].end = w->pieces[i + 1].end;
			delete(w, i + 1);
		} else {
			i++;
		}
	}
}

static struct window *window_of_all(phys_t at, size_t length)
{
	if (at / WINDOW_SIZE != (at + length - 1) / WINDOW_SIZE)
		machine_panic("memory at 0x%lx is of two windows", at);
	return window_of(at);
}

void frames_use(phys_t at, size_t length)
{
	struct window *w = window_of_all(at, length);
	phys_t end = at + length, next;

	cut(w, at);
	cut(w, end);
	for (phys_t from = at; from < end; from = next) {
		int i = find(w, from);

		next = i < w->count && w->pieces[i].start < end ? w->pieces[i].start : end;
		if (next > from) {
			insert(w, i, (struct piece){ from, next, 1 });
		} else {
			w->pieces[i].users++;
			next = w->pieces[i].end;
		}
	}
	merge(w, at, end);
}

void frames_leave(phys_t at, size_t length, bool wipe)
{
	struct window *w = window_of_all(at, length);
	phys_t end = at + length;
	int i;

	cut(w, at);
	cut(w, end);
	i = find(w, at);
	while (i < w->count && w->pieces[i].start < end) {
		struct piece *p = &w->pieces[i];

		if (--p->users > 0) {
			i++;
			continue;
		}
		if (wipe)
			phys_discard(p->start, p->end - p->start);
		delete(w, i);
	}
	merge(w, at, end);
	free_if_idle((unsigned)(at / WINDOW_SIZE));
}

bool frames_unused(phys_t at, size_t length)
{
	const struct window *w = window_of(at);
	int i = find(w, at);

	return i == w->count || w->pieces[i].start >= at + length;
}

int frames_users(phys_t at, phys_t *start, phys_t *end)
{
	const struct window *w = window_of(at);
	int i = find(w, at);

	if (i == w->count || w->pieces[i].start > at)
		machine_panic("memory at 0x%lx is in use, but nobody's", at);
	*start = w->pieces[i].start;
	*end = w->pieces[i].end;
	return w->pieces[i].users;
}

/* Between `from` and `to`, first fit. */
static phys_t gap_between(const struct window *w, phys_t from, phys_t to, size_t length)
{
	for (int i = find(w, from); from < to; from = w->pieces[i++].end) {
		phys_t end = i < w->count && w->pieces[i].start < to ? w->pieces[i].start : to;

		if (end > from && end - from >= length)
			return from;
		if (i == w->count)
			break;
	}
	return 0;
}

/* In the middle first: programs' addresses ask for its beginning and its end. */
phys_t frames_gap(unsigned window, size_t length)
{
	const struct window *w = &windows[window];
	phys_t base = window * WINDOW_SIZE, middle = base + WINDOW_SIZE / 2, end = base + WINDOW_SIZE;
	phys_t at = gap_between(w, middle, end, length);

	return at ? at : gap_between(w, base, end, length);
}
