#define _GNU_SOURCE
#include "fake_fs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "machine/disk.h"

#define FILES 50

struct fake_node fake_nodes[FAKE_NODES];
int fake_count;
struct proc fake_proc;
struct thread *current;

static struct file files[FILES];
static struct place places[FILES];
static int open_files;

/* ---- What path.c needs of the rest of the kernel ---------------------- */

static ssize_t no_entries(struct file *f, void *buffer, size_t room)
{
	(void)f, (void)buffer, (void)room;
	return 0;
}

static int stat_file(struct file *f, struct statx *st)
{
	(void)f;
	*st = (struct statx){ .stx_mode = S_IFREG };
	return 0;
}

const struct file_ops host_file = { .stat = stat_file }, host_directory = { .stat = stat_file, .entries = no_entries };

int file_place(struct file *f, struct place *out)
{
	char name[2 * PATH_MAX];

	if (!f->at)
		return -ENOENT;
	*out = *f->at;
	if (place_name(out, name, sizeof name) < 0)
		return -ENAMETOOLONG;
	return fake_find(name[1] ? name : "") ? 0 : -ENOENT;
}

int file_where(struct file *f, struct place *out)
{
	return f->ops->entries ? file_place(f, out) : -ENOTDIR;
}

long string_in(char *to, uintptr_t from, size_t room)
{
	(void)to, (void)from, (void)room;
	return -EFAULT;
}

/* ---- Files as the machine has them ------------------------------------ */

static void full_name(const struct place *at, char *to)
{
	if (place_name(at, to, PATH_MAX) < 0)
		abort();
	if (!to[1])
		*to = 0;
}

/* A walk must know which mount is asked: the longest that the name is below of. */
static void check_mount(const struct place *at, const char *full)
{
	for (const struct mount *m = mounts; m != at->mount; m = m->next) {
		size_t n = strlen(m->at);

		if (!m->next || (strncmp(full, m->at, n) == 0 && (full[n] == '/' || !full[n])))
			abort();
	}
}

/* Without following anything: what stands in the way is an error. */
static int find_strictly(const struct place *at, struct fake_node **out)
{
	size_t length = at->mount->at[1] ? strlen(at->mount->at) : 0;
	char full[PATH_MAX], part[PATH_MAX];

	full_name(at, full);
	check_mount(at, full);
	for (const char *end = full + length;; end++) {
		struct fake_node *n;

		end = strchrnul(end, '/');
		memcpy(part, full, (size_t)(end - full));
		part[end - full] = 0;
		if (strlen(strrchr(part, '/') ? strrchr(part, '/') : "") > 1 + NAME_MAX)
			return -ENAMETOOLONG;
		n = fake_find(part);
		if (!n)
			return -ENOENT;
		*out = n;
		if (!*end)
			return 0;
		if (n->kind != 'd')
			return n->kind == 's' ? -EACCES : n->kind == 'f' ? -ENOTDIR : -ELOOP;
	}
}

static int fake_stat(const struct place *at, struct statx *st)
{
	struct fake_node *n;
	int error = find_strictly(at, &n);

	if (!error)
		*st = (struct statx){ .stx_mode = strchr("ds", n->kind) ? S_IFDIR : n->kind == 'f' ? S_IFREG : S_IFLNK };
	return error;
}

static ssize_t fake_readlink(const struct place *at, char *to, size_t room)
{
	struct fake_node *n;
	int error = find_strictly(at, &n);
	size_t length;

	if (error || !strchr("lj", n->kind))
		return error ? error : -EINVAL;
	length = strlen(n->target) < room ? strlen(n->target) : room;
	memcpy(to, n->target, length);
	return (ssize_t)length;
}

static struct file *fake_file(const struct place *link)
{
	struct fake_node *n;

	return find_strictly(link, &n) == 0 ? n->file : NULL;
}

const struct fs fs_host = { .stat = fake_stat, .readlink = fake_readlink, .file = fake_file };
const struct fs fs_dev = { .stat = fake_stat, .readlink = fake_readlink, .file = fake_file };

int disk_access(int root, const char *name, int mode)
{
	struct mount *m = mounts;
	struct place at = { .file = NULL };
	struct fake_node *n;

	while (m->root != root)
		m = m->next;
	at.mount = m;
	strcpy(at.name, name);
	if (mode != MAY_SEARCH || find_strictly(&at, &n) != 0)
		return -EINVAL;
	return n->kind == 's' ? -EACCES : 0;
}

/* ---- Making it -------------------------------------------------------- */

struct fake_node *fake_find(const char *name)
{
	for (int i = 0; i < fake_count; i++)
		if (strcmp(fake_nodes[i].name, name) == 0)
			return &fake_nodes[i];
	return NULL;
}

static void drop(struct fake_node *n)
{
	free(n->name);
	free(n->target);
	*n = fake_nodes[--fake_count];
}

void fake_clear(void)
{
	while (fake_count)
		drop(&fake_nodes[0]);
	for (struct mount *m; (m = mounts);) {
		mounts = m->next;
		free(m->at);
		free(m);
	}
	open_files = 0;
	fake_nodes[fake_count++] = (struct fake_node){ strdup(""), 'd', NULL, NULL };
	fake_mount("/", false);
	fake_proc.cwd = fake_open("/");
}

bool fake_add(const char *name, char kind, const char *target)
{
	const char *slash = strrchr(name, '/');
	char *parent = slash ? strndup(name, (size_t)(slash - name)) : NULL;
	struct fake_node *above = parent ? fake_find(parent) : NULL;
	bool good = above && above->kind == 'd' && slash[1] && strcmp(slash, "/.") && strcmp(slash, "/..") && !fake_find(name) &&
		    strlen(name) < PATH_MAX && fake_count < FAKE_NODES;

	free(parent);
	if (good)
		fake_nodes[fake_count++] = (struct fake_node){ strdup(name), kind, target ? strdup(target) : NULL, NULL };
	return good;
}

bool fake_mount(const char *name, bool made_up)
{
	struct fake_node *n = fake_find(name[1] ? name : "");
	struct mount *m, **link = &mounts;
	static int roots;

	if (!n || n->kind != 'd')
		return false;
	while (*link && strlen((*link)->at) > strlen(name))
		link = &(*link)->next;
	m = calloc(1, sizeof *m);
	*m = (struct mount){ .at = strdup(name), .fs = made_up ? &fs_dev : &fs_host, .root = roots++, .next = *link };
	*link = m;
	return true;
}

struct file *fake_open(const char *name)
{
	struct fake_node *n = fake_find(name[1] ? name : "");
	struct file *f = &files[open_files];
	struct place *at = &places[open_files++];

	if (!n || open_files > FILES)
		abort();
	*f = (struct file){ .ops = strchr("ds", n->kind) ? &host_directory : &host_file, .uses = 1, .at = at };
	if (path_walk(&fake_proc, -1, name, 0, at, NULL) != 0)
		abort();
	return f;
}

void fake_remove(const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < fake_count;)
		if (strncmp(fake_nodes[i].name, name, n) == 0 && (fake_nodes[i].name[n] == '/' || !fake_nodes[i].name[n]))
			drop(&fake_nodes[i]);
		else
			i++;
}
