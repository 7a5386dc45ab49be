/* Where functions begin and end, by unwind tables and by symbols. */
#include <check.h>
#include <elf.h>
#include <string.h>

#include "kernel/functions.h"
#include "run_suite.h"

#define AT 0x1000u /* of the section */

/* A CIE that says "pc-relative, four bytes" (0x1b), by itself and beside a personality and an LSDA. */
#define CIE "\x14\0\0\0" "\0\0\0\0" "\1" "zR\0" "\1\x78\x10" "\1\x1b" "\0\0\0\0\0\0\0"
#define CIE_LONG "\x1c\0\0\0" "\0\0\0\0" "\1" "zPLR\0" "\1\x78\x10" "\7\x9b" "\1\2\3\4" "\x1b\x1b" "\0\0\0\0\0\0\0"
/* An FDE behind so many bytes: how far back its CIE is, where it begins from there, how long it is. */
#define FDE(back, start, length) "\x10\0\0\0" back start length "\0\0\0\0"

static struct functions all;

#define UNWIND(bytes) (all = (struct functions){ 0 }, functions_from_unwind(&all, bytes, sizeof bytes - 1, AT))

static void is(size_t i, uint64_t start, uint64_t end)
{
	ck_assert_uint_gt(all.count, i);
	ck_assert_uint_eq(all.list[i].start, start);
	ck_assert_uint_eq(all.list[i].end, end);
}

START_TEST(an_entry_tells_where_a_function_is)
{
	ck_assert(UNWIND(CIE FDE("\x1c\0\0\0", "\0\x10\0\0", "\x20\0\0\0")));
	ck_assert_uint_eq(all.count, 1);
	is(0, AT + 0x20 + 0x1000, AT + 0x20 + 0x1020);
	functions_free(&all);
}
END_TEST

START_TEST(before_itself_too)
{
	ck_assert(UNWIND(CIE FDE("\x1c\0\0\0", "\0\xf8\xff\xff", "\x20\0\0\0")));
	is(0, AT + 0x20 - 0x800, AT + 0x20 - 0x7e0);
	functions_free(&all);
}
END_TEST

START_TEST(what_else_a_cie_says_is_passed_over)
{
	ck_assert(UNWIND(CIE_LONG FDE("\x24\0\0\0", "\0\x10\0\0", "\x20\0\0\0")));
	is(0, AT + 0x28 + 0x1000, AT + 0x28 + 0x1020);
	functions_free(&all);
}
END_TEST

START_TEST(a_zero_length_ends_it_and_so_does_nonsense)
{
	ck_assert(UNWIND(CIE "\0\0\0\0" FDE("\x20\0\0\0", "\0\x10\0\0", "\x20\0\0\0")));
	ck_assert_uint_eq(all.count, 0);
	ck_assert(UNWIND(CIE "\xff\xff\xff\xff"));
	ck_assert(UNWIND("\x10"));
	ck_assert(UNWIND(CIE FDE("\xff\0\0\0", "\0\x10\0\0", "\x20\0\0\0"))); /* its CIE lies before the section */
	ck_assert_uint_eq(all.count, 0);
}
END_TEST

/* The table's header, how many, and pairs: the function's and the FDE's distance from the table, which is at AT - 0x100. */
#define TABLE "\1\x1b\x03\x3b" "\0\0\0\0"
#define FROM_TABLE(table, bytes) (all = (struct functions){ 0 }, \
	functions_from_table(&all, table, sizeof table - 1, AT - 0x100, bytes, sizeof bytes - 1, AT))
#define TWO CIE FDE("\x1c\0\0\0", "\0\x10\0\0", "\x20\0\0\0") FDE("\x30\0\0\0", "\0\x08\0\0", "\x20\0\0\0")

START_TEST(the_table_has_them_in_order)
{
	ck_assert(FROM_TABLE(TABLE "\2\0\0\0" "????" "\x2c\1\0\0" "????" "\x18\1\0\0", TWO));
	ck_assert_uint_eq(all.count, 2);
	is(0, AT + 0x34 + 0x800, AT + 0x34 + 0x820);
	is(1, AT + 0x20 + 0x1000, AT + 0x20 + 0x1020);
	functions_free(&all);
}
END_TEST

START_TEST(a_table_that_makes_no_sense_tells_nothing)
{
	ck_assert(FROM_TABLE("\1\x1b\x03\x33" "\0\0\0\0" "\1\0\0\0" "????" "\x18\1\0\0", TWO)); /* another encoding */
	ck_assert(FROM_TABLE(TABLE "\1\0\0\0" "????" "\0\1\0\0", TWO));                           /* a CIE */
	ck_assert(FROM_TABLE(TABLE "\1\0\0\0" "????" "\xff\1\0\0", TWO));                        /* beyond the section, */
	ck_assert(FROM_TABLE(TABLE "\1\0\0\0" "????" "\0\0\0\0", TWO));                           /* before it */
	ck_assert(FROM_TABLE(TABLE "\xff\xff\xff\xff" "????" "\x18", TWO));
	ck_assert(FROM_TABLE("\1\x1b", TWO));
	ck_assert_uint_eq(all.count, 0);
}
END_TEST

START_TEST(symbols_of_functions_with_a_size_count)
{
	const Elf64_Sym symbols[] = {
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x300, .st_size = 0x10 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), .st_shndx = 1, .st_value = 0x100, .st_size = 0x10 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = SHN_UNDEF, .st_value = 0x100, .st_size = 0x10 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x100, .st_size = 0 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = UINT64_MAX, .st_size = 2 },
		{ .st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC), .st_shndx = 1, .st_value = 0x200, .st_size = 0x10 },
	};

	all = (struct functions){ 0 };
	ck_assert(functions_from_symbols(&all, symbols, sizeof symbols - 1)); /* the last is cut off */
	ck_assert_uint_eq(all.count, 1);
	ck_assert(functions_from_symbols(&all, symbols + 5, sizeof *symbols));
	functions_sort(&all);
	is(0, 0x200, 0x210);
	is(1, 0x300, 0x310);
	functions_free(&all);
}
END_TEST

START_TEST(of_those_that_overlap_the_first_stays)
{
	const Elf64_Sym symbols[] = {
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x108, .st_size = 0x10 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x100, .st_size = 0x10 },
		{ .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x110, .st_size = 0x10 },
	};

	all = (struct functions){ 0 };
	ck_assert(functions_from_symbols(&all, symbols, sizeof symbols));
	functions_sort(&all);
	ck_assert_uint_eq(all.count, 2);
	is(0, 0x100, 0x110);
	is(1, 0x110, 0x120);
	functions_free(&all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("functions");
	TCase *tests = tcase_create("borders");

	tcase_add_test(tests, an_entry_tells_where_a_function_is);
	tcase_add_test(tests, before_itself_too);
	tcase_add_test(tests, what_else_a_cie_says_is_passed_over);
	tcase_add_test(tests, a_zero_length_ends_it_and_so_does_nonsense);
	tcase_add_test(tests, the_table_has_them_in_order);
	tcase_add_test(tests, a_table_that_makes_no_sense_tells_nothing);
	tcase_add_test(tests, symbols_of_functions_with_a_size_count);
	tcase_add_test(tests, of_those_that_overlap_the_first_stays);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
