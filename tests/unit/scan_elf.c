/*
 * Run by hand: does elf_parse accept every program on this machine that Linux would run?
 *
 *	scan_elf /usr/bin /usr/lib ...
 *
 * Counts the x86-64 ELF files, tries those that are ET_EXEC, or ET_DYN with an entry point, and prints each refusal. Also resolves
 * each entry point's symbol, for exercise. Exit status 1 if anything was refused.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/elf.h"

static struct {
	int elf, exec, dyn, no_entry, other, refused, interp, named;
	int far_interp, max_segments, big_align, exec_stack, wx, no_phdr;
} count;

static void *read_part(int fd, uint64_t off, uint64_t len, uint64_t file_size)
{
	char *bytes = NULL;

	if (off <= file_size && len <= file_size - off)
		bytes = malloc(len);
	if (bytes && pread(fd, bytes, len, (off_t)off) != (ssize_t)len) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

static bool entry_has_name(int fd, const void *head, size_t headlen, uint64_t file_size, uint64_t entry)
{
	struct elf_symtab_location at = { 0 };
	uint64_t off, len, delta;
	void *shdrs = NULL, *syms = NULL, *str = NULL;
	bool found = false;

	if (elf_section_headers(head, headlen, file_size, &off, &len))
		shdrs = read_part(fd, off, len, file_size);
	if (shdrs && elf_find_symtab(head, headlen, shdrs, len, &at)) {
		syms = read_part(fd, at.symoff, at.symsize, file_size);
		str = read_part(fd, at.stroff, at.strsize, file_size);
	}
	if (syms && str)
		found = elf_symbol_at(syms, at.symsize, str, at.strsize, entry, &delta) != NULL;
	free(shdrs);
	free(syms);
	free(str);
	return found;
}

static void note(const struct elf_image *image)
{
	count.interp += image->interp[0] != '\0';
	count.big_align += image->align > ELF_PAGE;
	count.exec_stack += image->exec_stack;
	count.no_phdr += image->phdr_vaddr == 0;
	if (image->nseg > count.max_segments)
		count.max_segments = image->nseg;
	for (int i = 0; i < image->nseg; i++)
		count.wx += (image->seg[i].prot & (ELF_W | ELF_X)) == (ELF_W | ELF_X);
}

static const char *far_interp(int fd, uint64_t file_size, struct elf_image *image)
{
	char *name = read_part(fd, image->interp_offset, image->interp_size, file_size);
	const char *error = name ? elf_set_interp(image, name) : "cannot read the interpreter name";

	count.far_interp++;
	free(name);
	return error;
}

static void try(const char *path, int fd, const char *head, size_t headlen, uint64_t file_size)
{
	struct elf_image image;
	const char *error = elf_parse(head, headlen, file_size, &image);

	if (!error && image.interp_size && !image.interp[0])
		error = far_interp(fd, file_size, &image);
	if (error) {
		count.refused++;
		printf("%s: %s\n", path, error);
		return;
	}
	note(&image);
	count.named += entry_has_name(fd, head, headlen, file_size, image.entry);
}

static void classify(const char *path, int fd, const char *head, size_t headlen, uint64_t file_size)
{
	Elf64_Ehdr eh;

	if (headlen < sizeof eh || memcmp(head, ELFMAG, SELFMAG) != 0)
		return;
	memcpy(&eh, head, sizeof eh);
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != EM_X86_64)
		return;
	count.elf++;
	if (eh.e_type == ET_EXEC)
		count.exec++;
	else if (eh.e_type == ET_DYN && eh.e_entry)
		count.dyn++;
	else if (eh.e_type == ET_DYN)
		count.no_entry++;
	else
		count.other++;
	if (eh.e_type == ET_EXEC || (eh.e_type == ET_DYN && eh.e_entry))
		try(path, fd, head, headlen, file_size);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static char head[ELF_HEAD_MAX];
	int fd = type == FTW_F && S_ISREG(st->st_mode) ? open(path, O_RDONLY) : -1;
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);

	(void)ftw;
	if (n > 0)
		classify(path, fd, head, (size_t)n, (uint64_t)st->st_size);
	if (fd >= 0)
		close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], visit, 32, FTW_PHYS) != 0)
			perror(argv[i]);
	printf("%d x86-64 ELF files: %d ET_EXEC, %d ET_DYN with an entry, %d without, %d other\n",
		count.elf, count.exec, count.dyn, count.no_entry, count.other);
	printf("refused %d; interpreter %d (%d beyond the head), entry symbol found %d\n", count.refused, count.interp,
		count.far_interp, count.named);
	printf("at most %d segments; aligned above a page %d, executable stack %d, writable and executable segments %d, "
		"program headers not loaded %d\n", count.max_segments, count.big_align, count.exec_stack, count.wx, count.no_phdr);
	return count.refused > 0;
}
