/* A valid program in memory, for the tests of elf.c to spoil. */
#ifndef UOS_TESTS_ELF_BUILDER_H
#define UOS_TESTS_ELF_BUILDER_H

#include <check.h>
#include <elf.h>
#include <string.h>

#include "kernel/elf.h"

#define INTERP "/lib64/ld-linux-x86-64.so.2"
#define INTERP_OFFSET 0x800

enum { TEXT, DATA, STACK, SPARE, PHDRS };

/* A file in memory: header, program headers, text up to 0x1000, data up to 0x1100. */
struct file {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[PHDRS];
	char rest[0x1100 - sizeof(Elf64_Ehdr) - PHDRS * sizeof(Elf64_Phdr)];
};

static struct file file;
static struct elf_image image;

static inline void build(void)
{
	memset(&file, 0, sizeof file);
	memcpy(file.eh.e_ident, ELFMAG, SELFMAG);
	file.eh.e_ident[EI_CLASS] = ELFCLASS64;
	file.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	file.eh.e_ident[EI_VERSION] = EV_CURRENT;
	file.eh.e_type = ET_EXEC;
	file.eh.e_machine = EM_X86_64;
	file.eh.e_version = EV_CURRENT;
	file.eh.e_entry = 0x400234;
	file.eh.e_phoff = sizeof file.eh;
	file.eh.e_ehsize = sizeof file.eh;
	file.eh.e_phentsize = sizeof file.ph[0];
	file.eh.e_phnum = PHDRS;
	file.ph[TEXT] = (Elf64_Phdr) {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_align = 0x1000,
		.p_vaddr = 0x400000, .p_offset = 0, .p_filesz = 0x1000, .p_memsz = 0x1000,
	};
	file.ph[DATA] = (Elf64_Phdr) {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_align = 0x1000,
		.p_vaddr = 0x402010, .p_offset = 0x1010, .p_filesz = 0xf0, .p_memsz = 0x2000,
	};
	file.ph[STACK] = (Elf64_Phdr) { .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W };
	strcpy((char *)&file + INTERP_OFFSET, INTERP);
}

static inline void make_pie(void)
{
	file.eh.e_type = ET_DYN;
	file.eh.e_entry -= 0x400000;
	file.ph[TEXT].p_vaddr -= 0x400000;
	file.ph[DATA].p_vaddr -= 0x400000;
}

static inline void add_interp(void)
{
	file.ph[SPARE] = (Elf64_Phdr) { .p_type = PT_INTERP, .p_offset = INTERP_OFFSET, .p_filesz = sizeof INTERP };
}

static inline const char *parse(void)
{
	return elf_parse(&file, sizeof file, sizeof file, &image);
}

/* The program is accepted, refused with this message. */
#define ACCEPTED() ck_assert_pstr_eq(parse(), NULL)
#define REFUSED(message) ck_assert_pstr_eq(parse(), message)

#endif
