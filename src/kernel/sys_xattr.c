/* Extended attributes: three ways to name a file, four things to do. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "kernel/names.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

enum way { BY_NAME, BY_LINK, BY_DESCRIPTOR };

static int find(enum way way, uint64_t which, struct place *at)
{
	if (way == BY_DESCRIPTOR)
		return name_of_descriptor((int)which, at);
	return name_walk(AT_FDCWD, which, way == BY_LINK ? AT_SYMLINK_NOFOLLOW : 0, at);
}

static int key_in(char key[XATTR_NAME_MAX + 1], uintptr_t from)
{
	long n = string_in(key, from, XATTR_NAME_MAX + 1);

	return n == 0 || n == -ENAMETOOLONG ? -ERANGE : n < 0 ? (int)n : 0;
}

static long change(const struct place *at, int op, const char *key, void *value, size_t size, int flags)
{
	const char *name;
	int root = name_to_change(at, &name);

	return root < 0 ? root : disk_xattr(root, name, op, key, value, size, flags);
}

/* What the kernel makes up has none. */
static long look(const struct place *at, int op, const char *key, void *value, size_t size)
{
	const char *name;
	int root = place_root(at, &name);

	if (root < 0)
		return op == 'l' ? 0 : -EOPNOTSUPP;
	return disk_xattr(root, name, op, key, value, size, 0);
}

/* a: which, key, value, size, flags */
static long set(enum way way, const uint64_t *a)
{
	char key[XATTR_NAME_MAX + 1];
	struct place at;
	void *value;
	long result;

	if ((int)a[4] & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	result = key_in(key, a[1]);
	if (result)
		return result;
	if (a[3] > XATTR_SIZE_MAX)
		return -E2BIG;
	value = malloc(a[3] + 1);
	if (!value)
		return -ENOMEM;
	result = copy_in(value, a[2], a[3]);
	if (!result)
		result = find(way, a[0], &at);
	if (!result)
		result = change(&at, 's', key, value, a[3], (int)a[4]);
	free(value);
	return result;
}

/* One that is got, or the list; size 0 asks how long it is. */
static long get(enum way way, uint64_t which, int op, const char *key, uintptr_t to, uint64_t size)
{
	size_t most = op == 'l' ? XATTR_LIST_MAX : XATTR_SIZE_MAX, room = size < most ? size : most;
	struct place at;
	long result = find(way, which, &at);
	void *value;

	if (result)
		return result;
	value = malloc(room + 1);
	if (!value)
		return -ENOMEM;
	result = look(&at, op, key, value, room);
	if (result == -ERANGE && size >= most)
		result = -E2BIG;
	if (result > 0 && size && copy_out(to, value, (size_t)result) != 0)
		result = -EFAULT;
	free(value);
	return result;
}

static long get_one(enum way way, const uint64_t *a)
{
	char key[XATTR_NAME_MAX + 1];
	int error = key_in(key, a[1]);

	return error ? error : get(way, a[0], 'g', key, a[2], a[3]);
}

static long list(enum way way, const uint64_t *a)
{
	return get(way, a[0], 'l', NULL, a[1], a[2]);
}

static long remove_one(enum way way, const uint64_t *a)
{
	char key[XATTR_NAME_MAX + 1];
	struct place at;
	int error = key_in(key, a[1]);

	if (!error)
		error = find(way, a[0], &at);
	return error ? error : change(&at, 'r', key, NULL, 0, 0);
}

long sys_setxattr(const uint64_t *a)
{
	return set(BY_NAME, a);
}

long sys_lsetxattr(const uint64_t *a)
{
	return set(BY_LINK, a);
}

long sys_fsetxattr(const uint64_t *a)
{
	return set(BY_DESCRIPTOR, a);
}

long sys_getxattr(const uint64_t *a)
{
	return get_one(BY_NAME, a);
}

long sys_lgetxattr(const uint64_t *a)
{
	return get_one(BY_LINK, a);
}

long sys_fgetxattr(const uint64_t *a)
{
	return get_one(BY_DESCRIPTOR, a);
}

long sys_listxattr(const uint64_t *a)
{
	return list(BY_NAME, a);
}

long sys_llistxattr(const uint64_t *a)
{
	return list(BY_LINK, a);
}

long sys_flistxattr(const uint64_t *a)
{
	return list(BY_DESCRIPTOR, a);
}

long sys_removexattr(const uint64_t *a)
{
	return remove_one(BY_NAME, a);
}

long sys_lremovexattr(const uint64_t *a)
{
	return remove_one(BY_LINK, a);
}

long sys_fremovexattr(const uint64_t *a)
{
	return remove_one(BY_DESCRIPTOR, a);
}
