/* A program that is being loaded: what exec.c, image.c and stack.c share. */
#ifndef UOS_KERNEL_EXEC_H
#define UOS_KERNEL_EXEC_H

#include <limits.h>

#include "kernel/elf.h"
#include "kernel/path.h"
#include "kernel/script.h"

#define SCRIPTS_MAX 5 /* one the interpreter of another: as many as Linux follows */

struct file;
struct thread;

/* A file that is looked at, and perhaps run. */
struct source {
	int host;          /* the machine's descriptor, -1: none */
	uint64_t size;
	struct file *file; /* whose descriptor that is; NULL: our own */
};

struct exec {
	struct proc *p;          /* who finds the files */
	struct vm *vm;           /* where the program goes: nothing is in it yet */
	const char *name;        /* that was asked for */
	bool by_guest;           /* execve(2): the name is a guest's, not the host's */
	char **argv, **envp;     /* what the program gets */
	char **words;            /* what argv lies in, with room before it for interpreters */
	struct source source;
	struct script scripts[SCRIPTS_MAX + 1];
	int depth;               /* scripts so far */
	struct place place;
	const char *script;      /* the name by which interpreters find it, if it is one: `name` or `path` */
	char path[PATH_MAX];
	struct elf_image image;
	uintptr_t bias;          /* memory address - file address */
	uintptr_t interpreter_bias; /* 0: it needs none */
	uintptr_t entry, sp;     /* its first instruction, or the interpreter's; its stack then */
	char message[PATH_MAX + 200];
};

/* Notes what is wrong, and returns `error`. */
int exec_fail(struct exec *x, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* exec.c: what x->name is, and all that it needs, into x->vm. 0 or -errno with x->message. */
int exec_prepare(struct exec *x, char **argv);
void exec_free(struct exec *x);
/* x->p is that program now, and `t`, its thread, begins it. */
int exec_become(struct exec *x, struct thread *t);

/* A file by the guests' name that may be executed. 0 or -errno, with no message. */
int exec_open(struct exec *x, const char *name, struct source *out);
void exec_close(struct source *s);

/* image.c: 0 or -errno. What is in x->source, and its interpreter, into x->p's memory. */
int exec_load_image(struct exec *x);

/* stack.c: false if it does not fit. */
bool exec_build_stack(struct exec *x);

#endif
