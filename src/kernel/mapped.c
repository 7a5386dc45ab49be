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

/* How far beyond a file's end an alias goes, so that the host says what is wrong there; addresses are not for nothing. */
#define BEYOND_MAX (1ul << 30)

/* The file's first `length` bytes in kernel memory. */
struct alias {
	struct alias *before; /* shorter */
	char *at;
	size_t length;
	const struct vm *vm; /* of a retired one: where somebody may wait with a pointer into it */
};

/* Of files that nobody maps any more, but whose memory a call of another thread still has a pointer to. */
static struct alias *retired;

static struct mapped *all;

static uint64_t nanoseconds(const struct statx_timestamp *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/*
 * What is only read is the same if it has not changed since: where a file
 * system puts a copy in a file's place to write to it (overlayfs), device and
 * inode stay, but who had mapped it before keeps the old one.
 */
static bool same(const struct mapped *m, const struct mapped *wanted)
{
	return !m->original && m->device == wanted->device && m->inode == wanted->inode && m->writable == wanted->writable &&
	       (m->writable || m->changed == wanted->changed);
}

int mapped_get(int host, bool writable, struct mapped **out)
{
	struct mapped wanted = { .writable = writable }, *m;
	struct statx st;
	int error = disk_fstat(host, &st);

	if (error)
		return error;
	wanted.device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	wanted.inode = st.stx_ino;
	wanted.changed = nanoseconds(&st.stx_ctime);
	for (m = all; m && !same(m, &wanted); m = m->next)
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

static void close_retired(void)
{
	struct alias **link = &retired, *a;

	while ((a = *link)) {
		if (mapped_is_waited_in(a->vm)) {
			link = &a->before;
			continue;
		}
		*link = a->before;
		mapping_close(a->at, a->length);
		free(a);
	}
}

/* What one thread unmaps, another may be about to read into: then it stays until that call has ended. */
static void retire(struct mapped *m)
{
	for (struct alias *a = m->alias, *before; a; a = before) {
		before = a->before;
		a->before = retired;
		a->vm = current ? current_proc()->vm : NULL;
		retired = a;
	}
	close_retired();
}

void mapped_release(struct mapped *m)
{
	struct mapped **link;

	if (--m->uses > 0)
		return;
	retire(m);
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

/* Twice as far at least, so that a file that grows and grows has few. */
static bool make_alias(struct mapped *m, uint64_t reach)
{
	size_t length = m->alias ? 2 * m->alias->length : PAGE_SIZE;
	struct alias *a = malloc(sizeof *a);

	while (length < reach)
		length *= 2;
	if (!a)
		return false;
	while (!(a->at = mapping_open(m->host, length, m->writable)))
		if (!vm_evict_one(current_proc()->vm)) {
			free(a);
			return false;
		}
	a->length = length;
	a->before = m->alias;
	m->alias = a;
	return true;
}

void *mapped_pointer(struct mapped *m, uint64_t offset, size_t *length)
{
	size_t known = m->alias ? m->alias->length : 0;

	if (offset >= known || *length > known - offset) {
		uint64_t end = pages_of(m), reach = offset + *length;

		if (reach > end && reach - end < BEYOND_MAX)
			end = reach;
		if (end > known && make_alias(m, end))
			known = m->alias->length;
	}
	if (offset >= known)
		return NULL;
	if (*length > known - offset)
		*length = known - offset;
	return m->alias->at + offset;
}

uint64_t mapped_count(void)
{
	uint64_t n = 0;

	close_retired();
	for (const struct alias *a = retired; a; a = a->before)
		n++;
	for (const struct mapped *m = all; m; m = m->next)
		n++;
	return n;
}
