/* Running a file: what it is, who interprets it, and the process that it becomes (execve(2)). */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/exec.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "machine/disk.h"
#include "machine/host.h"

int exec_fail(struct exec *x, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(x->message, sizeof x->message, format, args);
	va_end(args);
	return error;
}

/* ---- Files ------------------------------------------------------------ */

static int may_execute(const struct place *at, uint64_t *size)
{
	struct statx st;
	const char *name;
	int error = place_stat(at, &st), root = place_root(at, &name);

	if (error)
		return error;
	*size = st.stx_size;
	return S_ISREG(st.stx_mode) && root >= 0 ? disk_access(root, name, X_OK) : -EACCES;
}

int exec_open(struct exec *x, const char *name, struct source *out)
{
	int error = path_walk(x->p, AT_FDCWD, name, WALK_FOLLOW, &x->place, NULL);

	if (!error)
		error = may_execute(&x->place, &out->size);
	if (!error)
		error = file_open(x->p, AT_FDCWD, name, O_RDONLY, 0, &out->file);
	if (error)
		return error;
	out->host = out->file->host;
	return 0;
}

void exec_close(struct source *s)
{
	if (s->file)
		file_release(s->file);
	else if (s->host >= 0)
		disk_close(s->host);
	*s = (struct source){ .host = -1 };
}

/* The command line names a file of the host, a guest one of its own. */
static int open_program(struct exec *x)
{
	int fd = x->source.host >= 0 ? 0 : x->by_guest ? exec_open(x, x->name, &x->source)
						       : disk_open_program(x->name, &x->source.size);

	if (fd == -EACCES)
		return exec_fail(x, fd, "not an executable file, or not permitted (chmod +x it?)");
	if (fd < 0)
		return exec_fail(x, fd, "%s", strerror(-fd));
	if (!x->by_guest)
		x->source.host = fd;
	return 0;
}

/* ---- Scripts ---------------------------------------------------------- */

