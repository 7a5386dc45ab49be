/* Files of the host that guests have mapped. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "kernel/mapped.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "machine/disk.h"
#include "machine/mapping.h"

#define VIEWS_MOST 256     /* without a pointer into them; others give way */
#define HELD_MOST 64       /* views that one call has pointers into: who wants more gets less */

/* A part of a file in kernel memory. */
struct view {
	struct view *next;   /* of the same file; or of those whose file nobody maps any more */
	bool orphan;         /* it is one of the latter */
	char *at;
	uint64_t offset;
	size_t length;
	unsigned holds;      /* threads whose calls have pointers into it */
	uint64_t used;       /* when, in terms of `uses` */
};

/* Of a thread. */
struct hold {
	struct hold *next;
	struct view *view;
};

static struct view *orphans;
static unsigned views; /* that are no orphans */
static uint64_t uses;

static struct mapped *all;

static uint64_t nanoseconds(const struct statx_timestamp *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static bool same_file(const struct mapped *m, const struct mapped *wanted)
{
	return !m->original && m->device == wanted->device && m->inode == wanted->inode;
}

/*
 * What is only read is the same if it has not changed since: where a file
 * system puts a copy in a file's place to write to it (overlayfs), device and
 * inode stay, but who had mapped it before keeps the old one. Of what guests
 * write through mappings no time tells: then a copy of its code is not to be
 * used again, but for the rest of an image of which a part is there.
 */
static bool same(const struct mapped *m, const struct mapped *wanted, const struct mapped *beside)
{
	return same_file(m, wanted) && m->writable == wanted->writable &&
	       (m->writable || (m->changed == wanted->changed && (!m->twin || !m->written || m == beside)));
}

/* Whether any guest may write to it through a mapping; from now on that holds for those that are only read, too. */
static bool note_writers(const struct mapped *wanted)
{
	bool written = wanted->writable;

	for (const struct mapped *m = all; m; m = m->next)
		written |= same_file(m, wanted) && m->writable;
	for (struct mapped *m = all; m && written; m = m->next)
		m->written |= same_file(m, wanted);
	return written;
}

int mapped_get(int host, bool writable, const struct mapped *beside, struct mapped **out)
{
	struct mapped wanted = { .writable = writable }, *m;
	struct statx st;
	int error = disk_fstat(host, &st);

	if (error)
		return error;
	wanted.device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	wanted.inode = st.stx_ino;
	wanted.changed = nanoseconds(&st.stx_ctime);
	wanted.written = note_writers(&wanted);
	for (m = all; m && !same(m, &wanted, beside); m = m->next)
		;
	if (!m) {
		m = malloc(sizeof *m);
		if (!m)
			return -ENOMEM;
		*m = wanted;
		m->host = mapping_duplicate(host);
		if (m->host < 0) {
			free(m);
			return -ENOMEM;
		}
		m->next = all;
		all = m;
	}
	m->uses++;
	*out = m;
	return 0;
}

struct mapped *mapped_new_copy(struct mapped *original, struct twin *twin)
{
	struct mapped *m = malloc(sizeof *m);

	if (!m)
		return NULL;
	*m = (struct mapped){ .uses = 1, .host = -1, .device = original->device, .inode = original->inode, .original = original,
			      .twin = twin, .next = all };
	mapped_hold(original);
	all = m;
	return m;
}

void mapped_hold(struct mapped *m)
{
	m->uses++;
}

bool mapped_is_waited_in(const struct vm *vm)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		for (const struct thread *t = p->vm == vm ? p->threads : NULL; t; t = t->sibling)
			if (t != current && t->pinned_end)
				return true;
	return false;
}

/* ---- What the kernel sees of them ------------------------------------- */

static void close_view(struct view **link)
{
	struct view *v = *link;

	*link = v->next;
	views -= !v->orphan;
	mapping_close(v->at, v->length);
	free(v);
}

void mapped_let_go(struct thread *t)
{
	for (struct hold *h = t->holds, *next; h; h = next) {
		struct view **link = &orphans;

		next = h->next;
		if (--h->view->holds == 0 && h->view->orphan) {
			while (*link != h->view)
				link = &(*link)->next;
			close_view(link);
		}
		free(h);
	}
	t->holds = NULL;
}

