#include "elf.h"

#include <elf.h>
#include <string.h>

#define USER_END ((1ull << 47) - ELF_PAGE)	/* Linux's TASK_SIZE: the last page below the hole is never mapped */
#define EXEC_LOW 65536ull			/* vm.mmap_min_addr: a fixed address below it cannot be had */
#define SPAN_MAX (4ull << 30)
#define ALIGN_MAX (1ull << 30)

static uint64_t page_down(uint64_t a)
{
	return a & ~(uint64_t)(ELF_PAGE - 1);
}

static uint64_t page_up(uint64_t a)
{
	return page_down(a + ELF_PAGE - 1);
}

/* Is [off, off + len) inside [0, size)? Written so that nothing can wrap. */
static bool inside(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

static const char *check_machine(const Elf64_Ehdr *eh)
{
	switch (eh->e_machine) {
	case EM_X86_64:
		return NULL;
	case EM_AARCH64:
		return "for another architecture (aarch64)";
	case EM_RISCV:
		return "for another architecture (riscv)";
	case EM_PPC64:
		return "for another architecture (ppc64)";
	default:
		return "for another architecture";
	}
}

static const char *check_type(const Elf64_Ehdr *eh)
{
	switch (eh->e_type) {
	case ET_EXEC:
		return NULL;
	case ET_DYN:
		return eh->e_entry ? NULL : "a shared library, not a program";
	case ET_REL:
		return "an object file, not a program (link it first)";
	case ET_CORE:
		return "a core dump, not a program";
	default:
		return "not a program (unknown ELF type)";
	}
}

/* The file's header: copied, because the bytes may be anywhere, and known to be of our kind. */
static const char *read_header(const void *head, size_t headlen, Elf64_Ehdr *eh)
{
	const unsigned char *id = head;

	if (headlen < SELFMAG || memcmp(id, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (headlen > EI_CLASS && id[EI_CLASS] == ELFCLASS32)
		return "32-bit ELF";
	if (headlen < sizeof *eh)
		return "truncated ELF header";
	if (id[EI_DATA] == ELFDATA2MSB)
		return "big-endian ELF, for another architecture";
	if (id[EI_CLASS] != ELFCLASS64 || id[EI_DATA] != ELFDATA2LSB)
		return "damaged ELF header";
	memcpy(eh, head, sizeof *eh);
	return check_machine(eh);
}

static const char *check_table(const Elf64_Ehdr *eh, size_t headlen, uint64_t file_size)
{
	uint64_t size = (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr);

	if (eh->e_phnum == 0)
		return "no program headers";
	if (eh->e_phnum == PN_XNUM)
		return "too many program headers";
	if (eh->e_phentsize != sizeof(Elf64_Phdr))
		return "program headers of an unknown size";
	if (!inside(eh->e_phoff, size, file_size))
		return "program headers reach beyond the end of the file";
	if (!inside(eh->e_phoff, size, headlen))
		return "program headers too far into the file";
	return NULL;
}

static int prot_of(uint32_t flags)
{
	return (flags & PF_R ? ELF_R : 0) | (flags & PF_W ? ELF_W : 0) | (flags & PF_X ? ELF_X : 0);
}

static const char *check_load(const Elf64_Phdr *ph, uint64_t file_size, bool pie)
{
	if (ph->p_filesz > ph->p_memsz)
		return "segment larger in the file than in memory";
	if (ph->p_memsz > SPAN_MAX)
		return "segment too large";
	if (!inside(ph->p_vaddr, ph->p_memsz, USER_END))
		return "segment outside the address space";
	if (!pie && ph->p_memsz > 0 && page_down(ph->p_vaddr) < EXEC_LOW)
		return "segment below 64 KiB";
	if (ph->p_filesz > 0 && !inside(ph->p_offset, ph->p_filesz, file_size))
		return "segment reaches beyond the end of the file";
	if (ph->p_filesz > 0 && (ph->p_vaddr - ph->p_offset) % ELF_PAGE != 0)
		return "misaligned segment";
	return NULL;
}

/*
 * Append a segment that check_load found good. Memory is protected by the page, so segments that share one cannot both have
 * their way. (Linux lets the later one win; no linker makes such files.)
 */
static const char *add_segment(const Elf64_Phdr *ph, struct elf_image *out)
{
	uint64_t low = page_down(ph->p_vaddr), high = page_up(ph->p_vaddr + ph->p_memsz);

	if (out->nseg == ELF_MAX_SEGMENTS)
		return "too many segments";
	if (out->nseg > 0 && ph->p_vaddr < out->seg[out->nseg - 1].vaddr)
		return "segments out of order";
	if (out->nseg > 0 && low < out->high)
		return "segments overlap";
	if (out->nseg == 0)
		out->low = low;
	if (high - out->low > SPAN_MAX)
		return "segments too far apart";
	out->high = high;
	out->seg[out->nseg++] = (struct elf_segment) {
		.vaddr = ph->p_vaddr, .memsz = ph->p_memsz,
		.offset = ph->p_offset, .filesz = ph->p_filesz,
		.prot = prot_of(ph->p_flags),
	};
	return NULL;
}

/* Linux too raises the alignment of the whole image to its segments' largest, and ignores what is not a power of two. */
static const char *raise_align(uint64_t align, struct elf_image *out)
{
	if ((align & (align - 1)) != 0 || align <= out->align)
		return NULL;
	if (align > ALIGN_MAX)
		return "segment alignment too large";
	out->align = align;
	return NULL;
}

static const char *load_segment(const Elf64_Phdr *ph, uint64_t file_size, struct elf_image *out)
{
	const char *error = check_load(ph, file_size, out->pie);

	if (error || ph->p_memsz == 0)
		return error;
	error = raise_align(ph->p_align, out);
	return error ? error : add_segment(ph, out);
}

const char *elf_set_interp(struct elf_image *image, const char *bytes)
{
	if (bytes[0] == '\0')
		return "empty interpreter name";
	if (bytes[image->interp_size - 1] != '\0')
		return "unterminated interpreter name";
	memcpy(image->interp, bytes, image->interp_size);
	return NULL;
}

/* The first PT_INTERP counts, as on Linux. */
static const char *read_interp(const Elf64_Phdr *ph, const char *head, size_t headlen, uint64_t file_size, struct elf_image *out)
{
	if (out->interp_size)
		return NULL;
	if (ph->p_filesz > sizeof out->interp)
		return "interpreter name too long";
	if (ph->p_filesz < 2)
		return "empty interpreter name";
	if (!inside(ph->p_offset, ph->p_filesz, file_size))
		return "interpreter name reaches beyond the end of the file";
	out->interp_offset = ph->p_offset;
	out->interp_size = (uint32_t)ph->p_filesz;
	return inside(ph->p_offset, ph->p_filesz, headlen) ? elf_set_interp(out, head + ph->p_offset) : NULL;
}

static const char *read_program_headers(const Elf64_Ehdr *eh, const char *head, size_t headlen, uint64_t file_size,
					struct elf_image *out)
{
	const char *error = NULL;

	for (int i = 0; i < eh->e_phnum && !error; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, head + eh->e_phoff + i * sizeof ph, sizeof ph);
		if (ph.p_type == PT_LOAD)
			error = load_segment(&ph, file_size, out);
		else if (ph.p_type == PT_INTERP)
			error = read_interp(&ph, head, headlen, file_size, out);
		else if (ph.p_type == PT_GNU_STACK)
			out->exec_stack = (ph.p_flags & PF_X) != 0;
	}
	return error;
}

static bool entry_is_code(const struct elf_image *image)
{
	for (int i = 0; i < image->nseg; i++) {
		const struct elf_segment *s = &image->seg[i];

		if ((s->prot & ELF_X) && image->entry >= s->vaddr && image->entry - s->vaddr < s->memsz)
			return true;
	}
	return false;
}

/* By file offset, not by PT_PHDR, which may be missing or lie. */
static uint64_t find_phdrs(const Elf64_Ehdr *eh, const struct elf_image *image)
{
	uint64_t size = (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr);

	for (int i = 0; i < image->nseg; i++) {
		const struct elf_segment *s = &image->seg[i];

		if (eh->e_phoff >= s->offset && inside(eh->e_phoff - s->offset, size, s->filesz))
			return s->vaddr + (eh->e_phoff - s->offset);
	}
	return 0;
}

const char *elf_parse(const void *head, size_t headlen, uint64_t file_size, struct elf_image *out)
{
	Elf64_Ehdr eh;
	const char *error;

	if (file_size == 0)
		return "empty file";
	if (headlen > file_size)
		headlen = file_size;
	error = read_header(head, headlen, &eh);
	if (!error)
		error = check_type(&eh);
	if (!error)
		error = check_table(&eh, headlen, file_size);
	if (error)
		return error;

	memset(out, 0, sizeof *out);
	out->pie = eh.e_type == ET_DYN;
	out->entry = eh.e_entry;
	out->align = ELF_PAGE;
	out->phnum = eh.e_phnum;
	error = read_program_headers(&eh, head, headlen, file_size, out);
	if (error)
		return error;
	if (out->nseg == 0)
		return "no loadable segment";
	if (!entry_is_code(out))
		return "entry point outside the program";
	out->phdr_vaddr = find_phdrs(&eh, out);
	return NULL;
}

bool elf_address_of(const void *head, size_t headlen, uint64_t file_size, uint64_t offset, uint64_t *vaddr)
{
	Elf64_Ehdr eh;

	if (read_header(head, headlen, &eh) != NULL || check_table(&eh, headlen, file_size) != NULL)
		return false;
	for (int i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, (const char *)head + eh.e_phoff + i * sizeof ph, sizeof ph);
		if (ph.p_type == PT_LOAD && offset >= ph.p_offset && offset - ph.p_offset < ph.p_filesz) {
			*vaddr = ph.p_vaddr + (offset - ph.p_offset);
			return true;
		}
	}
	return false;
}

bool elf_section_headers(const void *head, size_t headlen, uint64_t file_size, uint64_t *off, uint64_t *len)
{
	Elf64_Ehdr eh;

	if (read_header(head, headlen, &eh) != NULL || eh.e_shentsize != sizeof(Elf64_Shdr))
		return false;
	*off = eh.e_shoff;
	*len = (uint64_t)eh.e_shnum * sizeof(Elf64_Shdr);
	return *len > 0 && inside(*off, *len, file_size);
}

/* Section i, if it is there. */
static bool section(const char *shdrs, size_t count, size_t i, Elf64_Shdr *sh)
{
	if (i >= count)
		return false;
	memcpy(sh, shdrs + i * sizeof *sh, sizeof *sh);
	return true;
}

static bool usable(const Elf64_Shdr *sh)
{
	return sh->sh_size > 0 && inside(sh->sh_offset, sh->sh_size, UINT64_MAX);
}

static bool find_symtab(const char *shdrs, size_t count, uint32_t type, struct elf_symtab_location *out)
{
	Elf64_Shdr sym, str;

	for (size_t i = 0; section(shdrs, count, i, &sym); i++) {
		if (sym.sh_type != type || sym.sh_entsize != sizeof(Elf64_Sym) || !usable(&sym))
			continue;
		if (!section(shdrs, count, sym.sh_link, &str) || str.sh_type != SHT_STRTAB || !usable(&str))
			continue;
		*out = (struct elf_symtab_location) { sym.sh_offset, sym.sh_size, str.sh_offset, str.sh_size };
		return true;
	}
	return false;
}

bool elf_find_symtab(const void *head, size_t headlen, const void *shdrs, size_t shlen, struct elf_symtab_location *out)
{
	Elf64_Ehdr eh;
	size_t count = shlen / sizeof(Elf64_Shdr);

	if (read_header(head, headlen, &eh) != NULL)
		return false;
	if (count > eh.e_shnum)
		count = eh.e_shnum;
	return find_symtab(shdrs, count, SHT_SYMTAB, out) || find_symtab(shdrs, count, SHT_DYNSYM, out);
}

/* A function's name, not empty and terminated inside the table; else NULL. */
static const char *function_name(const Elf64_Sym *sym, const char *str, size_t strsize)
{
	if (ELF64_ST_TYPE(sym->st_info) != STT_FUNC || sym->st_shndx == SHN_UNDEF || sym->st_name >= strsize)
		return NULL;
	str += sym->st_name;
	return str[0] != '\0' && memchr(str, '\0', strsize - sym->st_name) ? str : NULL;
}

static bool contains(const Elf64_Sym *sym, uint64_t vaddr)
{
	return vaddr - sym->st_value < sym->st_size;
}

/*
 * Both begin at or below vaddr: is a the better answer? One that contains it first, then the one that begins nearer, then the
 * one with a size.
 */
static bool better(const Elf64_Sym *a, const Elf64_Sym *b, uint64_t vaddr)
{
	if (contains(a, vaddr) != contains(b, vaddr))
		return contains(a, vaddr);
	if (a->st_value != b->st_value)
		return a->st_value > b->st_value;
	return a->st_size > 0 && b->st_size == 0;
}

const char *elf_symbol_at(const void *syms, size_t symsize, const char *str, size_t strsize, uint64_t vaddr, uint64_t *delta)
{
	const char *best_name = NULL;
	Elf64_Sym best = { 0 };

	for (size_t at = 0; inside(at, sizeof(Elf64_Sym), symsize); at += sizeof(Elf64_Sym)) {
		const char *name;
		Elf64_Sym sym;

		memcpy(&sym, (const char *)syms + at, sizeof sym);
		if (sym.st_value > vaddr || (best_name && !better(&sym, &best, vaddr)))
			continue;
		name = function_name(&sym, str, strsize);
		if (name) {
			best = sym;
			best_name = name;
		}
	}
	if (!best_name || (best.st_size > 0 && !contains(&best, vaddr)))
		return NULL;
	*delta = vaddr - best.st_value;
	return best_name;
}