static bool is_same_file(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/* 0, or why the program's own file is not what guests find by that name. */
static int leads_to_it(struct exec *x, const char *name)
{
	struct statx ours, theirs;
	int error = path_walk(x->p, AT_FDCWD, name, WALK_FOLLOW, &x->place, NULL);

	if (!error)
		error = place_stat(&x->place, &theirs);
	if (!error)
		error = disk_fstat(x->source.host, &ours);
	return !error && !is_same_file(&ours, &theirs) ? -ENOENT : error;
}

/* Guests open a script by its name: as it was called, if that is theirs, too, else from "/" on. */
static int find_script(struct exec *x)
{
	int error = x->by_guest ? 0 : leads_to_it(x, x->name);
	char beneath[PATH_MAX];

	x->script = x->name;
	for (const struct mount *m = mounts; m && error; m = m->next) {
		if (m->fs != &fs_host || disk_name(m->root, x->source.host, beneath, sizeof beneath) < 0)
			continue;
		if (snprintf(x->path, sizeof x->path, "%s/%s", m->at[1] ? m->at : "", beneath) >= PATH_MAX)
			continue;
		x->script = x->path;
		error = leads_to_it(x, x->path);
	}
	return error ? exec_fail(x, -EACCES, "a script, and programs in uos see no such file: %s", strerror(-error)) : 0;
}

/* The script in x->source gives way to its interpreter; execve(2) says what becomes of the arguments. */
static int interpret(struct exec *x, const char *head, size_t length)
{
	struct script *s = &x->scripts[x->depth];
	const char *name = x->depth ? s[-1].interpreter : x->script;
	int error;

	if (!script_parse(head, length, s))
		return exec_fail(x, -ENOEXEC, "a script whose first line names no interpreter, or too long a one");
	if (!*x->argv)
		x->argv--;
	*x->argv = (char *)name;
	if (*s->argument)
		*--x->argv = s->argument;
	*--x->argv = s->interpreter;
	exec_close(&x->source);
	error = *s->interpreter ? exec_open(x, s->interpreter, &x->source) : -EACCES; /* "" is the current directory here */
	if (error)
		return exec_fail(x, error, "its interpreter %s: %s", s->interpreter, strerror(-error));
	if (++x->depth > SCRIPTS_MAX)
		return exec_fail(x, -ELOOP, "its interpreter is a script, whose interpreter is a script, and so on");
	return 0;
}

/* Until it is no script. */
static int follow_scripts(struct exec *x)
{
	char head[SCRIPT_LINE];

	for (;;) {
		ssize_t n = disk_read(x->source.host, head, sizeof head, 0);
		int error = 0;

		if (n < 0)
			return exec_fail(x, (int)n, "it cannot be read: %s", strerror((int)-n));
		if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
			return 0;
		if (!script_begins(head, (size_t)n))
			return exec_fail(x, -ENOEXEC, n ? "not an ELF file, nor a script: it does not begin with #!"
							: "empty file");
		if (x->depth == 0)
			error = find_script(x);
		if (!error)
			error = interpret(x, head, (size_t)n);
		if (error)
			return error;
	}
}

/* ---- The process ------------------------------------------------------ */

/* The arguments, with room before them for those of interpreters. */
static bool copy_words(struct exec *x, char **argv)
{
	const size_t room = 2 * (SCRIPTS_MAX + 1) + 1;
	size_t n = 0;

	while (argv[n])
		n++;
	x->words = malloc((room + n + 1) * sizeof *x->words);
	if (!x->words)
		return false;
	memcpy(x->words + room, argv, (n + 1) * sizeof *argv);
	x->argv = x->words + room;
	return true;
}

/* The program's file stays open for /proc/PID/exe: one for all who run it. NULL: no memory. */
static struct file *keep(struct source *s)
{
	struct file *f = s->file;
	struct statx own, other;
	bool known = disk_fstat(s->host, &own) == 0;

	for (struct proc *p = proc_list; p && !f && known; p = p->next)
		if (p->exe && disk_fstat(p->exe->host, &other) == 0 && is_same_file(&own, &other))
			f = p->exe;
	if (f) {
		f->uses++;
		return f;
	}
	f = s->file ? s->file : file_new(&host_file, O_RDONLY);
	if (!f)
		return NULL;
	f->host = s->host;
	s->file = f;
	f->uses++; /* ours beside the source's */
	return f;
}

int exec_prepare(struct exec *x, char **argv)
{
	int error;

	if (!copy_words(x, argv))
		return exec_fail(x, -ENOMEM, "not enough memory");
	if ((error = open_program(x)) || (error = follow_scripts(x)) || (error = exec_load_image(x)))
		return error;
	return exec_build_stack(x) ? 0 : exec_fail(x, -E2BIG, "its arguments and environment are too long");
}

int exec_become(struct exec *x, struct thread *t)
{
	struct file *exe = keep(&x->source);

	if (!exe)
		return exec_fail(x, -ENOMEM, "not enough memory");
	if (x->p->exe)
		file_release(x->p->exe);
	x->p->exe = exe;
	frame_clear(t->context.frame);
	t->context.frame->rip = x->entry;
	t->context.frame->rsp = x->sp;
	return 0;
}

void exec_free(struct exec *x)
{
	exec_close(&x->source);
	free(x->words);
	free(x);
}

/* NULL, or a message; *status is then 126, or 127 if there is no such file. */
const char *exec_load(struct proc *p, const struct program *program, char **envp, int *status)
{
	static char message[sizeof(((struct exec *)0)->message)];
	struct exec *x = calloc(1, sizeof *x);
	int error;

	*status = 126;
	if (!x)
		return "not enough memory";
	x->p = p;
	x->vm = p->vm;
	x->source.host = -1;
	x->name = program->path;
	x->envp = envp;
	error = exec_prepare(x, program->argv);
	if (!error)
		error = exec_become(x, p->threads);
	if (error == -ENOENT)
		*status = 127;
	strcpy(message, x->message);
	exec_free(x);
	return error ? message : NULL;
}
