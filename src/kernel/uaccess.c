/*
 * Access to a guest's memory. An address is looked up among the caller's areas
 * and reached through the kernel's alias of physical memory: whatever a guest
 * passes, the kernel cannot be talked into touching its own memory.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kernel/proc.h"

/* Where the guest's `va` is in kernel memory, and in *length at most how much of it. NULL if it may not. */
static char *reach(uintptr_t va, size_t *length, int prot)
{
	const struct area *a = vm_area_at(&current_proc()->vm, va);

	if (!a || !(a->prot & prot))
		return NULL;
	if (*length > a->end - va)
		*length = a->end - va;
	return (char *)phys_pointer(a->phys) + (va - a->start);
}

int copy_in(void *to, uintptr_t from, size_t length)
{
	for (size_t n; length > 0; length -= n, from += n, to = (char *)to + n) {
		const char *p;

		n = length;
		p = reach(from, &n, PROT_READ | PROT_EXEC);
		if (!p)
			return -EFAULT;
		memcpy(to, p, n);
	}
	return 0;
}

int copy_out(uintptr_t to, const void *from, size_t length)
{
	for (size_t n; length > 0; length -= n, to += n, from = (const char *)from + n) {
		char *p;

		n = length;
		p = reach(to, &n, PROT_WRITE);
		if (!p)
			return -EFAULT;
		memcpy(p, from, n);
	}
	return 0;
}

long string_in(char *to, uintptr_t from, size_t room)
{
	size_t done = 0;

	while (done < room) {
		size_t n = room - done;
		const char *p = reach(from + done, &n, PROT_READ), *end;

		if (!p)
			return -EFAULT;
		end = memchr(p, 0, n);
		memcpy(to + done, p, end ? (size_t)(end - p) + 1 : n);
		if (end)
			return (long)(done + (size_t)(end - p));
		done += n;
	}
	return -ENAMETOOLONG;
}

void event_text_in(struct event *e, uintptr_t from, size_t length)
{
	if (copy_in(e->text, from, length < EVENT_TEXT ? length : EVENT_TEXT) == 0)
		e->length = (uint32_t)length;
}

int user_pieces(uintptr_t va, size_t length, int prot, struct iovec *out, int max)
{
	int count = 0;

	for (size_t n; length > 0 && count < max; length -= n, va += n, count++) {
		char *p;

		n = length;
		p = reach(va, &n, prot);
		if (!p)
			return count ? count : -EFAULT;
		out[count] = (struct iovec){ p, n };
	}
	return count;
}