/* Calls that have ended hold nothing, though their threads have not said so. */
static void let_go_all(void)
{
	for (struct proc *p = proc_list; p; p = p->next)
		for (struct thread *t = p->threads; t; t = t->sibling)
			if (!t->pinned_end)
				mapped_let_go(t);
}

/* The one that nobody has looked at for longest, of those that nobody has a pointer into. */
static void close_oldest(void)
{
	struct view **oldest = NULL;

	let_go_all();
	for (struct mapped *m = all; m; m = m->next)
		for (struct view **link = &m->views; *link; link = &(*link)->next)
			if (!(*link)->holds && (!oldest || (*link)->used < (*oldest)->used))
				oldest = link;
	if (oldest)
		close_view(oldest);
}

static bool open_view(struct mapped *m, uint64_t offset, size_t length)
{
	struct view *v = malloc(sizeof *v);

	if (!v)
		return false;
	*v = (struct view){ .next = m->views, .offset = offset, .length = length };
	while (!(v->at = mapping_open(m->host, offset, length, m->writable)))
		if (!vm_evict_one(current_proc()->vm)) {
			free(v);
			return false;
		}
	m->views = v;
	views++;
	return true;
}

/* NULL: there is none. */
static struct view *find_view(const struct mapped *m, uint64_t offset)
{
	struct view *v = m->views;

	while (v && (offset < v->offset || offset >= v->offset + v->length))
		v = v->next;
	return v;
}

void *mapped_pointer(struct mapped *m, uint64_t offset, size_t *length)
{
	struct view *v = find_view(m, offset);

	if (!v) {
		if (views >= VIEWS_MOST)
			close_oldest();
		if (!open_view(m, offset & ~(MAPPED_VIEW - 1), MAPPED_VIEW))
			return NULL;
		v = m->views;
	}
	v->used = ++uses;
	if (*length > v->offset + v->length - offset)
		*length = v->offset + v->length - offset;
	return v->at + (offset - v->offset);
}

bool mapped_hold_view(struct mapped *m, uint64_t offset)
{
	struct view *v = find_view(m, offset);
	struct hold *h = current->holds;
	unsigned held = 0;

	for (; h && h->view != v; h = h->next)
		held++;
	if (h)
		return true;
	h = held < HELD_MOST ? malloc(sizeof *h) : NULL;
	if (!h)
		return false;
	*h = (struct hold){ current->holds, v };
	current->holds = h;
	v->holds++;
	return true;
}

/* What one thread unmaps, another may be about to read into: then it stays until that call has ended. */
static void close_views(struct mapped *m)
{
	for (struct view *v; (v = m->views);) {
		if (!v->holds) {
			close_view(&m->views);
			continue;
		}
		m->views = v->next;
		v->next = orphans;
		v->orphan = true;
		orphans = v;
		views--;
	}
}

/* ---- Their end -------------------------------------------------------- */

void mapped_release(struct mapped *m)
{
	struct mapped **link;

	if (--m->uses > 0)
		return;
	close_views(m);
	if (m->host >= 0)
		disk_close(m->host);
	if (m->original) {
		sites_forget(m->twin);
		mapped_release(m->original);
	}
	link = &all;
	while (*link != m)
		link = &(*link)->next;
	*link = m->next;
	free(m);
}

static uint64_t pages_of(const struct mapped *m)
{
	struct statx st;

	if (disk_fstat(m->host, &st) != 0)
		return 0;
	return (st.stx_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

size_t mapped_within(const struct mapped *m, uint64_t offset, size_t length)
{
	uint64_t end = pages_of(m);

	if (offset >= end)
		return 0;
	return end - offset < length ? end - offset : length;
}

uint64_t mapped_count(void)
{
	uint64_t n = 0;

	for (const struct view *v = orphans; v; v = v->next)
		n++;
	for (const struct mapped *m = all; m; m = m->next)
		n++;
	return n;
}
