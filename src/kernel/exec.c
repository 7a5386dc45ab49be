/* Loading a program: its segments, its stack, its first registers (System V ABI, 3.4). */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/elf.h"
#include "kernel/proc.h"
#include "machine/disk.h"
#include "machine/host.h"

#define ARGUMENTS_MAX (STACK_SIZE / 4) /* as Linux: a quarter of the stack */
#define AUXV_MAX 24

static char message[160];

static const char *load_segment(struct proc *p, int fd, const struct elf_segment *s)
{
	uintptr_t at = s->vaddr + p->load_bias;
	uintptr_t start = at & ~(PAGE_SIZE - 1), end = (at + s->memsz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	char *memory = phys_pointer(vm_image_phys(&p->vm, at));

	if (vm_map(&p->vm, start, end - start, s->prot, false) != 0)
		return "not enough memory for it";
	if (s->filesz == 0)
		return NULL;
	/* a segment's pages are the file's: what surrounds it there appears, too, as on Linux */
	if (disk_read(fd, memory - (at - start), s->filesz + (at - start), s->offset - (at - start)) !=
	    (ssize_t)(s->filesz + (at - start)))
		return "it cannot be read";
	return NULL;
}

static const char *load_image(struct proc *p, int fd, uint64_t size, struct elf_image *image)
{
	size_t length = size < ELF_HEAD_MAX ? size : ELF_HEAD_MAX;
	char *head = malloc(ELF_HEAD_MAX);
	const char *error;

	if (!head || disk_read(fd, head, length, 0) != (ssize_t)length)
		error = head ? "it cannot be read" : "not enough memory";
	else
		error = elf_parse(head, length, size, image);
	free(head);
	if (error)
		return error;
	if (image->interp_size)
		return "dynamically linked: only static programs run yet (link it with -static-pie)";
	if (vm_place_image(&p->vm, image->pie, image->low, image->high, image->align) != 0)
		return "linked at an address that uos needs itself";
	p->load_bias = p->vm.image_low - image->low;
	for (int i = 0; i < image->nseg && !error; i++)
		error = load_segment(p, fd, &image->seg[i]);
	return error;
}

/* The new stack, filled from the top; `k` is kernel memory for guest address `at`. */
struct stack {
	uintptr_t at, low;
	char *k;
};

static bool push(struct stack *s, const void *bytes, size_t length)
{
	if (s->at - s->low < length)
		return false;
	s->at -= length;
	s->k -= length;
	memcpy(s->k, bytes, length);
	return true;
}

static int count(char **words)
{
	int n = 0;

	while (words[n])
		n++;
	return n;
}

/* Pushes the strings, last first, and notes where each went. */
static bool push_strings(struct stack *s, char **words, int n, uint64_t *addresses)
{
	for (int i = n - 1; i >= 0; i--) {
		if (!push(s, words[i], strlen(words[i]) + 1))
			return false;
		addresses[i] = s->at;
	}
	return true;
}

static int fill_auxv(Elf64_auxv_t *v, const struct proc *p, const struct elf_image *image, uintptr_t random,
		     uintptr_t execfn, uintptr_t platform)
{
	struct host_identity id = host_identity();
	const Elf64_auxv_t all[] = {
		{ AT_SYSINFO, { p->vm.space.trampoline } }, /* the gate: include/uos/gate.h */
		{ AT_HWCAP, { host_auxv(AT_HWCAP) } },
		{ AT_HWCAP2, { host_auxv(AT_HWCAP2) } },
		{ AT_PAGESZ, { PAGE_SIZE } },
		{ AT_CLKTCK, { 100 } },
		{ AT_PHDR, { image->phdr_vaddr ? image->phdr_vaddr + p->load_bias : 0 } },
		{ AT_PHENT, { sizeof(Elf64_Phdr) } },
		{ AT_PHNUM, { image->phnum } },
		{ AT_BASE, { 0 } },
		{ AT_FLAGS, { 0 } },
		{ AT_ENTRY, { image->entry + p->load_bias } },
		{ AT_UID, { id.uid } },
		{ AT_EUID, { id.euid } },
		{ AT_GID, { id.gid } },
		{ AT_EGID, { id.egid } },
		{ AT_SECURE, { 0 } },
		{ AT_RANDOM, { random } },
		{ AT_EXECFN, { execfn } },
		{ AT_PLATFORM, { platform } },
		{ AT_NULL, { 0 } },
	};
	_Static_assert(sizeof all <= AUXV_MAX * sizeof *all, "");

	memcpy(v, all, sizeof all);
	return (int)(sizeof all / sizeof *all);
}

/* argc, argv, envp, auxv as the ABI draws them; `v` holds the addresses of the strings, argv's first. */
static bool push_vectors(struct stack *s, int argc, int envc, const uint64_t *v, const Elf64_auxv_t *auxv, int auxc)
{
	static const uint64_t null;
	uint64_t argc64 = (uint64_t)argc;
	size_t words = 1 + (size_t)argc + 1 + (size_t)envc + 1;
	size_t slack = (s->at - words * 8 - (size_t)auxc * sizeof *auxv) & 15; /* rsp ends 16-aligned */

	s->at -= slack;
	s->k -= slack;
	return push(s, auxv, (size_t)auxc * sizeof *auxv) && push(s, &null, 8) &&
	       push(s, v + argc, (size_t)envc * 8) && push(s, &null, 8) && push(s, v, (size_t)argc * 8) &&
	       push(s, &argc64, 8);
}

static bool build_stack(struct proc *p, const struct elf_image *image, const struct program *program, char **envp)
{
	struct stack s = { p->vm.stack_top, p->vm.stack_top - ARGUMENTS_MAX,
			   phys_pointer(p->vm.stack_top - GUEST_BASE) };
	int argc = count(program->argv), envc = count(envp), auxc;
	uint64_t *v = malloc((size_t)(argc + envc) * sizeof *v);
	uintptr_t execfn, platform;
	Elf64_auxv_t auxv[AUXV_MAX];
	uint8_t random[16];
	bool fits;

	host_random(random, sizeof random);
	fits = v && push(&s, program->path, strlen(program->path) + 1);
	execfn = s.at;
	fits = fits && push_strings(&s, envp, envc, v + argc) && push_strings(&s, program->argv, argc, v);
	fits = fits && push(&s, "x86_64", 7);
	platform = s.at;
	fits = fits && push(&s, random, sizeof random);
	if (fits) {
		auxc = fill_auxv(auxv, p, image, s.at, execfn, platform);
		fits = push_vectors(&s, argc, envc, v, auxv, auxc);
	}
	free(v);
	p->thread.context.frame->rsp = s.at;
	return fits;
}

/* NULL, or a message; *status is then 126, or 127 if there is no such file. */
const char *exec_load(struct proc *p, const struct program *program, char **envp, int *status)
{
	struct elf_image image;
	const char *error;
	uint64_t size;
	int fd = disk_open_program(program->path, &size);

	*status = fd == -ENOENT || fd == -ENOTDIR ? 127 : 126;
	if (fd == -EACCES)
		return "not an executable file, or not permitted (chmod +x it?)";
	if (fd < 0) {
		snprintf(message, sizeof message, "%s", strerror(-fd));
		return message;
	}
	error = load_image(p, fd, size, &image);
	disk_close(fd);
	if (error)
		return error;
	p->path = strdup(program->exe);
	if (!p->path)
		return "not enough memory";
	if (!build_stack(p, &image, program, envp))
		return "its arguments and environment are too long";
	p->thread.context.frame->rip = image.entry + p->load_bias;
	return NULL;
}
