/* elf.c's symbol functions: which function is this address in? */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/elf.h"
#include "run_suite.h"

static const char strings[] = "\0outer\0inner\0label\0data\0unterminated";
enum { OUTER = 1, INNER = 7, LABEL = 13, DATA = 19, UNTERMINATED = 24 };

#define FUNC ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)
#define OBJECT ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT)
#define STRSIZE (sizeof strings - 1)	/* without the compiler's NUL: the last name is cut off */

static const Elf64_Sym symbols[] = {
	{ 0 },
	{ .st_name = OUTER, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1000, .st_size = 0x100 },
	{ .st_name = INNER, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1040, .st_size = 0x10 },
	{ .st_name = DATA, .st_info = OBJECT, .st_shndx = 1, .st_value = 0x1044, .st_size = 4 },
	{ .st_name = DATA, .st_info = FUNC, .st_shndx = SHN_UNDEF, .st_value = 0x1044, .st_size = 4 },
	{ .st_name = UNTERMINATED, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1044, .st_size = 4 },
	{ .st_name = UINT32_MAX, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1044, .st_size = 4 },
	{ .st_name = 0, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1044, .st_size = 4 },
	{ .st_name = LABEL, .st_info = FUNC, .st_shndx = 1, .st_value = 0x1080 },
	{ .st_name = LABEL, .st_info = FUNC, .st_shndx = 1, .st_value = 0x2000 },
	{ .st_name = INNER, .st_info = FUNC, .st_shndx = 1, .st_value = 0x3000, .st_size = 8 },
	{ .st_name = OUTER, .st_info = FUNC, .st_shndx = 1, .st_value = UINT64_MAX - 7, .st_size = 0x100 },
};

static uint64_t delta;

static const char *at(uint64_t vaddr)
{
	return elf_symbol_at(symbols, sizeof symbols, strings, STRSIZE, vaddr, &delta);
}

START_TEST(an_address_is_named_by_its_function)
{
	ck_assert_pstr_eq(at(0x1000), "outer");
	ck_assert_uint_eq(delta, 0);
	ck_assert_pstr_eq(at(0x10ff), "outer");
	ck_assert_uint_eq(delta, 0xff);
}
END_TEST

START_TEST(the_innermost_function_wins)
{
	ck_assert_pstr_eq(at(0x1045), "inner");
	ck_assert_uint_eq(delta, 5);
	ck_assert_pstr_eq(at(0x1050), "outer");
}
END_TEST

START_TEST(a_function_without_a_size_counts_if_nothing_better_is_there)
{
	ck_assert_pstr_eq(at(0x1081), "outer");
	ck_assert_pstr_eq(at(0x2100), "label");
	ck_assert_uint_eq(delta, 0x100);
}
END_TEST

START_TEST(an_address_between_functions_has_no_name)
{
	ck_assert_pstr_eq(at(0xfff), NULL);
	ck_assert_pstr_eq(at(0x3008), NULL);
}
END_TEST

START_TEST(a_function_that_wraps_around_does_not_name_address_zero)
{
	ck_assert_pstr_eq(at(UINT64_MAX), "outer");
	ck_assert_pstr_eq(at(0), NULL);
}
END_TEST

START_TEST(no_symbols_and_no_strings_mean_no_name)
{
	ck_assert_pstr_eq(elf_symbol_at(symbols, 0, strings, STRSIZE, 0x1000, &delta), NULL);
	ck_assert_pstr_eq(elf_symbol_at(symbols, sizeof symbols, strings, 0, 0x1000, &delta), NULL);
	ck_assert_pstr_eq(elf_symbol_at(symbols, 2 * sizeof *symbols - 1, strings, STRSIZE, 0x1000, &delta), NULL);
}
END_TEST

enum { NONE, SYMTAB, STRTAB, DYNSYM, SECTIONS };

static Elf64_Ehdr eh;
static Elf64_Shdr sh[SECTIONS];
static struct elf_symtab_location where;

static void build(void)
{
	memset(&eh, 0, sizeof eh);
	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_type = ET_EXEC;
	eh.e_machine = EM_X86_64;
	eh.e_shoff = 0x1000;
	eh.e_shentsize = sizeof *sh;
	eh.e_shnum = SECTIONS;
	memset(sh, 0, sizeof sh);
	sh[SYMTAB] = (Elf64_Shdr) {
		.sh_type = SHT_SYMTAB, .sh_link = STRTAB, .sh_entsize = sizeof(Elf64_Sym), .sh_offset = 100, .sh_size = 48,
	};
	sh[STRTAB] = (Elf64_Shdr) { .sh_type = SHT_STRTAB, .sh_offset = 200, .sh_size = 10 };
	sh[DYNSYM] = sh[SYMTAB];
	sh[DYNSYM].sh_type = SHT_DYNSYM;
	sh[DYNSYM].sh_offset = 300;
}

static bool find(void)
{
	return elf_find_symtab(&eh, sizeof eh, sh, sizeof sh, &where);
}

