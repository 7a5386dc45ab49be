/*
 * memfd_create: a file in memory without a name. It is the host's, so that it
 * maps as any file does; but what calls put there counts as its users' memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

#include "kernel/area.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define NAME_MOST 249 /* bytes: with "memfd:" before it a name of a file, as Linux */

#define BLOCK 512 /* bytes, of stx_blocks */

int memfd_reserve(struct file *f, uint64_t bytes)
{
	return f->in_memory && !area_affordable(bytes) ? -ENOSPC : 0;
}

void memfd_count(struct file *f)
{
	struct statx st;

	if (!f->in_memory || disk_fstat(f->host, &st) != 0)
		return;
	area_pay(st.stx_blocks * BLOCK, f->counted);
	f->counted = st.stx_blocks * BLOCK;
}

void memfd_forget(struct file *f)
{
	area_pay(0, f->counted);
}

long sys_memfd_create(const uint64_t *a)
{
	char name[NAME_MAX + 2];
	unsigned flags = (unsigned)a[1];
	long n = string_in(name, a[0], sizeof name);
	struct file *f;
	int host;

	if (flags & MFD_HUGETLB)
		return -EINVAL; /* no such pages are set aside here */
	if (n == -ENAMETOOLONG || n > NAME_MOST)
		return -EINVAL;
	if (n < 0)
		return n;
	host = disk_memory(name, flags);
	if (host < 0)
		return host;
	f = file_new(&host_file, O_RDWR);
	if (!f) {
		disk_close(host);
		return -ENFILE;
	}
	f->host = host;
	f->in_memory = true;
	return file_install(f, 0, flags & MFD_CLOEXEC);
}
