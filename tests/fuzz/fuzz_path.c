/*
 * libFuzzer target: the input makes a name space, line by line, and walks in it. Each walk must end where a plain walk ends, which
 * looks at one component after the other and knows nothing of mounts; or with the same error. Lines:
 *
 *	d NAME, f NAME, s NAME		a directory, a file, a directory that may not be searched
 *	l NAME TEXT, j NAME OPEN	a link; one that is a descriptor, of the file by the name OPEN
 *	m NAME, u NAME			a mount, of the host's or made up
 *	c NAME, r NAME			the current directory from now on; a node removed
 *	w HEX NAME			a walk with these WALK_ flags
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/fake_fs.h"
#include "kernel/file.h"

#define LINKS 40
#define TEXT_MAX (2 * PATH_MAX) /* a name and the links in it, together */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

/* ---- A plain walk ----------------------------------------------------- */

struct plain {
	char at[TEXT_MAX]; /* "" is "/" */
	char text[2 * TEXT_MAX], *rest;
	size_t floor;
	unsigned flags, links;
	bool directory;
};

static const char *mount_of(const char *name)
{
	const char *best = NULL;

	for (const struct mount *m = mounts; m; m = m->next) {
		size_t n = m->at[1] ? strlen(m->at) : 0;

		if ((!best || n > strlen(best)) && strncmp(name, m->at, n) == 0 && (name[n] == '/' || !name[n]))
			best = m->at;
	}
	return best;
}

static bool may_search(const char *name)
{
	return fake_find(name)->kind != 's';
}

static int up(struct plain *p)
{
	if (p->flags & (WALK_BENEATH | WALK_IN_ROOT) && strlen(p->at) == p->floor)
		return p->flags & WALK_BENEATH ? -EXDEV : 0;
	if (*p->at)
		*strrchr(p->at, '/') = 0;
	return 0;
}

/* p->at is the link. */
static int through(struct plain *p, const struct fake_node *n)
{
	size_t length = strlen(n->target);
	char rest[2 * TEXT_MAX];

	if (++p->links > LINKS || p->flags & WALK_NO_LINKS)
		return -ELOOP;
	if (n->file) {
		if (p->flags & WALK_NO_JUMPS)
			return -ELOOP;
		if (p->flags & (WALK_BENEATH | WALK_IN_ROOT))
			return -EXDEV;
		if (*p->rest && !n->file->ops->entries)
			return -ENOTDIR;
		require(place_name(n->file->at, p->at, sizeof p->at) > 0);
		if (!p->at[1])
			*p->at = 0;
		return fake_find(p->at) ? 0 : *p->rest ? -ENOENT : 1;
	}
	if (!length)
		return -ENOENT;
	if (length >= TEXT_MAX - 1 - strlen(p->rest))
		return -ENAMETOOLONG;
	strcpy(rest, p->rest);
	strcpy(stpcpy(p->text, n->target), rest);
	p->rest = p->text;
	*strrchr(p->at, '/') = 0;
	if (*p->rest != '/')
		return 0;
	if (p->flags & WALK_BENEATH)
		return -EXDEV;
	p->at[p->flags & WALK_IN_ROOT ? p->floor : 0] = 0;
	return 0;
}

/* One component. 1: the walk ends at an open file without a name. */
static int one(struct plain *p)
{
	size_t n = strcspn(p->rest, "/");
	char c[TEXT_MAX];
	struct fake_node *node;
	bool last;

	memcpy(c, p->rest, n);
	c[n] = 0;
	p->rest += n;
	last = strspn(p->rest, "/") == strlen(p->rest);
	if (strcmp(c, ".") == 0 || strcmp(c, "..") == 0) {
		if ((c[1] || last) && !may_search(p->at) && mounts)
			return -EACCES;
		return c[1] ? up(p) : 0;
	}
	if (strlen(p->at) + 1 + n >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!may_search(p->at))
		return -EACCES;
	strcat(strcat(p->at, "/"), c);
	if (n > NAME_MAX && !(last && p->flags & WALK_CREATE))
		return -ENAMETOOLONG;
	node = n > NAME_MAX ? NULL : fake_find(p->at);
	if (node && strchr("lj", node->kind) &&
	    (!last || p->flags & WALK_FOLLOW || (*p->rest && !(p->flags & WALK_CREATE))))
		return through(p, node);
	if (last && p->flags & WALK_CREATE) {
		p->directory = *p->rest;
		p->rest = "";
		return 0;
	}
	if (!node)
		return -ENOENT;
	return *p->rest && !strchr("ds", node->kind) ? -ENOTDIR : 0;
}

