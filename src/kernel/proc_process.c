/* What stands in /proc/PID. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kernel/account.h"
#include "kernel/fs_proc.h"
#include "kernel/mapped.h"
#include "kernel/tty.h"
#include "machine/disk.h"
#include "machine/host.h"

#define TICK 10000000u /* ns: USER_HZ is 100 */
#define NAME_COLUMN 73 /* of maps */

/* ---- Memory of a process ------------------------------------------------ */

/* A zombie has none. */
static const struct vm *memory(const struct proc *p)
{
	static const struct vm none;

	return p->vm ? p->vm : &none;
}

static void text_stack(struct text *t, const struct proc *p, uintptr_t from, uintptr_t to)
{
	const struct area *a = vm_area_at(memory(p), from);

	for (; a && !a->file && !(a->flags & AREA_EMPTY) && from < to; from = a->end, a = vm_area_at(memory(p), from))
		text_bytes(t, (char *)phys_pointer(a->at) + (from - a->start), (to < a->end ? to : a->end) - from);
}

void text_cmdline(struct text *t, struct proc *p)
{
	text_stack(t, p, memory(p)->arguments, memory(p)->arguments_end);
}

void text_environ(struct text *t, struct proc *p)
{
	text_stack(t, p, memory(p)->environment, memory(p)->environment_end);
}

void text_auxv(struct text *t, struct proc *p)
{
	text_stack(t, p, memory(p)->auxv, memory(p)->auxv_end);
}

static uint64_t size_of(const struct proc *p, bool (*counts)(const struct vm *vm, const struct area *a))
{
	uint64_t size = 0;

	for (int i = 0; i < memory(p)->count; i++)
		if (!counts || counts(memory(p), &memory(p)->areas[i]))
			size += memory(p)->areas[i].end - memory(p)->areas[i].start;
	return size;
}

static bool is_stack(const struct vm *vm, const struct area *a)
{
	return a->start >= vm->stack_low && a->start < vm->stack_top;
}

static bool is_heap(const struct vm *vm, const struct area *a)
{
	return a->start < vm->brk && a->end > vm->brk_start;
}

static bool is_code(const struct vm *vm, const struct area *a)
{
	(void)vm;
	return a->prot & PROT_EXEC;
}

static bool is_data(const struct vm *vm, const struct area *a)
{
	return a->prot & PROT_WRITE && !is_stack(vm, a);
}

/* Bytes that it has touched. */
static uint64_t resident(const struct proc *p)
{
	return p->vm ? vm_bytes(p->vm) : 0;
}

/* What the area shows: a file, or what it is for. */
static void text_area(struct text *t, const struct proc *p, const struct area *a)
{
	struct mapped *file = a->flags & AREA_SLOTS ? NULL : mapped_original(a->file);
	uint64_t device = file ? file->device : 0, inode = file ? file->inode : 0;
	char name[PATH_MAX] = "", line[128];
	int n;

	if (file)
		proc_host_name(file->host, name, sizeof name);
	else if (is_stack(memory(p), a) || is_heap(memory(p), a))
		strcpy(name, is_stack(memory(p), a) ? "[stack]" : "[heap]");
	n = snprintf(line, sizeof line, "%08lx-%08lx %c%c%c%c %08lx %02lx:%02lx %lu ", a->start, a->end, a->prot & PROT_READ ? 'r' : '-',
		     a->prot & PROT_WRITE ? 'w' : '-', a->prot & PROT_EXEC ? 'x' : '-', a->flags & AREA_SHARED ? 's' : 'p',
		     file ? a->at : 0, device >> 32, device & 0xffffffff, inode);
	text_bytes(t, line, (size_t)n);
	if (*name)
		text_add(t, "%*s", n < NAME_COLUMN ? NAME_COLUMN - n : 0, "");
	text_bytes(t, name, strlen(name));
	text_bytes(t, "\n", 1);
}

void text_maps(struct text *t, struct proc *p)
{
	for (int i = 0; i < memory(p)->count; i++)
		text_area(t, p, &memory(p)->areas[i]);
}

void text_statm(struct text *t, struct proc *p)
{
	text_add(t, "%lu %lu 0 %lu 0 %lu 0\n", size_of(p, NULL) / PAGE_SIZE, resident(p) / PAGE_SIZE,
		 size_of(p, is_code) / PAGE_SIZE, size_of(p, is_data) / PAGE_SIZE);
}

/* ---- The process itself ------------------------------------------------- */

/* Who the text is about: a thread of the process, or all of it. */
static const char *name_of(const struct text *t, const struct proc *p)
{
	return t->thread ? t->thread->comm : p->name;
}

static int id_of(const struct text *t, const struct proc *p)
{
	return t->thread ? t->thread->tid : p->pid;
}

/* Of a thread only the sum is kept: it is taken to have spent it as its process did. */
static struct cpu_time ticks_of(const struct text *t, struct proc *p)
{
	struct cpu_time all = cpu_time(p), ticks = { all.user / TICK, all.kernel / TICK };
	uint64_t own = t->thread ? t->thread->policy.ran / TICK : 0;

