/* /proc/PID/mounts and mountinfo. */
#define _GNU_SOURCE
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "kernel/fs_proc.h"
#include "machine/disk.h"

/* By number from the outside in, as they would have been mounted; NULL past the last. */
static const struct mount *mount_number(int number)
{
	int count = 0;
	const struct mount *m;

	for (m = mounts; m; m = m->next)
		count++;
	if (number >= count)
		return NULL;
	for (m = mounts; count > number + 1; count--)
		m = m->next;
	return m;
}

static const char *type_of(const struct mount *m)
{
	struct statfs s;

	if (m->fs != &fs_host)
		return m->fs == &fs_proc ? "proc" : m->fs == &fs_sys ? "sysfs" : m->fs == &fs_pts ? "devpts" : "devtmpfs";
	if (disk_statfs(m->root, "", &s) != 0)
		return "unknown";
	switch ((uint32_t)s.f_type) {
	case EXT4_SUPER_MAGIC:
		return "ext4";
	case TMPFS_MAGIC:
		return "tmpfs";
	case OVERLAYFS_SUPER_MAGIC:
		return "overlay";
	case XFS_SUPER_MAGIC:
		return "xfs";
	case BTRFS_SUPER_MAGIC:
		return "btrfs";
	case NFS_SUPER_MAGIC:
		return "nfs";
	default:
		return "unknown";
	}
}

static const char *source_of(const struct mount *m)
{
	return m->fs == &fs_host ? "host" : type_of(m);
}

/* Blanks in a name would end it. */
static void text_name(struct text *t, const char *name)
{
	for (; *name; name++) {
		if (strchr(" \t\n\\", *name))
			text_add(t, "\\%03o", (unsigned char)*name);
		else
			text_bytes(t, name, 1);
	}
}

void text_mounts(struct text *t, struct proc *p)
{
	const struct mount *m;

	(void)p;
	for (int i = 0; (m = mount_number(i)); i++) {
		text_add(t, "%s ", source_of(m));
		text_name(t, m->at);
		text_add(t, " %s %s,relatime 0 0\n", type_of(m), m->writable ? "rw" : "ro");
	}
}

void text_mountinfo(struct text *t, struct proc *p)
{
	const struct mount *m;

	(void)p;
	for (int i = 0; (m = mount_number(i)); i++) {
		struct place at = { .mount = m };
		struct statx st = { 0 };

		place_stat(&at, &st);
		text_add(t, "%d %d %u:%u / ", i + 2, i ? 2 : 1, st.stx_dev_major, st.stx_dev_minor);
		text_name(t, m->at);
		text_add(t, " %s,relatime - %s %s %s\n", m->writable ? "rw" : "ro", type_of(m), source_of(m),
			 m->writable ? "rw" : "ro");
	}
}
