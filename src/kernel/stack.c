/* A new program's stack: arguments, environment, auxiliary vector (System V ABI, 3.4; getauxval(3)). */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/exec.h"
#include "kernel/proc.h"
#include "machine/host.h"

#define ARGUMENTS_MAX (STACK_SIZE / 4) /* as Linux: a quarter of the stack */
#define AUXV_MAX 24

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

static int fill_auxv(Elf64_auxv_t *v, const struct exec *x, uintptr_t random, uintptr_t execfn, uintptr_t platform)
{
	const struct elf_image *image = &x->image;
	struct host_identity id = host_identity();
	const Elf64_auxv_t all[] = {
		{ AT_SYSINFO, { mmu_gate() } }, /* include/uos/gate.h */
		{ AT_HWCAP, { host_auxv(AT_HWCAP) } },
		{ AT_HWCAP2, { host_auxv(AT_HWCAP2) } },
		{ AT_PAGESZ, { PAGE_SIZE } },
		{ AT_CLKTCK, { 100 } },
		{ AT_PHDR, { image->phdr_vaddr ? image->phdr_vaddr + x->bias : 0 } },
		{ AT_PHENT, { sizeof(Elf64_Phdr) } },
		{ AT_PHNUM, { image->phnum } },
		{ AT_BASE, { x->interpreter_bias } },
		{ AT_FLAGS, { 0 } },
		{ AT_ENTRY, { image->entry + x->bias } },
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
	static const uint64_t null, filling[2];
	uint64_t argc64 = (uint64_t)argc;
	size_t words = 1 + (size_t)argc + 1 + (size_t)envc + 1;
	size_t slack = (s->at - words * 8 - (size_t)auxc * sizeof *auxv) & 15; /* rsp ends 16-aligned */

	return push(s, filling, slack) && push(s, auxv, (size_t)auxc * sizeof *auxv) && push(s, &null, 8) &&
	       push(s, v + argc, (size_t)envc * 8) && push(s, &null, 8) && push(s, v, (size_t)argc * 8) &&
	       push(s, &argc64, 8);
}

/* What proc(5) shows of it. Strings lie in the order of argv and envp, the program's name above them. */
static void note_places(struct vm *vm, uintptr_t arguments, uintptr_t environment, uintptr_t execfn, uintptr_t vectors, int words)
{
	vm->arguments = arguments;
	vm->arguments_end = vm->environment = environment;
	vm->environment_end = execfn;
	vm->auxv = vectors + (size_t)words * 8;
}

bool exec_build_stack(struct exec *x)
{
	struct vm *vm = x->vm;
	struct stack s = { vm->stack_top, vm->stack_top - ARGUMENTS_MAX, phys_pointer(vm->stack_top - GUEST_BASE) };
	int argc = count(x->argv), envc = count(x->envp), auxc = 0;
	uint64_t *v = malloc((size_t)(argc + envc) * sizeof *v + 1);
	uintptr_t execfn, environment, arguments, platform;
	Elf64_auxv_t auxv[AUXV_MAX];
	uint8_t random[16];
	bool fits;

	host_random(random, sizeof random);
	fits = v && push(&s, x->name, strlen(x->name) + 1);
	execfn = s.at;
	fits = fits && push_strings(&s, x->envp, envc, v + argc);
	environment = s.at;
	fits = fits && push_strings(&s, x->argv, argc, v);
	arguments = s.at;
	fits = fits && push(&s, "x86_64", 7);
	platform = s.at;
	fits = fits && push(&s, random, sizeof random);
	if (fits) {
		auxc = fill_auxv(auxv, x, s.at, execfn, platform);
		fits = push_vectors(&s, argc, envc, v, auxv, auxc);
	}
	free(v);
	note_places(vm, arguments, environment, execfn, s.at, 1 + argc + 1 + envc + 1);
	vm->auxv_end = vm->auxv + (size_t)auxc * sizeof *auxv;
	x->sp = s.at;
	return fits;
}
