/* The segments of a program and of its interpreter, into an address space (elf(5); what Linux makes of it: fs/binfmt_elf.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/exec.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "machine/disk.h"

#define FIRST_LOOK 4096u /* nearly always enough of a file's beginning */

static uintptr_t page_down(uintptr_t a)
{
	return a & ~(PAGE_SIZE - 1);
}

static uintptr_t page_up(uintptr_t a)
{
	return page_down(a + PAGE_SIZE - 1);
}

/* ---- What the file says ----------------------------------------------- */

static const char *parse(const struct source *s, size_t length, struct elf_image *image)
{
	char *head = malloc(length);
	const char *error = head ? NULL : "not enough memory";
	ssize_t n;

	if (head) {
		n = disk_read(s->host, head, length, 0);
		error = n < 0 ? "it cannot be read" : elf_parse(head, (size_t)n, s->size, image);
	}
	free(head);
	return error;
}

/* An interpreter's name behind all that elf_parse looks at. */
static const char *read_interpreter(const struct source *s, struct elf_image *image)
{
	char name[sizeof image->interp];

	if (!image->interp_size || *image->interp)
		return NULL;
	if (disk_read(s->host, name, image->interp_size, image->interp_offset) != (ssize_t)image->interp_size)
		return "it cannot be read";
	return elf_set_interp(image, name);
}

static const char *describe(const struct source *s, struct elf_image *image)
{
	const char *error = parse(s, FIRST_LOOK, image);

	if (error && s->size > FIRST_LOOK)
		error = parse(s, ELF_HEAD_MAX, image);
	return error ? error : read_interpreter(s, image);
}

/* ---- Into memory ------------------------------------------------------ */

static void zero(struct vm *vm, uintptr_t from, uintptr_t to)
{
	const struct area *a = from < to ? vm_area_at(vm, from) : NULL;

	if (a && !a->file && !(a->flags & AREA_EMPTY))
		memset((char *)phys_pointer(a->at) + (from - a->start), 0, to - from);
}

/* Whole pages of the file; behind its bytes zeros, as far as they may be written to; then zeros. */
static int load_segment(struct vm *vm, const struct source *s, const struct elf_segment *segment, uintptr_t bias)
{
	uintptr_t at = segment->vaddr + bias, start = page_down(at), end = page_up(at + segment->memsz);
	uintptr_t bytes_end = at + segment->filesz, middle = segment->filesz ? page_up(bytes_end) : start;
	int error = 0;

	if (middle > start)
		error = vm_map_file(vm, start, middle - start, segment->prot, false, s->host,
				    segment->offset - (at - start));
	if (!error && end > middle)
		error = vm_map(vm, middle, end - middle, segment->prot, 0);
	if (!error && segment->prot & PROT_WRITE && segment->memsz > segment->filesz)
		zero(vm, bytes_end, middle);
	return error;
}

static int load_segments(struct vm *vm, const struct source *s, const struct elf_image *image, uintptr_t bias)
{
	int error = 0;

	for (int i = 0; i < image->nseg && !error; i++)
		error = load_segment(vm, s, &image->seg[i], bias);
	return error;
}

static const char *why(int error)
{
	return error == -ENOMEM ? "not enough memory for it" : error == -EPERM ? strerror(EACCES) : strerror(-error);
}

/* Among the mappings, as mmap would place it. */
static int place_interpreter(const struct vm *vm, const struct elf_image *image, uintptr_t *bias)
{
	uint64_t span = image->high - image->low;
	uintptr_t gap = vm_find_gap(vm, SLOTS_SIZE + span + image->align - PAGE_SIZE);

	*bias = image->pie ? ((gap + SLOTS_SIZE + image->align - 1) & ~(image->align - 1)) - image->low : 0;
	if (image->pie)
		return gap ? 0 : -ENOMEM;
	return vm_may_hold(vm, image->low, span) && vm_is_free(vm, image->low, span) ? 0 : -ENOMEM;
}

static int load_interpreter(struct exec *x)
{
	const char *name = x->image.interp, *wrong;
	struct source s;
	struct elf_image image;
	int error = exec_open(x, name, &s);

	if (error)
		return exec_fail(x, error, "its interpreter %s: %s", name, strerror(-error));
	wrong = describe(&s, &image);
	if (wrong) {
		error = exec_fail(x, -ELIBBAD, "its interpreter %s: %s", name, wrong);
	} else {
		error = place_interpreter(x->vm, &image, &x->interpreter_bias);
		if (!error)
			error = load_segments(x->vm, &s, &image, x->interpreter_bias);
		if (error)
			exec_fail(x, error, "its interpreter %s: %s", name, why(error));
	}
	exec_close(&s);
	x->entry = image.entry + x->interpreter_bias;
	return error;
}

int exec_load_image(struct exec *x)
{
	struct elf_image *image = &x->image;
	struct vm *vm = x->vm;
	const char *wrong = describe(&x->source, image);
	int error;

	if (wrong)
		return exec_fail(x, -ENOEXEC, "%s", wrong);
	error = vm_place_image(vm, image->pie, image->low, image->high, image->align);
	if (error)
		return exec_fail(x, error, "linked at an address that uos needs itself");
	x->bias = vm->image_low + vm->image_room - image->low;
	x->entry = image->entry + x->bias;
	error = load_segments(vm, &x->source, image, x->bias);
	if (!error && image->exec_stack)
		error = vm_protect(vm, vm->stack_low, STACK_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (error)
		return exec_fail(x, error == -EPERM ? -EACCES : error, "%s", why(error));
	return image->interp_size ? load_interpreter(x) : 0;
}
