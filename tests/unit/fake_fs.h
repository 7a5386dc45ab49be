/*
 * A name space in memory, for the tests of path.c: nodes by the names that
 * guests have for them, partitioned by mounts. Its files answer as the
 * machine's do: strictly, without following links.
 */
#ifndef UOS_TESTS_FAKE_FS_H
#define UOS_TESTS_FAKE_FS_H

#include <stdbool.h>

#include "kernel/path.h"
#include "kernel/proc.h"

struct fake_node {
	char *name;       /* from "/"; the root is "" */
	char kind;        /* 'd'irectory, 'f'ile, 'l'ink, 's': a directory that may not be searched, 'j': a link that is a descriptor */
	char *target;     /* of a link */
	struct file *file; /* of 'j' */
};

#define FAKE_NODES 200

extern struct fake_node fake_nodes[FAKE_NODES];
extern int fake_count;

void fake_clear(void);                     /* no node but "/", one mount */
/* "/a/b"; what is above must be there, and a directory. False: it is not, or the name is taken. */
bool fake_add(const char *name, char kind, const char *target);
bool fake_mount(const char *name, bool made_up); /* on a directory; made up: by fs_dev, which takes one component at a time */
struct fake_node *fake_find(const char *name);
struct file *fake_open(const char *name);  /* a directory, or what else */
void fake_remove(const char *name);        /* with all that is below */

extern struct proc fake_proc;              /* its cwd is "/" */

#endif