	if (!t->thread)
		return ticks;
	ticks.kernel = ticks.user + ticks.kernel ? own * ticks.kernel / (ticks.user + ticks.kernel) : 0;
	ticks.user = own - ticks.kernel;
	return ticks;
}

void text_comm(struct text *t, struct proc *p)
{
	text_add(t, "%.15s\n", name_of(t, p));
}

static char state_of(const struct text *text, const struct proc *p)
{
	bool runs = false;

	for (const struct thread *t = p->threads; t; t = t->sibling)
		runs |= t->state != BLOCKED && (!text->thread || t == text->thread);
	return p->zombie ? 'Z' : p->stopped ? 'T' : runs ? 'R' : 'S';
}

static int thread_count(const struct proc *p)
{
	int n = 0;

	for (const struct thread *t = p->threads; t; t = t->sibling)
		n++;
	return n;
}

/* Of a process, its first thread's; a zombie has none. */
struct masks { uint64_t pending, blocked; };

static struct masks masks_of(const struct text *text, const struct proc *p)
{
	const struct thread *t = text->thread ? text->thread : p->threads;

	return t ? (struct masks){ t->pending.set, t->signal_mask } : (struct masks){ 0, 0 };
}

struct signals { uint64_t ignored, caught; };

static struct signals signals_of(const struct proc *p)
{
	struct signals s = { 0, 0 };

	for (int i = 1; i <= SIGNALS; i++) {
		uint64_t bit = 1ul << (i - 1), handler = p->actions[i].handler;

		s.ignored |= handler == (uint64_t)SIG_IGN ? bit : 0;
		s.caught |= handler > (uint64_t)SIG_IGN ? bit : 0;
	}
	return s;
}

void text_stat(struct text *t, struct proc *p)
{
	const struct vm *vm = memory(p);
	struct cpu_time used = ticks_of(t, p);
	struct masks masks = masks_of(t, p);
	struct signals s = signals_of(p);

	text_add(t, "%d (%.15s) %c %d %d %d %u %d 4194304 0 0 0 0 %lu %lu 0 0 %d %d %d 0 %lu ", id_of(t, p), name_of(t, p),
		 state_of(t, p), p->parent, p->facts.group, p->facts.session, tty_number(p), tty_foreground(p), used.user, used.kernel,
		 20 + p->facts.nice, p->facts.nice, thread_count(p), p->usage.arrival / TICK);
	text_add(t, "%lu %lu %lu %lu %lu %lu 0 0 %lu %lu %lu %lu 0 0 0 %d 0 0 0 0 0 0 ", size_of(p, NULL),
		 resident(p) / PAGE_SIZE, p->facts.limits[RLIMIT_RSS].rlim_cur, vm->image_low + vm->image_room, vm->image_high, vm->stack_top,
		 t->thread ? masks.pending : p->pending.set, masks.blocked, s.ignored, s.caught, id_of(t, p) == p->pid ? SIGCHLD : -1);
	text_add(t, "%lu %lu %lu %lu %lu %lu %lu %d\n", vm->image_low + vm->image_room, vm->image_high, vm->brk_start, vm->arguments,
		 vm->arguments_end, vm->environment, vm->environment_end, p->exit_status << 8 | p->exit_signal);
}