START_TEST(section_headers_are_where_the_header_says)
{
	uint64_t off, len;

	ck_assert(elf_section_headers(&eh, sizeof eh, 0x1000 + sizeof sh, &off, &len));
	ck_assert_uint_eq(off, 0x1000);
	ck_assert_uint_eq(len, sizeof sh);
	ck_assert(!elf_section_headers(&eh, sizeof eh, 0x1000 + sizeof sh - 1, &off, &len));
	ck_assert(!elf_section_headers(&eh, sizeof eh - 1, 0x2000, &off, &len));
	eh.e_shentsize--;
	ck_assert(!elf_section_headers(&eh, sizeof eh, 0x2000, &off, &len));
	eh.e_shentsize++;
	eh.e_shoff = UINT64_MAX - 1;
	ck_assert(!elf_section_headers(&eh, sizeof eh, 0x2000, &off, &len));
}
END_TEST

START_TEST(a_stripped_file_has_no_section_headers_to_read)
{
	uint64_t off, len;

	eh.e_shnum = 0;
	ck_assert(!elf_section_headers(&eh, sizeof eh, 0x2000, &off, &len));
	ck_assert(!find());
}
END_TEST

START_TEST(symtab_is_preferred_to_dynsym)
{
	ck_assert(find());
	ck_assert_uint_eq(where.symoff, 100);
	ck_assert_uint_eq(where.symsize, 48);
	ck_assert_uint_eq(where.stroff, 200);
	ck_assert_uint_eq(where.strsize, 10);
	sh[SYMTAB].sh_type = SHT_NULL;
	ck_assert(find());
	ck_assert_uint_eq(where.symoff, 300);
}
END_TEST

START_TEST(a_symbol_table_that_makes_no_sense_is_not_there)
{
	sh[DYNSYM].sh_type = SHT_NULL;
	sh[SYMTAB].sh_entsize = 16;
	ck_assert(!find());
	build();
	sh[SYMTAB].sh_link = sh[DYNSYM].sh_link = SECTIONS;
	ck_assert(!find());
	build();
	sh[SYMTAB].sh_link = sh[DYNSYM].sh_link = NONE;
	ck_assert(!find());
	build();
	sh[SYMTAB].sh_link = sh[DYNSYM].sh_link = SYMTAB;
	ck_assert(!find());
	build();
	sh[STRTAB].sh_size = 0;
	ck_assert(!find());
	build();
	sh[STRTAB].sh_offset = UINT64_MAX;
	ck_assert(!find());
	build();
	ck_assert(!elf_find_symtab(&eh, sizeof eh, sh, 2 * sizeof *sh, &where));
}
END_TEST

START_TEST(an_offset_is_at_the_address_that_its_segment_says)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph[3];
	} file = { .eh = eh, .ph = {
		{ .p_type = PT_LOAD, .p_offset = 0, .p_vaddr = 0x400000, .p_filesz = 0x1000, .p_memsz = 0x1000 },
		{ .p_type = PT_NOTE, .p_offset = 0x1000, .p_vaddr = 0x900000, .p_filesz = 0x1000, .p_memsz = 0x1000 },
		{ .p_type = PT_LOAD, .p_offset = 0x2000, .p_vaddr = 0x505000, .p_filesz = 0x10, .p_memsz = 0x1000 } } };
	uint64_t at;

	file.eh.e_phoff = sizeof file.eh;
	file.eh.e_phentsize = sizeof file.ph[0];
	file.eh.e_phnum = 3;
	file.eh.e_type = ET_DYN; /* a library, without an entry */
	ck_assert(elf_address_of(&file, sizeof file, 0x3000, 0xabc, &at) && at == 0x400abc);
	ck_assert(elf_address_of(&file, sizeof file, 0x3000, 0x200f, &at) && at == 0x50500f);
	ck_assert(!elf_address_of(&file, sizeof file, 0x3000, 0x2010, &at));
	ck_assert(!elf_address_of(&file, sizeof file, 0x3000, 0x1800, &at));
	ck_assert(!elf_address_of(&file, sizeof file, 0x3000, UINT64_MAX, &at));
	ck_assert(!elf_address_of(&file, sizeof file - 1, 0x3000, 0xabc, &at));
	file.eh.e_phoff = UINT64_MAX - 8;
	ck_assert(!elf_address_of(&file, sizeof file, 0x3000, 0xabc, &at));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf symbols");
	TCase *tests = tcase_create("symbols");

	tcase_add_checked_fixture(tests, build, NULL);
	tcase_add_test(tests, an_address_is_named_by_its_function);
	tcase_add_test(tests, the_innermost_function_wins);
	tcase_add_test(tests, a_function_without_a_size_counts_if_nothing_better_is_there);
	tcase_add_test(tests, an_address_between_functions_has_no_name);
	tcase_add_test(tests, a_function_that_wraps_around_does_not_name_address_zero);
	tcase_add_test(tests, no_symbols_and_no_strings_mean_no_name);
	tcase_add_test(tests, section_headers_are_where_the_header_says);
	tcase_add_test(tests, a_stripped_file_has_no_section_headers_to_read);
	tcase_add_test(tests, symtab_is_preferred_to_dynsym);
	tcase_add_test(tests, a_symbol_table_that_makes_no_sense_is_not_there);
	tcase_add_test(tests, an_offset_is_at_the_address_that_its_segment_says);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
