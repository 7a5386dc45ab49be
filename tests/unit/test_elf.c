/* elf.c: what it says of programs that can be loaded. */
#include <stdlib.h>

#include "elf_builder.h"
#include "run_suite.h"

START_TEST(a_fixed_program_is_described_as_it_is)
{
	ACCEPTED();
	ck_assert(!image.pie && !image.exec_stack);
	ck_assert_uint_eq(image.entry, 0x400234);
	ck_assert_uint_eq(image.low, 0x400000);
	ck_assert_uint_eq(image.high, 0x405000);
	ck_assert_uint_eq(image.align, 0x1000);
	ck_assert_uint_eq(image.phdr_vaddr, 0x400040);
	ck_assert_uint_eq(image.phnum, PHDRS);
	ck_assert_str_eq(image.interp, "");
	ck_assert_uint_eq(image.interp_size, 0);
	ck_assert_int_eq(image.nseg, 2);
	ck_assert_int_eq(image.seg[0].prot, ELF_R | ELF_X);
	ck_assert_int_eq(image.seg[1].prot, ELF_R | ELF_W);
	ck_assert_uint_eq(image.seg[1].vaddr, 0x402010);
	ck_assert_uint_eq(image.seg[1].offset, 0x1010);
	ck_assert_uint_eq(image.seg[1].filesz, 0xf0);
	ck_assert_uint_eq(image.seg[1].memsz, 0x2000);
}
END_TEST

START_TEST(a_pie_may_start_at_zero)
{
	make_pie();
	ACCEPTED();
	ck_assert(image.pie);
	ck_assert_uint_eq(image.low, 0);
	ck_assert_uint_eq(image.high, 0x5000);
	ck_assert_uint_eq(image.phdr_vaddr, 0x40);
}
END_TEST

START_TEST(a_dynamic_program_names_its_interpreter)
{
	add_interp();
	ACCEPTED();
	ck_assert_str_eq(image.interp, INTERP);
	ck_assert_uint_eq(image.interp_size, sizeof INTERP);
}
END_TEST

START_TEST(an_interpreter_beyond_the_head_is_asked_for)
{
	add_interp();
	ck_assert_pstr_eq(elf_parse(&file, INTERP_OFFSET + 4, sizeof file, &image), NULL);
	ck_assert_str_eq(image.interp, "");
	ck_assert_uint_eq(image.interp_offset, INTERP_OFFSET);
	ck_assert_uint_eq(image.interp_size, sizeof INTERP);
	ck_assert_pstr_eq(elf_set_interp(&image, INTERP), NULL);
	ck_assert_str_eq(image.interp, INTERP);
}
END_TEST

START_TEST(an_executable_stack_is_noticed)
{
	file.ph[STACK].p_flags |= PF_X;
	ACCEPTED();
	ck_assert(image.exec_stack);
}
END_TEST

START_TEST(no_word_about_the_stack_means_not_executable)
{
	file.ph[STACK].p_type = PT_NULL;
	ACCEPTED();
	ck_assert(!image.exec_stack);
}
END_TEST

START_TEST(a_writable_executable_segment_is_no_error)
{
	file.ph[TEXT].p_flags |= PF_W;
	ACCEPTED();
	ck_assert_int_eq(image.seg[0].prot, ELF_R | ELF_W | ELF_X);
}
END_TEST

START_TEST(a_segment_of_no_size_is_skipped)
{
	file.ph[DATA].p_filesz = file.ph[DATA].p_memsz = 0;
	ACCEPTED();
	ck_assert_int_eq(image.nseg, 1);
	ck_assert_uint_eq(image.high, 0x401000);
}
END_TEST

START_TEST(a_segment_of_zeros_needs_nothing_from_the_file)
{
	file.ph[DATA].p_filesz = 0;
	file.ph[DATA].p_offset = 0x123456789;
	ACCEPTED();
	ck_assert_int_eq(image.nseg, 2);
}
END_TEST

START_TEST(two_segments_may_share_a_page_of_the_file)
{
	file.ph[DATA].p_vaddr = 0x401800;
	file.ph[DATA].p_offset = 0x800;
	ACCEPTED();
}
END_TEST

START_TEST(alignment_is_the_largest_asked_for)
{
	file.ph[DATA].p_align = 0x200000;
	ACCEPTED();
	ck_assert_uint_eq(image.align, 0x200000);
}
END_TEST

START_TEST(alignment_that_is_no_power_of_two_is_ignored)
{
	file.ph[DATA].p_align = 0x300000;
	ACCEPTED();
	ck_assert_uint_eq(image.align, 0x1000);
}
END_TEST

START_TEST(program_headers_outside_every_segment_have_no_address)
{
	file.ph[TEXT].p_offset = 0x1000;
	file.ph[TEXT].p_filesz = 0x100;
	ACCEPTED();
	ck_assert_uint_eq(image.phdr_vaddr, 0);
}
END_TEST

START_TEST(program_headers_partly_in_a_segment_have_no_address)
{
	file.ph[TEXT].p_filesz = sizeof file.eh + sizeof file.ph;
	ACCEPTED();
	ck_assert_uint_eq(image.phdr_vaddr, 0x400040);
	file.ph[TEXT].p_filesz--;
	ACCEPTED();
	ck_assert_uint_eq(image.phdr_vaddr, 0);
}
END_TEST

START_TEST(an_interpreter_name_fills_its_field_and_the_first_counts)
{
	char *name = (char *)&file + INTERP_OFFSET;

	memset(name, 'x', 255);
	add_interp();
	file.ph[SPARE].p_filesz = 256;
	ACCEPTED();
	ck_assert_uint_eq(strlen(image.interp), 255);
	name[1] = '\0';
	file.ph[STACK] = file.ph[SPARE];
	file.ph[STACK].p_filesz = 2;
	ACCEPTED();
	ck_assert_str_eq(image.interp, "x");
	ck_assert_uint_eq(image.interp_size, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf");
	TCase *tests = tcase_create("parse");

	tcase_add_checked_fixture(tests, build, NULL);
	tcase_add_test(tests, a_fixed_program_is_described_as_it_is);
	tcase_add_test(tests, a_pie_may_start_at_zero);
	tcase_add_test(tests, a_dynamic_program_names_its_interpreter);
	tcase_add_test(tests, an_interpreter_beyond_the_head_is_asked_for);
	tcase_add_test(tests, an_executable_stack_is_noticed);
	tcase_add_test(tests, no_word_about_the_stack_means_not_executable);
	tcase_add_test(tests, a_writable_executable_segment_is_no_error);
	tcase_add_test(tests, a_segment_of_no_size_is_skipped);
	tcase_add_test(tests, a_segment_of_zeros_needs_nothing_from_the_file);
	tcase_add_test(tests, two_segments_may_share_a_page_of_the_file);
	tcase_add_test(tests, alignment_is_the_largest_asked_for);
	tcase_add_test(tests, alignment_that_is_no_power_of_two_is_ignored);
	tcase_add_test(tests, program_headers_outside_every_segment_have_no_address);
	tcase_add_test(tests, program_headers_partly_in_a_segment_have_no_address);
	tcase_add_test(tests, an_interpreter_name_fills_its_field_and_the_first_counts);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
