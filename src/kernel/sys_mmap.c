/* mmap(2) and mremap(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/sites.h"
#include "kernel/sys_mm.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

/* Flags that MAP_SHARED_VALIDATE knows of every file; the others are refused, not ignored. */
#define MAP_KNOWN (MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_ABOVE4G | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | \
		   MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | 31ul << MAP_HUGE_SHIFT)
#ifndef MAP_ABOVE4G
#define MAP_ABOVE4G 0x80
#endif

/*
 * Where a mapping goes: as demanded, as wished, or anywhere with so much room
 * before it. What it replaces stays until `make_way`. -errno on failure.
 */
static long choose_address(uint64_t wish, size_t length, uint64_t flags, size_t room)
{
	struct vm *vm = own();
	uintptr_t gap;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (wish % PAGE_SIZE)
			return -EINVAL;
		if (bad_range(wish, length) || !vm_may_hold(vm, wish, length) || touches_gate(wish, length))
			return -ENOMEM;
		return flags & MAP_FIXED_NOREPLACE && !vm_is_free(vm, wish, length) ? -EEXIST : (long)wish;
	}
	if (flags & MAP_32BIT)
		return -ENOMEM; /* no guest has these */
	wish &= ~(PAGE_SIZE - 1);
	if (wish && !bad_range(wish, length) && vm_may_hold(vm, wish, length) && vm_is_free(vm, wish, length))
		return (long)wish;
	gap = vm_find_gap(vm, room + length);
	return gap ? (long)(room + gap) : -ENOMEM;
}

static int make_way(uintptr_t at, size_t length)
{
	return vm_is_free(own(), at, length) ? 0 : vm_unmap(own(), at, length);
}

static bool is_regular(const struct file *f)
{
	struct statx st;

	return f->host >= 0 && disk_fstat(f->host, &st) == 0 && S_ISREG(st.stx_mode);
}

/* Linux's order of checks, for a place that is found. */
static int may_map(const struct file *f, uint64_t prot, uint64_t flags, size_t length, uint64_t offset)
{
	uint64_t kind = flags & MAP_TYPE;
	int access = f->flags & O_ACCMODE;

	if (offset > INT64_MAX || length > INT64_MAX - offset)
		return -EOVERFLOW;
	if (kind != MAP_SHARED && kind != MAP_SHARED_VALIDATE && kind != MAP_PRIVATE)
		return -EINVAL;
	if (kind == MAP_SHARED_VALIDATE && flags & ~MAP_KNOWN)
		return -EOPNOTSUPP;
	if (kind != MAP_PRIVATE && prot & PROT_WRITE && access == O_RDONLY)
		return -EACCES;
	if (access == O_WRONLY)
		return -EACCES;
	if (!f->ops->maps_zeros && !is_regular(f))
		return -ENODEV;
	return flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

static bool anonymous_kind(uint64_t flags)
{
	uint64_t kind = flags & MAP_TYPE;

	return kind == MAP_PRIVATE || (kind == MAP_SHARED && !(flags & MAP_GROWSDOWN));
}

static unsigned area_flags(uint64_t flags)
{
	return (flags & MAP_TYPE) != MAP_PRIVATE ? AREA_SHARED : 0;
}

static long map_anonymous(uint64_t wish, size_t length, uint64_t prot, uint64_t flags)
{
	long at = choose_address(wish, length, flags, 0);
	int error;

	if (at < 0)
		return at;
	if (!anonymous_kind(flags))
		return -EINVAL;
	error = make_way((uintptr_t)at, length);
	if (!error)
		error = vm_map(own(), (uintptr_t)at, length, protection(prot), area_flags(flags));
	return error ? error : at;
}

static long map_file(const struct file *f, const uint64_t *a, size_t length)
{
	uint64_t flags = a[3];
	long at = choose_address(a[0], length, flags, SLOTS_SIZE);
	int error;

	if (at < 0)
		return at;
	error = may_map(f, a[2], flags, length, a[5]);
	if (!error)
		error = make_way((uintptr_t)at, length);
	if (!error && f->ops->maps_zeros)
		error = vm_map(own(), (uintptr_t)at, length, protection(a[2]), area_flags(flags));
	else if (!error)
		error = vm_map_file(own(), (uintptr_t)at, length, protection(a[2]), (flags & MAP_TYPE) != MAP_PRIVATE,
				    f->host, a[5]);
	return error ? error : at;
}

long sys_mmap(const uint64_t *a)
{
	struct file *f = a[3] & MAP_ANONYMOUS ? NULL : file_get((int)a[4]);
	size_t length = pages(a[1]);

	if (a[5] % PAGE_SIZE)
		return -EINVAL;
	if (!(a[3] & MAP_ANONYMOUS) && (!f || f->flags & O_PATH))
		return -EBADF;
	if (a[1] == 0 || (f && a[3] & MAP_HUGETLB))
		return -EINVAL;
	if (length == 0)
		return -ENOMEM;
	if (a[5] / PAGE_SIZE + length / PAGE_SIZE < a[5] / PAGE_SIZE)
		return -EOVERFLOW;
	if (length > USER_LIMIT)
		return -ENOMEM;
	return f ? map_file(f, a, length) : map_anonymous(a[0], length, a[2], a[3]);
}

static long move(uintptr_t old, size_t old_length, uintptr_t new, size_t new_length)
{
	int error = vm_move(own(), old, old_length, new, new_length);

	return error ? error : (long)new;
}

/* MREMAP_FIXED: what is there makes way. */
static long move_to(uintptr_t old, size_t old_length, uintptr_t new, size_t new_length)
{
	int error;

	if (bad_range(new, new_length) || (new < old + old_length && old < new + new_length))
		return -EINVAL;
	if (!vm_may_hold(own(), new, new_length))
		return -ENOMEM;
	if (touches_gate(new, new_length))
		return -EPERM;
	error = make_way(new, new_length);
	return error ? error : move(old, old_length, new, new_length);
}

long sys_mremap(const uint64_t *a)
{
	struct vm *vm = own();
	uintptr_t old = a[0], gap;
	size_t from = pages(a[1]), to = pages(a[2]);
	const struct area *at;
	struct area area;

	if (a[3] & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED) || (a[3] & MREMAP_FIXED && !(a[3] & MREMAP_MAYMOVE)) ||
	    old % PAGE_SIZE || to == 0 || from == 0)
		return -EINVAL;
	if (bad_range(old, a[1]) || touches_gate(old, from))
		return -EFAULT;
	at = vm_area_at(vm, old);
	if (!at || at->end - old < from)
		return -EFAULT;
	area = *at;
	if (a[3] & MREMAP_FIXED)
		return to < USER_LIMIT ? move_to(old, from, a[4], to) : -EINVAL;
	if (to <= from)
		return to == from || vm_unmap(vm, old + to, from - to) == 0 ? (long)old : -ENOMEM;
	if (to < USER_LIMIT && vm_may_hold(vm, old, to) && vm_is_free(vm, old + from, to - from))
		return vm_map_like(vm, old + from, to - from, &area, old + from - area.start) == 0 ? (long)old : -ENOMEM;
	gap = to < USER_LIMIT && a[3] & MREMAP_MAYMOVE ? vm_find_gap(vm, to) : 0;
	return gap ? move(old, from, gap, to) : -ENOMEM;
}
