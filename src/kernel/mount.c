/*
 * The name space that the command line asks for: the host's directories below
 * "/" read-only, the current directory writable, a /tmp in memory, and what the
 * kernel makes up. Made at boot, fixed from then on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/kernel.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "machine/device.h"
#include "machine/disk.h"

#define STICKY_FOR_ALL 01777u /* as /tmp is */

static char message[PATH_MAX + 200];
static char start[PATH_MAX] = "/"; /* where programs start */
static unsigned inherited_umask;

const char *mounts_start(void)
{
	return start;
}

unsigned mounts_umask(void)
{
	return inherited_umask;
}

static const char *wrong(const char *option, const char *name, const char *why)
{
	snprintf(message, sizeof message, "%s%s%s: %s", option, *option ? " " : "", name, why);
	return message;
}

/* Takes over the root. */
static const char *add(const char *at, const struct fs *fs, int root, bool writable)
{
	struct mount *m = calloc(1, sizeof *m), **link = &mounts;

	if (!m || !(m->at = strdup(at)))
		return "not enough memory for the mounts";
	m->fs = fs;
	m->root = root;
	m->writable = writable;
	while (*link && strlen((*link)->at) > strlen(at))
		link = &(*link)->next;
	m->next = *link;
	*link = m;
	return NULL;
}

static struct mount *mounted_at(const char *name)
{
	for (struct mount *m = mounts; m; m = m->next)
		if (strcmp(m->at, name) == 0)
			return m;
	return NULL;
}

/* Is the name, from `root`, the directory itself? */
static bool is_same(int directory, int root, const char *name)
{
	struct statx a, b;

	return disk_fstat(directory, &a) == 0 && disk_stat(root, name, &b) == 0 && a.stx_ino == b.stx_ino &&
	       a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor;
}

/* Whoever starts uos in his home directory did not mean to hand out all that he has. */
static bool is_home(int directory, const char *home)
{
	int fd = home ? disk_root(home) : -ENOENT;
	bool same = fd >= 0 && is_same(directory, fd, "");

	if (fd >= 0)
		disk_close(fd);
	return same;
}

/* A directory of the private /tmp to mount on, with all above it; `name` is from its root. */
static const char *make_directories(const struct mount *tmp, const char *name)
{
	char part[PATH_MAX];
	int error;

	for (const char *end = name; *end; end += *end == '/') {
		end = strchrnul(end, '/');
		memcpy(part, name, (size_t)(end - name));
		part[end - name] = 0;
		error = disk_mkdir(tmp->root, part, 0755);
		if (error && error != -EEXIST)
			return wrong("", tmp->at, strerror(-error));
	}
	return NULL;
}

/* NULL, or what comes after the directory's name. */
static const char *below(const char *name, const char *directory)
{
	size_t n = directory[1] ? strlen(directory) : 0;

	return strncmp(name, directory, n) == 0 && (name[n] == '/' || !name[n]) ? name + n : NULL;
}

/*
 * The host's current directory, where guests see it: writable, but at home; no
 * more to see in "/" than there is anyway. In /tmp itself the private one wins.
 */
static const char *mount_current(int *here, const struct kernel_options *o)
{
	const char *in_tmp = below(start, "/tmp"), *error;
	bool home = is_home(*here, o->home);

	if (below(start, "/dev") || below(start, "/proc") || below(start, "/sys"))
		return wrong("", start, "guests see none of the host's /dev, /proc and /sys: start uos in another directory");
	if (!start[1] || (home && !in_tmp) || (in_tmp && !*in_tmp))
		return NULL;
	error = in_tmp ? make_directories(mounted_at("/tmp"), in_tmp + 1) : NULL;
	if (!error)
		error = add(start, &fs_host, *here, !home);
	if (!error)
		*here = -1; /* the mount's now */
	return error;
}

static const char *find_current(int root, const struct kernel_options *o)
{
	int here = disk_root(".");
	ssize_t n = here < 0 ? here : disk_name(root, here, start + 1, sizeof start - 1);
	const char *error = NULL;

	if (n < 0) {
		start[1] = 0; /* with --root: not below it */
		if (!o->root)
			error = wrong("", "the current directory", strerror((int)-n));
	} else {
		error = mount_current(&here, o);
	}
	if (here >= 0)
		disk_close(here);
	return error;
}

