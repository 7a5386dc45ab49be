/* execve(2), execveat(2): the process becomes another program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/exec.h"
#include "kernel/file.h"
#include "kernel/futex.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define ALL_MAX (STACK_SIZE / 4) /* of all words and the pointers to them, as Linux: a quarter of the stack */
#define WORD_MAX (32 * PAGE_SIZE) /* of one, as Linux */

/* A guest's argv or envp: the strings one behind the other, and pointers to them. */
struct words {
	char *text, **word;
	size_t used, room;
	int count;
};

static void words_free(struct words *w)
{
	free(w->text);
	free(w->word);
}

static bool make_room(struct words *w)
{
	char *more = realloc(w->text, w->room ? 2 * w->room : 4096);

	if (!more)
		return false;
	w->text = more;
	w->room = w->room ? 2 * w->room : 4096;
	return true;
}

static long word_in(struct words *w, uintptr_t from)
{
	for (;;) {
		size_t room = w->room - w->used < WORD_MAX ? w->room - w->used : WORD_MAX;
		long n = room ? string_in(w->text + w->used, from, room) : -ENAMETOOLONG;

		if (n >= 0)
			w->used += (size_t)n + 1;
		if (n != -ENAMETOOLONG)
			return n < 0 ? n : 0;
		if (room == WORD_MAX || w->used > ALL_MAX)
			return -E2BIG;
		if (!make_room(w))
			return -ENOMEM;
	}
}

/* As Linux, no array is an empty one. */
static long words_in(struct words *w, uintptr_t from)
{
	char *at;
	uint64_t pointer;
	long error = 0;

	*w = (struct words){ 0 };
	for (; from && !error; w->count++, from += sizeof pointer) {
		if (copy_in(&pointer, from, sizeof pointer) != 0)
			error = -EFAULT;
		if (error || !pointer)
			break;
		error = w->used + (size_t)w->count * sizeof pointer > ALL_MAX ? -E2BIG : word_in(w, pointer);
	}
	w->word = malloc(((size_t)w->count + 1) * sizeof *w->word);
	if (error || !w->word)
		return error ? error : -ENOMEM;
	at = w->text;
	for (int i = 0; i < w->count; i++, at += strlen(at) + 1)
		w->word[i] = at;
	w->word[w->count] = NULL;
	return 0;
}

/*
 * All other threads of the process end first. False: this one is to end, too.
 * Its number is then the first's, and as on Linux no longer that in the robust locks which it holds.
 */
static bool be_alone(void)
{
	struct proc *p = current_proc();

	if (p->survivor || p->ending)
		return false;
	p->survivor = current;
	threads_summon(p);
	while (p->threads != current || current->sibling)
		sched_sleep(&p->threads, UINT64_MAX);
	p->survivor = NULL;
	current->tid = p->pid;
	return !p->ending;
}

static void close_marked(struct proc *p)
{
	for (int fd = 0; fd < FD_MAX; fd++)
		if (p->files[fd] && p->cloexec[fd])
			file_close(fd);
}

/* There is no way back from here. */
static long become(struct exec *x)
{
	struct proc *p = current_proc();
	struct vm *old = p->vm;
	int error;

	if (!be_alone())
		return -EAGAIN; /* nobody sees it */
	error = exec_become(x, current);
	if (error)
		return error;
	futexes_thread_ends(current);
	p->vm = x->vm;
	x->vm = old;
	vm_activate(p->vm);
	cpu_set_gs(0);
	proc_set_name(p, x->name);
	close_marked(p);
	p->has_execed = true;
	signals_exec(p);
	p->notice = p->notice ? SIGCHLD : 0;
	proc_stop_borrowing(p);
	return 0;
}

static long run(struct exec *x, const uint64_t *words)
{
	struct words argv = { 0 }, envp = { 0 };
	static char *empty[] = { "", NULL };
	long error = words_in(&argv, words[0]);

	if (!error)
		error = words_in(&envp, words[1]);
	if (!error) {
		x->p = current_proc();
		x->vm = vm_create();
		x->by_guest = true;
		x->envp = envp.word;
		error = !x->vm ? -ENOMEM : exec_prepare(x, argv.count ? argv.word : empty);
	}
	if (!error)
		error = become(x);
	words_free(&argv);
	words_free(&envp);
	return error;
}

static struct exec *exec_new(void)
{
	struct exec *x = calloc(1, sizeof *x);

	if (x)
		x->source.host = -1;
	return x;
}

static long finish(struct exec *x, long result)
{
	if (x->vm)
		vm_release(x->vm);
	vm_activate(current_proc()->vm); /* it may have made way for who has the old addresses now */
	exec_free(x);
	return result;
}

long sys_execve(const uint64_t *a)
{
	struct exec *x = exec_new();
	char name[PATH_MAX];
	long n = string_in(name, a[0], sizeof name);

	if (!x)
		return -ENOMEM;
	if (n == 0)
		n = -ENOENT;
	x->name = name;
	return finish(x, n < 0 ? n : run(x, a + 1));
}

/* fexecve(3): the file that is open there. Its program, or a script's interpreter, knows it by this name. */
static long run_open(struct exec *x, int fd, const uint64_t *words)
{
	char name[32];
	struct file *f = file_get_any(fd);

	if (!f)
		return -EBADF;
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	x->name = name;
	return run(x, words);
}

long sys_execveat(const uint64_t *a)
{
	struct exec *x = exec_new();
	char name[PATH_MAX], full[PATH_MAX + 32];
	long n = string_in(name, a[1], sizeof name);
	struct statx st;

	if (!x)
		return -ENOMEM;
	x->name = name;
	if (n >= 0 && (int)a[4] & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		n = -EINVAL;
	if (n < 0)
		return finish(x, n);
	if (n == 0)
		return finish(x, (int)a[4] & AT_EMPTY_PATH ? run_open(x, (int)a[0], a + 2) : -ENOENT);
	if ((int)a[4] & AT_SYMLINK_NOFOLLOW) {
		n = path_walk(current_proc(), (int)a[0], name, 0, &x->place, NULL);
		if (!n && (n = place_stat(&x->place, &st)) == 0 && S_ISLNK(st.stx_mode))
			n = -ELOOP;
	}
	if (*name != '/' && (int)a[0] != AT_FDCWD) {
		if (!file_get_any((int)a[0]))
			n = -EBADF;
		snprintf(full, sizeof full, "/dev/fd/%d/%s", (int)a[0], name);
		x->name = full;
	}
	return finish(x, n < 0 ? n : run(x, a + 2));
}