static int plain_walk(struct plain *p, const char *from, const char *name, unsigned flags)
{
	int error = 0;

	*p = (struct plain){ .flags = flags };
	if (strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!*name)
		return -ENOENT;
	if (*name == '/' && flags & WALK_BENEATH)
		return -EXDEV;
	strcpy(p->at, *name == '/' && !(flags & WALK_IN_ROOT) ? "" : from);
	p->floor = strlen(p->at);
	p->rest = strcpy(p->text, name);
	from = mount_of(p->at);
	while (!error) {
		p->rest += strspn(p->rest, "/");
		if (!*p->rest)
			return 0;
		error = one(p);
		if (!error && flags & WALK_NO_MOUNTS && mount_of(p->at) != from)
			error = -EXDEV;
	}
	return error;
}

/* ---- The two compared ------------------------------------------------- */

static char here[PATH_MAX];

static void compare(const char *name, unsigned flags)
{
	static struct plain p;
	int wanted, error;
	struct place at;
	bool directory = false;
	char seen[TEXT_MAX];

	if (!fake_find(here))
		return; /* removed: test_path.c */
	flags &= WALK_FOLLOW | WALK_CREATE | WALK_NO_MOUNTS | WALK_NO_JUMPS | WALK_NO_LINKS | WALK_BENEATH | WALK_IN_ROOT;
	if (flags & WALK_BENEATH)
		flags &= ~(unsigned)WALK_IN_ROOT;
	wanted = plain_walk(&p, here, name, flags);
	error = path_walk(&fake_proc, AT_FDCWD, name, flags, &at, &directory);
	if (wanted == 1) {
		require(error == 0 && at.file);
		return;
	}
	if (error != wanted)
		fprintf(stderr, "from '%s' by '%s', flags %x: %d, should be %d\n", here, name, flags, error, wanted);
	require(error == wanted);
	if (error)
		return;
	require(!at.file && place_name(&at, seen, sizeof seen) > 0);
	require(strcmp(seen, *p.at ? p.at : "/") == 0 && at.mount->at == mount_of(p.at));
	require(directory == p.directory);
	require(fake_find(p.at) || flags & WALK_CREATE);
}

static void go(const char *name)
{
	struct fake_node *n = fake_find(name);

	if (!n || n->kind != 'd')
		return;
	strcpy(here, name);
	fake_proc.cwd = fake_open(*name ? name : "/");
}

static void add_descriptor(const char *name, const char *open)
{
	struct fake_node *n = fake_find(open);

	if (n && strchr("dfs", n->kind) && fake_add(name, 'j', "somewhere"))
		fake_find(name)->file = fake_open(*open ? open : "/");
}

static bool is_canonical(const char *name)
{
	return *name == '/' && !strstr(name, "//") && !strstr(name, "/./") && !strstr(name, "/../") && name[strlen(name) - 1] != '/';
}

static void line(char *text, int *opened)
{
	char *name = text[0] && text[1] == ' ' ? text + 2 : "", *more = strchr(name, ' ');

	if (text[0] == 'w' && more) {
		compare(more + 1, (unsigned)strtoul(name, NULL, 16));
		return;
	}
	if (more)
		*more++ = 0;
	if (strcmp(name, "/") != 0 && !is_canonical(name))
		return;
	if (strchr("dfs", text[0]))
		fake_add(name, text[0], NULL);
	else if (text[0] == 'l' && more)
		fake_add(name, 'l', more);
	else if (text[0] == 'j' && more && (*opened)++ < 20)
		add_descriptor(name, more);
	else if ((text[0] == 'm' || text[0] == 'u') && strcmp(name, "/") != 0 && strcmp(mount_of(name), name) != 0)
		fake_mount(name, text[0] == 'u');
	else if (text[0] == 'c' && (*opened)++ < 20)
		go(name[1] ? name : "");
	else if (text[0] == 'r' && name[1] && !strcmp(mount_of(name), "/"))
		fake_remove(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *each;
	int opened = 0;

	fake_clear();
	*here = 0;
	while ((each = strsep(&rest, "\n")))
		line(each, &opened);
	free(text);
	return 0;
}