/* A directory by the name that guests have for it, from where they start. */
static const char *find_directory(const char *option, const char *name, struct place *out)
{
	char full[2 * PATH_MAX];
	struct statx st;
	int error;

	snprintf(full, sizeof full, "%s/%s", *name == '/' ? "" : start, name);
	error = path_walk(NULL, -1, full, WALK_FOLLOW, out, NULL);
	if (!error)
		error = place_stat(out, &st);
	if (!error && !S_ISDIR(st.stx_mode))
		error = -ENOTDIR;
	if (error == -ENOENT)
		return wrong(option, name, "no such directory: make it first (it is named as guests see it)");
	return error ? wrong(option, name, strerror(-error)) : NULL;
}

static const char *set_writable(const char *option, const char *name, bool writable)
{
	char canonical[PATH_MAX];
	struct place at;
	const char *error = find_directory(option, name, &at);
	struct mount *m;
	int root;

	if (error)
		return error;
	if (at.mount->fs != &fs_host)
		return wrong(option, name, "not the host's: guests' /dev, /proc and /sys are uos's own");
	if (place_name(&at, canonical, sizeof canonical) < 0)
		return wrong(option, name, strerror(ENAMETOOLONG));
	m = mounted_at(canonical);
	if (!m) {
		root = disk_open(at.mount->root, at.name, O_PATH | O_DIRECTORY, 0);
		error = root < 0 ? wrong(option, name, strerror(-root)) : add(canonical, &fs_host, root, writable);
		if (error)
			return error;
		m = mounted_at(canonical);
	}
	if (m->named && m->writable != writable)
		return wrong(option, name, "--rw says otherwise: leave out one of them");
	m->writable = writable;
	m->named = true;
	return NULL;
}

static const char *set_all(const char *option, char **names, bool writable)
{
	const char *error = NULL;

	for (; names && *names && !error; names++)
		error = set_writable(option, *names, writable);
	return error;
}

/* Does the mount show what is there without it, to be changed as that is? */
static bool adds_nothing(const struct mount *m)
{
	const struct mount *around = m->next;

	while (around && !below(m->at, around->at))
		around = around->next;
	return around && m->fs == &fs_host && around->fs == &fs_host && m->writable == around->writable &&
	       is_same(m->root, around->root, below(m->at, around->at) + 1);
}

/* Files move freely only within a mount: so no more of them than are needed. */
static void unmount_needless(void)
{
	for (struct mount **link = &mounts, *m; (m = *link);)
		if (adds_nothing(m)) {
			*link = m->next;
			disk_close(m->root);
			free(m->at);
			free(m);
		} else {
			link = &m->next;
		}
}

static const char *set_start(const char *name)
{
	struct place at;
	const char *error = find_directory("--cwd", name, &at);

	if (!error && place_name(&at, start, sizeof start) < 0)
		error = wrong("--cwd", name, strerror(ENAMETOOLONG));
	return error;
}

/* A directory of the private file system, for all to write in. */
static const char *mount_private(const char *at, int memory, const char *name)
{
	int error = disk_mkdir(memory, name, STICKY_FOR_ALL), root;

	root = error ? error : disk_open(memory, name, O_PATH | O_DIRECTORY, 0);
	return root < 0 ? wrong("", at, strerror(-root)) : add(at, &fs_host, root, true);
}

static const char *mount_memory(void)
{
	int memory = disk_private();
	const char *error;

	if (memory < 0)
		return wrong("", "/tmp", "neither a memory file system nor a directory in /dev/shm is to be had");
	error = mount_private("/tmp", memory, "tmp");
	if (!error)
		error = mount_private("/dev/shm", memory, "shm");
	disk_close(memory);
	return error;
}

static const char *mount_base(const struct kernel_options *o, int *root)
{
	const char *error;

	*root = disk_root(o->root ? o->root : "/");
	if (*root < 0)
		return wrong(o->root ? "--root" : "", o->root ? o->root : "/", strerror(-*root));
	device_terminal();
	(void)((error = add("/", &fs_host, *root, false)) || (error = mount_memory()) ||
	       (error = add("/dev", &fs_dev, -1, false)) || (error = add("/dev/pts", &fs_pts, -1, false)) ||
	       (error = add("/proc", &fs_proc, -1, false)) ||
	       (error = add("/sys", &fs_sys, -1, false)));
	return error;
}

const char *mounts_boot(const struct kernel_options *o)
{
	const char *error;
	int root;

	inherited_umask = disk_boot();
	if ((error = mount_base(o, &root)) || (error = find_current(root, o)) ||
	    (error = set_all("--rw", o->rw, true)) || (error = set_all("--ro", o->ro, false)))
		return error;
	unmount_needless();
	return o->cwd ? set_start(o->cwd) : NULL;
}
