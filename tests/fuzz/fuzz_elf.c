/*
 * libFuzzer target: the input is the file. What elf_parse accepts must be loadable without a further check; the symbol functions
 * must stay inside what they were given.
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/elf.h"

#define USER_END (1ull << 47)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

/* Exactly these bytes of the file in memory of their own (at an odd address), so that ASan sees every step outside. */
static char *part(const uint8_t *data, size_t size, uint64_t off, uint64_t len)
{
	char *bytes;

	if (off > size || len > size - off)
		return NULL;
	bytes = malloc(len + 1);
	if (!bytes)
		return NULL;
	memcpy(bytes + 1, data + off, len);
	return bytes + 1;
}

static void drop(char *bytes)
{
	if (bytes)
		free(bytes - 1);
}

static void check_segment(const struct elf_segment *s, uint64_t file_size)
{
	require(s->memsz > 0 && s->memsz < USER_END && s->filesz <= s->memsz);
	require(s->vaddr < USER_END && s->vaddr + s->memsz < USER_END);
	require((s->prot & ~(ELF_R | ELF_W | ELF_X)) == 0);
	if (s->filesz == 0)
		return;
	require(s->offset <= file_size && s->filesz <= file_size - s->offset);
	require(s->offset % ELF_PAGE == s->vaddr % ELF_PAGE);
}

static void check_order(const struct elf_image *image)
{
	uint64_t end = image->low;

	for (int i = 0; i < image->nseg; i++) {
		const struct elf_segment *s = &image->seg[i];

		require(s->vaddr / ELF_PAGE * ELF_PAGE >= end);
		end = (s->vaddr + s->memsz + ELF_PAGE - 1) / ELF_PAGE * ELF_PAGE;
	}
	require(end == image->high);
}

static int covered(const struct elf_image *image, uint64_t vaddr, uint64_t len, int prot)
{
	for (int i = 0; i < image->nseg; i++) {
		const struct elf_segment *s = &image->seg[i];

		if ((s->prot & prot) == prot && vaddr >= s->vaddr && vaddr + len <= s->vaddr + s->memsz)
			return 1;
	}
	return 0;
}

static void check_image(const struct elf_image *image, uint64_t file_size)
{
	require(image->nseg >= 1 && image->nseg <= ELF_MAX_SEGMENTS);
	require(image->low % ELF_PAGE == 0 && image->high % ELF_PAGE == 0 && image->low < image->high);
	require(image->high < USER_END && image->high - image->low <= 4ull << 30);
	require(image->pie || image->low >= 65536);
	require(image->align >= ELF_PAGE && (image->align & (image->align - 1)) == 0 && image->align <= 1u << 30);
	for (int i = 0; i < image->nseg; i++)
		check_segment(&image->seg[i], file_size);
	check_order(image);
	require(covered(image, image->entry, 1, ELF_X));
	require(!image->phdr_vaddr || covered(image, image->phdr_vaddr, image->phnum * sizeof(Elf64_Phdr), 0));
	require(memchr(image->interp, '\0', sizeof image->interp) != NULL);
	require(!image->interp[0] || strlen(image->interp) < image->interp_size);
	require(image->interp_size <= sizeof image->interp);
}

static void fetch_interp(const uint8_t *data, size_t size, struct elf_image *image)
{
	char *name = part(data, size, image->interp_offset, image->interp_size);

	require(name != NULL);
	if (!elf_set_interp(image, name))
		require(image->interp[0] && strlen(image->interp) < image->interp_size);
	drop(name);
}

static int same(const struct elf_image *a, const struct elf_image *b)
{
	return a->entry == b->entry && a->low == b->low && a->high == b->high && a->nseg == b->nseg
		&& a->phdr_vaddr == b->phdr_vaddr && strcmp(a->interp, b->interp) == 0;
}

/* With all of the file as the head, and with less of it: what is accepted then is the same program. */
static void drive_parse(const uint8_t *data, size_t size)
{
	static struct elf_image image, again;
	size_t half = size / 2;
	char *whole = part(data, size, 0, size), *head = part(data, size, 0, half);
	const char *error = elf_parse(whole, size, size, &image);

	if (!error) {
		check_image(&image, size);
		require(!image.interp_size == !image.interp[0]);
	}
	if (!elf_parse(head, half, size, &again)) {
		check_image(&again, size);
		if (again.interp_size && !again.interp[0])
			fetch_interp(data, size, &again);
		require(error || same(&image, &again));
	}
	drop(whole);
	drop(head);
}

static void ask(const char *syms, size_t symsize, const char *str, size_t strsize, uint64_t vaddr)
{
	uint64_t delta = 0;
	const char *name = elf_symbol_at(syms, symsize, str, strsize, vaddr, &delta);

	if (!name)
		return;
	require(name >= str && name < str + strsize && memchr(name, '\0', (size_t)(str + strsize - name)) != NULL);
	require(name[0] != '\0' && delta <= vaddr);
}

/* Every symbol's value, and its neighbours, are looked up: the answers near a border are where mistakes are. */
static void ask_around(const char *syms, size_t symsize, const char *str, size_t strsize)
{
	ask(syms, symsize, str, strsize, 0);
	ask(syms, symsize, str, strsize, UINT64_MAX);
	for (size_t i = 0; i < symsize / sizeof(Elf64_Sym) && i < 64; i++) {
		Elf64_Sym sym;

		memcpy(&sym, syms + i * sizeof sym, sizeof sym);
		ask(syms, symsize, str, strsize, sym.st_value);
		ask(syms, symsize, str, strsize, sym.st_value - 1);
		ask(syms, symsize, str, strsize, sym.st_value + sym.st_size);
	}
}

static void drive_symbols(const uint8_t *data, size_t size)
{
	struct elf_symtab_location at;
	uint64_t off, len;
	char *head = part(data, size, 0, size), *shdrs = NULL, *syms = NULL, *str = NULL;

	for (uint64_t place = 0; place < 2 * size + 2; place += size / 16 + 1)
		if (elf_address_of(head, size, size, place, &off))
			require(size >= 64); /* no less is a header */
	if (elf_section_headers(head, size, size, &off, &len)) {
		shdrs = part(data, size, off, len);
		require(shdrs != NULL);
	}
	if (shdrs && elf_find_symtab(head, size, shdrs, len, &at)) {
		require(at.symoff + at.symsize >= at.symoff && at.stroff + at.strsize >= at.stroff);
		syms = part(data, size, at.symoff, at.symsize);
		str = part(data, size, at.stroff, at.strsize);
		if (syms && str)
			ask_around(syms, at.symsize, str, at.strsize);
	}
	drop(head);
	drop(shdrs);
	drop(syms);
	drop(str);
}

/* Most mutated headers never lead to a table: take the input as symbols and strings directly, too. */
static void drive_tables(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	char *syms = part(data, size, 0, half), *str = part(data, size, half, size - half);

	ask_around(syms, half, str, size - half);
	drop(syms);
	drop(str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > ELF_HEAD_MAX)
		return 0;
	drive_parse(data, size);
	drive_symbols(data, size);
	drive_tables(data, size);
	return 0;
}
