/*
 * ELF files, read with distrust. Pure: bytes in, description or message out; no host call, no allocation. The caller fetches
 * the bytes. Format: elf(5), System V ABI chapter 5; what Linux makes of it: fs/binfmt_elf.c.
 */
#ifndef UOS_KERNEL_ELF_H
#define UOS_KERNEL_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 16
#define ELF_HEAD_MAX 65536		/* how much of a file's beginning elf_parse ever looks at */
#define ELF_PAGE 4096u

/* equal to PROT_READ, PROT_WRITE, PROT_EXEC; not to PF_R, PF_W, PF_X, which run the other way */
#define ELF_R 1
#define ELF_W 2
#define ELF_X 4

/* One PT_LOAD. Bytes [offset, offset + filesz) of the file appear at vaddr, zeros follow up to vaddr + memsz. */
struct elf_segment {
	uint64_t vaddr, memsz;		/* memsz > 0 */
	uint64_t offset, filesz;	/* filesz <= memsz; if filesz > 0, offset and vaddr are congruent modulo ELF_PAGE */
	int prot;
};

struct elf_image {
	bool pie;			/* may be loaded at any multiple of align: add the same bias to every address below */
	uint64_t entry;			/* inside an executable segment */
	uint64_t low, high;		/* page-rounded span of all segments; high - low is at most 4 GiB */
	uint64_t align;			/* power of two, at least ELF_PAGE */
	uint64_t phdr_vaddr;		/* where the program headers are in memory (AT_PHDR); 0 if no segment holds them */
	uint16_t phnum;
	bool exec_stack;		/* PT_GNU_STACK asks for one; its absence does not, on x86-64 */
	int nseg;			/* at least 1; ascending, no two share a page */
	struct elf_segment seg[ELF_MAX_SEGMENTS];
	uint64_t interp_offset;
	uint32_t interp_size;		/* 0: the program is static */
	char interp[256];		/* path of the dynamic linker; "" if static, or if it lay outside the head (see elf_set_interp) */
};

/* Where a symbol table and its strings are in the file. */
struct elf_symtab_location {
	uint64_t symoff, symsize, stroff, strsize;
};

/*
 * Describe the x86-64 program whose file is file_size bytes long and begins with the headlen bytes at head (hand over
 * ELF_HEAD_MAX of them, or all if the file is shorter). NULL and *out filled in if it can be loaded as it stands; else a
 * message that reads well after "uos: FILE: ", and *out is unspecified. Nothing in an accepted *out points outside the file, wraps,
 * or leaves the 47 bits of user addresses.
 */
const char *elf_parse(const void *head, size_t headlen, uint64_t file_size, struct elf_image *out);

/*
 * For the rare program with interp_size > 0 and an empty interp, because its name lies beyond the head (libc.so.6 is one): hand
 * over the interp_size bytes at interp_offset. NULL and interp filled in, or a message.
 */
const char *elf_set_interp(struct elf_image *image, const char *bytes);

/* The address, as in the file, of what stands at this offset of the file, a program's or a library's: false if nothing is loaded from there. */
bool elf_address_of(const void *head, size_t headlen, uint64_t file_size, uint64_t offset, uint64_t *vaddr);

/* Where the section headers are in the file: false if there are none, or none that make sense. [*off, *off + *len) is in the file. */
bool elf_section_headers(const void *head, size_t headlen, uint64_t file_size, uint64_t *off, uint64_t *len);

/*
 * The symbol table among the section headers (the shlen bytes at shdrs): .symtab, else .dynsym. False if there is none. The
 * ranges do not wrap, but may be huge or beyond the end of the file: the caller, who reads them, decides what is too much.
 */
bool elf_find_symtab(const void *head, size_t headlen, const void *shdrs, size_t shlen, struct elf_symtab_location *out);

/*
 * Name of the function that contains vaddr (an address as in the file, without a PIE's bias), and in *delta the distance from its
 * beginning. A symbol without a size counts if no other function begins between it and vaddr. NULL if there is none. The result
 * points into str. syms need not be aligned.
 */
const char *elf_symbol_at(const void *syms, size_t symsize, const char *str, size_t strsize, uint64_t vaddr, uint64_t *delta);

#endif
