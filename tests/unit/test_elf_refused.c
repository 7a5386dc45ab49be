/* elf.c: one valid program, then one thing wrong with it at a time. */
#include <stdlib.h>

#include "elf_builder.h"
#include "run_suite.h"

START_TEST(every_shorter_file_is_refused)
{
	for (size_t size = 0; size < sizeof file; size++) {
		char *exact = malloc(size + 1);	/* of just that size, so that ASan sees a step beyond it */

		memcpy(exact + 1, &file, size);
		ck_assert_ptr_nonnull(elf_parse(exact + 1, size, size, &image));
		free(exact);
	}
	ck_assert_pstr_eq(elf_parse(&file, 0, 0, &image), "empty file");
	ck_assert_pstr_eq(elf_parse(&file, sizeof file, 8, &image), "truncated ELF header");
}
END_TEST

START_TEST(a_long_file_with_a_short_head_is_enough)
{
	ck_assert_pstr_eq(elf_parse(&file, sizeof file.eh + sizeof file.ph, sizeof file, &image), NULL);
	ck_assert_pstr_eq(elf_parse(&file, sizeof file.eh + sizeof file.ph - 1, sizeof file, &image),
		"program headers too far into the file");
}
END_TEST

struct mutation {
	const char *message;
	void *field;
	size_t size;
	uint64_t value;
};

#define SET(field, value, message) { message, &file.field, sizeof file.field, value }

/* One field of the valid program changed, and what is said then. */
static const struct mutation mutations[] = {
	SET(eh.e_ident[EI_MAG0], '#', "not an ELF file"),
	SET(eh.e_ident[EI_CLASS], ELFCLASS32, "32-bit ELF"),
	SET(eh.e_ident[EI_CLASS], 9, "damaged ELF header"),
	SET(eh.e_ident[EI_DATA], ELFDATA2MSB, "big-endian ELF, for another architecture"),
	SET(eh.e_machine, EM_AARCH64, "for another architecture (aarch64)"),
	SET(eh.e_machine, EM_RISCV, "for another architecture (riscv)"),
	SET(eh.e_machine, 0, "for another architecture"),
	SET(eh.e_type, ET_REL, "an object file, not a program (link it first)"),
	SET(eh.e_type, ET_CORE, "a core dump, not a program"),
	SET(eh.e_type, ET_NONE, "not a program (unknown ELF type)"),
	SET(eh.e_phnum, 0, "no program headers"),
	SET(eh.e_phnum, PN_XNUM, "too many program headers"),
	SET(eh.e_phnum, 0x100, "program headers reach beyond the end of the file"),
	SET(eh.e_phentsize, 32, "program headers of an unknown size"),
	SET(eh.e_phoff, UINT64_MAX - 8, "program headers reach beyond the end of the file"),
	SET(eh.e_entry, 0x400fff + 1, "entry point outside the program"),
	SET(eh.e_entry, 0x402010, "entry point outside the program"),
	SET(eh.e_entry, 0, "entry point outside the program"),
	SET(ph[TEXT].p_type, PT_NULL, "entry point outside the program"),
	SET(ph[TEXT].p_flags, PF_R, "entry point outside the program"),
	SET(ph[TEXT].p_filesz, 0x1001, "segment larger in the file than in memory"),
	SET(ph[TEXT].p_memsz, 0x2001, "segments overlap"),
	SET(ph[TEXT].p_vaddr, 0x403000, "segments out of order"),
	SET(ph[TEXT].p_vaddr, 0xf000, "segment below 64 KiB"),
	SET(ph[TEXT].p_vaddr, 0x400008, "misaligned segment"),
	SET(ph[DATA].p_offset, 0x1011, "segment reaches beyond the end of the file"),
	SET(ph[DATA].p_offset, UINT64_MAX - 0xfef, "segment reaches beyond the end of the file"),
	SET(ph[DATA].p_offset, 0x1000, "misaligned segment"),
	SET(ph[DATA].p_memsz, UINT64_MAX, "segment too large"),
	SET(ph[DATA].p_memsz, (4ull << 30) + 1, "segment too large"),
	SET(ph[DATA].p_memsz, (4ull << 30) - 0x1000, "segments too far apart"),
	SET(ph[DATA].p_vaddr, UINT64_MAX - 0xfef, "segment outside the address space"),
	SET(ph[DATA].p_vaddr, 0x7ffffffff010, "segment outside the address space"),
	SET(ph[DATA].p_vaddr, 0x800000000010, "segment outside the address space"),
	SET(ph[DATA].p_vaddr, 0x200402010, "segments too far apart"),
	SET(ph[DATA].p_align, 1ull << 63, "segment alignment too large"),
};

