/*
 * Access to a guest's memory. An address is looked up among the caller's areas
 * and reached through the kernel's alias of what is behind it: whatever a guest
 * passes, the kernel cannot be talked into touching its own memory.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kernel/code.h"
#include "kernel/mapped.h"
#include "kernel/proc.h"
#include "machine/mapping.h"

#define STRING_PIECE 64ul /* divides a page: what lies behind the string need not be there */

/*
 * Where the guest's `va` is in kernel memory, and in *length at most how much of
 * it. NULL if it may not. *from: the area, which if it is a file's may shrink under the copy.
 */
static char *reach(struct vm *vm, uintptr_t va, size_t *length, int prot, const struct area **from)
{
	const struct area *a = vm_area_at(vm, va);

	if (!a || !(a->prot & prot) || a->flags & AREA_EMPTY)
		return NULL;
	if (prot & PROT_WRITE && a->flags & (AREA_COW | AREA_CODE)) {
		int error;

		if (vm_write_fault(vm, va, &error) && error)
			return NULL;
		a = vm_area_at(vm, va);
	}
	if (*length > a->end - va)
		*length = a->end - va;
	*from = a;
	if (a->file)
		return mapped_pointer(a->file, a->at + (va - a->start), length);
	return (char *)phys_pointer(a->at) + (va - a->start);
}

static bool copy(void *to, const void *from, size_t length, const struct area *a)
{
	if (a->file)
		return copy_guarded(to, from, length);
	memcpy(to, from, length);
	return true;
}

int copy_in(void *to, uintptr_t from, size_t length)
{
	for (size_t n; length > 0; length -= n, from += n, to = (char *)to + n) {
		const char *p;
		const struct area *a;

		n = length;
		p = reach(current_proc()->vm, from, &n, PROT_READ | PROT_EXEC, &a);
		if (!p || !copy(to, p, n, a))
			return -EFAULT;
	}
	return 0;
}

int vm_write(struct vm *vm, uintptr_t to, const void *from, size_t length)
{
	for (size_t n; length > 0; length -= n, to += n, from = (const char *)from + n) {
		char *p;
		const struct area *a;

		n = length;
		p = reach(vm, to, &n, PROT_WRITE, &a);
		if (!p || !copy(p, from, n, a))
			return -EFAULT;
	}
	return 0;
}

int copy_out(uintptr_t to, const void *from, size_t length)
{
	return vm_write(current_proc()->vm, to, from, length);
}

long string_in(char *to, uintptr_t from, size_t room)
{
	size_t done = 0;

	while (done < room) {
		size_t n = STRING_PIECE - (from + done) % STRING_PIECE;
		const char *p, *end;
		const struct area *a;

		if (n > room - done)
			n = room - done;
		p = reach(current_proc()->vm, from + done, &n, PROT_READ, &a);
		if (!p || !copy(to + done, p, n, a))
			return -EFAULT;
		end = memchr(to + done, 0, n);
		if (end)
			return end - to;
		done += n;
	}
	return -ENAMETOOLONG;
}

void event_text_in(struct event *e, uintptr_t from, size_t length)
{
	if (copy_in(e->text, from, length < EVENT_TEXT ? length : EVENT_TEXT) == 0)
		e->length = (uint32_t)length;
}

/* Until its call ends; others of its memory may run while it waits, and fork. */
static void pin(uintptr_t start, uintptr_t end)
{
	bool first = current->pinned_end == 0;

	if (first || start < current->pinned)
		current->pinned = start;
	if (end > current->pinned_end)
		current->pinned_end = end;
}

/* Else a copy that another thread makes of the page, by writing to it, would leave this one behind. */
static bool make_own(struct proc *p, uintptr_t va)
{
	int error;

	return (!p->threads->sibling && p->vm->uses == 1) || !vm_write_fault(p->vm, va, &error) || !error;
}

/* The bytes are a file's: the kernel's view of them stays, too. */
static bool stays(const struct area *a, uintptr_t va)
{
	return !a->file || mapped_hold_view(a->file, a->at + (va - a->start));
}

int user_pieces(uintptr_t va, size_t length, int prot, struct iovec *out, int max)
{
	struct proc *self = current_proc();
	uintptr_t start = va;
	int count = 0;

	if (!current->pinned_end)
		mapped_let_go(current); /* of an earlier call */
	pin(start, start);
	for (size_t n; length > 0 && count < max; length -= n, va += n, count++) {
		const struct area *a;
		char *p;

		n = length;
		p = make_own(self, va) ? reach(self->vm, va, &n, prot, &a) : NULL;
		if (!p || !stays(a, va))
			break;
		out[count] = (struct iovec){ p, n };
	}
	pin(start, va);
	return count || length == 0 || max == 0 ? count : -EFAULT;
}