static void text_status_memory(struct text *t, struct proc *p)
{
	text_add(t, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8d kB\nVmPin:\t%8d kB\n", size_of(p, NULL) / 1024,
		 size_of(p, NULL) / 1024, 0, 0);
	text_add(t, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n", resident(p) / 1024, resident(p) / 1024);
	text_add(t, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\nVmSwap:\t%8d kB\n", size_of(p, is_data) / 1024,
		 size_of(p, is_stack) / 1024, size_of(p, is_code) / 1024, 0);
}

static const char *state_name(char state)
{
	return state == 'Z' ? "zombie" : state == 'S' ? "sleeping" : state == 'T' ? "stopped" : "running";
}

void text_status(struct text *t, struct proc *p)
{
	const unsigned *uid = p->facts.uid, *gid = p->facts.gid;
	uint64_t effective, permitted, inheritable;
	struct signals s = signals_of(p);

	host_capabilities(&effective, &permitted, &inheritable);
	text_add(t, "Name:\t%.15s\nUmask:\t%04o\nState:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
		 name_of(t, p), p->umask, state_of(t, p), state_name(state_of(t, p)), p->pid, id_of(t, p), p->parent);
	text_add(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%d\nGroups:\t \n", uid[REAL], uid[EFFECTIVE], uid[SAVED],
		 uid[OF_FILES], gid[REAL], gid[EFFECTIVE], gid[SAVED], gid[OF_FILES], FD_MAX);
	text_status_memory(t, p);
	text_add(t, "Threads:\t%d\nSigQ:\t0/0\nSigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		 thread_count(p), masks_of(t, p).pending, p->pending.set, masks_of(t, p).blocked, s.ignored, s.caught);
	text_add(t, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n", inheritable, permitted,
		 effective, permitted, 0ul);
	text_add(t, "NoNewPrivs:\t%d\nSeccomp:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\n", p->facts.no_new_privileges);
	text_add(t, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n", p->usage.voluntary, p->usage.involuntary);
}

static void text_limit(struct text *t, rlim_t limit)
{
	if (limit == RLIM_INFINITY)
		text_add(t, "%-20s ", "unlimited");
	else
		text_add(t, "%-20lu ", limit);
}

void text_limits(struct text *t, struct proc *p)
{
	static const struct { const char *name, *unit; } limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "cpu time", "seconds" }, [RLIMIT_FSIZE] = { "file size", "bytes" },
		[RLIMIT_DATA] = { "data size", "bytes" }, [RLIMIT_STACK] = { "stack size", "bytes" },
		[RLIMIT_CORE] = { "core file size", "bytes" }, [RLIMIT_RSS] = { "resident set", "bytes" },
		[RLIMIT_NPROC] = { "processes", "processes" }, [RLIMIT_NOFILE] = { "open files", "files" },
		[RLIMIT_MEMLOCK] = { "locked memory", "bytes" }, [RLIMIT_AS] = { "address space", "bytes" },
		[RLIMIT_LOCKS] = { "file locks", "locks" }, [RLIMIT_SIGPENDING] = { "pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "msgqueue size", "bytes" }, [RLIMIT_NICE] = { "nice priority", "" },
		[RLIMIT_RTPRIO] = { "realtime priority", "" }, [RLIMIT_RTTIME] = { "realtime timeout", "us" },
	};

	text_add(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		text_add(t, "Max %-21s ", limits[i].name);
		text_limit(t, p->facts.limits[i].rlim_cur);
		text_limit(t, p->facts.limits[i].rlim_max);
		text_add(t, *limits[i].unit ? "%-10s\n" : "\n", limits[i].unit);
	}
}

void text_cgroup(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "0::/\n");
}

/* ---- Links -------------------------------------------------------------- */

ssize_t link_root(struct proc *p, char *to, size_t room)
{
	(void)p;
	return snprintf(to, room, "/");
}

ssize_t link_cwd(struct proc *p, char *to, size_t room)
{
	return p->cwd ? proc_file_name(p->cwd, to, room) : -ENOENT;
}

/* Programs need not be where guests see them: then what the name would be. The C library insists on a "/". */
ssize_t link_exe(struct proc *p, char *to, size_t room)
{
	const struct mount *top = mounts;
	ssize_t n = p->exe ? proc_file_name(p->exe, to, room) : -ENOENT;

	if (n < 0 || *to == '/')
		return n;
	while (top->next)
		top = top->next;
	n = disk_name(top->root, p->exe->host, to + 1, room - 1);
	*to = '/';
	return n < 0 ? snprintf(to, room, "/%s", p->name) : n + 1;
}

static const char *memory_device(unsigned minor)
{
	static const char *const names[] = { [3] = "null", [5] = "zero", [7] = "full", [8] = "random", [9] = "urandom" };

	return minor < sizeof names / sizeof *names && names[minor] ? names[minor] : "null";
}

ssize_t proc_host_name(int fd, char *to, size_t room)
{
	struct statx st, found;
	struct place at = { 0 };

	if (disk_fstat(fd, &st) != 0)
		return -ENOENT;
	for (at.mount = mounts; at.mount; at.mount = at.mount->next)
		if (at.mount->fs == &fs_host && disk_name(at.mount->root, fd, at.name, sizeof at.name) >= 0 &&
		    place_stat(&at, &found) == 0 && found.stx_ino == st.stx_ino && found.stx_dev_minor == st.stx_dev_minor &&
		    found.stx_dev_major == st.stx_dev_major)
			return place_name(&at, to, room);
	return -ENOENT;
}

/* What has no name: what kind of thing it is, and which. */
static ssize_t nameless(struct file *f, char *to, size_t room)
{
	ssize_t n = f->host >= 0 ? proc_host_name(f->host, to, room) : -ENOENT;
	struct statx st;

	if (f->ops->label)
		return snprintf(to, room, "anon_inode:%s", f->ops->label);
	if (n < 0 && f->host >= 0)
		n = disk_memory_name(f->host, to, room);
	if (n >= 0 || !f->ops->stat || f->ops->stat(f, &st) != 0)
		return n;
	if (S_ISCHR(st.stx_mode))
		return snprintf(to, room, "/dev/%s", st.stx_rdev_major == 1 ? memory_device(st.stx_rdev_minor) : "tty");
	return snprintf(to, room, S_ISFIFO(st.stx_mode) ? "pipe:[%llu]" : S_ISSOCK(st.stx_mode) ? "socket:[%llu]" : "file:[%llu]",
			(unsigned long long)st.stx_ino);
}

ssize_t proc_file_name(struct file *f, char *to, size_t room)
{
	static const char mark[] = " (deleted)";
	struct place at;
	ssize_t n;

	if (!f->at)
		return nameless(f, to, room);
	if (file_place(f, &at) == 0)
		return place_name(&at, to, room);
	n = place_name(f->at, to, room);
	if (n < 0 || (size_t)n + sizeof mark > room)
		return n < 0 ? n : -ENAMETOOLONG;
	strcpy(to + n, mark);
	return n + (ssize_t)sizeof mark - 1;
}