START_TEST(one_wrong_field_is_named)
{
	const struct mutation *m = &mutations[_i];

	ACCEPTED();
	memcpy(m->field, &m->value, m->size);	/* little endian */
	REFUSED(m->message);
}
END_TEST

/* One field of the valid program at the last value that is still right. */
static const struct mutation limits[] = {
	SET(eh.e_entry, 0x400000, NULL),
	SET(eh.e_entry, 0x400fff, NULL),
	SET(ph[TEXT].p_memsz, 0x2000, NULL),
	SET(ph[DATA].p_vaddr, 0x401010, NULL),
	SET(ph[DATA].p_vaddr, 0x1003fd010, NULL),
	SET(ph[DATA].p_memsz, (4ull << 30) - 0x2010, NULL),
	SET(ph[DATA].p_align, 1ull << 30, NULL),
	SET(ph[DATA].p_align, 0, NULL),
};

START_TEST(one_field_at_its_limit_is_accepted)
{
	const struct mutation *m = &limits[_i];

	memcpy(m->field, &m->value, m->size);
	ACCEPTED();
}
END_TEST

START_TEST(a_fixed_program_may_begin_at_64_kib)
{
	file.ph[TEXT].p_vaddr = file.eh.e_entry = 0x10000;
	ACCEPTED();
	file.ph[SPARE] = (Elf64_Phdr) { .p_type = PT_LOAD };	/* of no size: its address does not matter */
	ACCEPTED();
}
END_TEST

START_TEST(nothing_to_load_is_refused)
{
	file.ph[TEXT].p_type = file.ph[DATA].p_type = PT_NULL;
	REFUSED("no loadable segment");
}
END_TEST

START_TEST(a_shared_library_is_refused)
{
	make_pie();
	file.eh.e_entry = 0;
	REFUSED("a shared library, not a program");
}
END_TEST

START_TEST(interpreter_names_must_be_sane)
{
	char *name = (char *)&file + INTERP_OFFSET;

	add_interp();
	file.ph[SPARE].p_filesz--;
	REFUSED("unterminated interpreter name");
	file.ph[SPARE].p_filesz = 257;
	REFUSED("interpreter name too long");
	file.ph[SPARE].p_filesz = 1;
	REFUSED("empty interpreter name");
	add_interp();
	file.ph[SPARE].p_offset = UINT64_MAX - 2;
	REFUSED("interpreter name reaches beyond the end of the file");
	add_interp();
	name[0] = '\0';
	REFUSED("empty interpreter name");
}
END_TEST

START_TEST(the_seventeenth_segment_is_too_many)
{
	static struct { Elf64_Ehdr eh; Elf64_Phdr ph[ELF_MAX_SEGMENTS + 1]; } many;

	many.eh = file.eh;
	for (int i = 0; i <= ELF_MAX_SEGMENTS; i++) {
		many.ph[i] = file.ph[TEXT];
		many.ph[i].p_filesz = 0;
		many.ph[i].p_vaddr += (uint64_t)i * 0x1000;
	}
	many.eh.e_phnum = ELF_MAX_SEGMENTS;
	ck_assert_pstr_eq(elf_parse(&many, sizeof many, sizeof many, &image), NULL);
	ck_assert_int_eq(image.nseg, ELF_MAX_SEGMENTS);
	many.eh.e_phnum++;
	ck_assert_pstr_eq(elf_parse(&many, sizeof many, sizeof many, &image), "too many segments");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf refused");
	TCase *tests = tcase_create("refused");

	tcase_add_checked_fixture(tests, build, NULL);
	tcase_add_test(tests, every_shorter_file_is_refused);
	tcase_add_test(tests, a_long_file_with_a_short_head_is_enough);
	tcase_add_loop_test(tests, one_wrong_field_is_named, 0, (int)(sizeof mutations / sizeof *mutations));
	tcase_add_loop_test(tests, one_field_at_its_limit_is_accepted, 0, (int)(sizeof limits / sizeof *limits));
	tcase_add_test(tests, a_fixed_program_may_begin_at_64_kib);
	tcase_add_test(tests, nothing_to_load_is_refused);
	tcase_add_test(tests, a_shared_library_is_refused);
	tcase_add_test(tests, interpreter_names_must_be_sane);
	tcase_add_test(tests, the_seventeenth_segment_is_too_many);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
