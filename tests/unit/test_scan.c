/* Which bytes set PKRU, wherever they stand; and which only look like it. */
#include <check.h>
#include <string.h>

#include "machine/scan.h"
#include "run_suite.h"

#define NOWHERE (-1)

static long find(const void *bytes, size_t length)
{
	const uint8_t *from = bytes, *found = scan_next(from, from + length);

	return found ? found - from : NOWHERE;
}

#define FIND(bytes) find(bytes, sizeof bytes - 1)

START_TEST(wrpkru_is_found)
{
	ck_assert_int_eq(FIND("\x0f\x01\xef"), 0);
	ck_assert_int_eq(FIND("\x90\x66\x0f\x01\xef\xc3"), 2);
	ck_assert_str_eq(scan_name((const uint8_t *)"\x0f\x01\xef"), "WRPKRU");
}
END_TEST

START_TEST(xrstor_is_found_with_every_operand_in_memory)
{
	for (unsigned modrm = 0; modrm < 0x100; modrm++) {
		const uint8_t bytes[] = { 0x48, 0x0f, 0xae, (uint8_t)modrm };
		int wanted = (modrm >> 3 & 7) == 5 && modrm >> 6 != 3 ? 1 : NOWHERE;

		ck_assert_int_eq(find(bytes, sizeof bytes), wanted);
	}
	ck_assert_str_eq(scan_name((const uint8_t *)"\x0f\xae\x2f"), "XRSTOR");
}
END_TEST

START_TEST(their_neighbours_are_not)
{
	ck_assert_int_eq(FIND("\x0f\x01\xee"), NOWHERE);         /* rdpkru */
	ck_assert_int_eq(FIND("\x0f\xae\xe8"), NOWHERE);         /* lfence */
	ck_assert_int_eq(FIND("\x0f\xae\x4c\x24\x40"), NOWHERE); /* fxrstor */
	ck_assert_int_eq(FIND("\x0f\xae\x64\x24\x40"), NOWHERE); /* xsave */
	ck_assert_int_eq(FIND("\x0f\xc7\x1f"), NOWHERE);         /* xrstors: privileged */
	ck_assert_int_eq(FIND("\x0e\x01\xef"), NOWHERE);
}
END_TEST

START_TEST(nothing_is_read_beyond_the_end)
{
	ck_assert_int_eq(find("\x0f\x01\xef", 2), NOWHERE);
	ck_assert_int_eq(find("\x0f\x01\xef", 1), NOWHERE);
	ck_assert_int_eq(find("\x0f\x01\xef", 0), NOWHERE);
	ck_assert_int_eq(find("\x90\x0f\xae\x2f", 3), NOWHERE);
	ck_assert_int_eq(find("\x90\x0f\xae\x2f", 4), 1);
}
END_TEST

START_TEST(it_is_found_inside_another_instruction)
{
	ck_assert_int_eq(FIND("\xb8\x00\x0f\x01\xef"), 2);    /* mov $0xef010f00, %eax */
	ck_assert_int_eq(FIND("\x83\xe2\x0f\x01\xef"), 2);    /* and $15, %edx; add %ebp, %edi */
	ck_assert_int_eq(FIND("\x0f\x0f\x0f\xae\x28"), 2);    /* behind escapes that lead nowhere */
	ck_assert_int_eq(FIND("\x0f\xae\x0f\x01\xef"), 2);
}
END_TEST

START_TEST(it_is_found_across_the_border_of_two_pages)
{
	static uint8_t pages[2 * 4096];
	const uint8_t *border = pages + 4096;

	for (int before = 1; before < SCAN_LENGTH; before++) {
		memset(pages, 0x90, sizeof pages);
		memcpy(pages + 4096 - before, "\x0f\x01\xef", 3);
		ck_assert_ptr_null(scan_next(pages, border));
		ck_assert_ptr_null(scan_next(border, pages + sizeof pages));
		ck_assert_ptr_eq(scan_next(border - SCAN_LENGTH + 1, border + SCAN_LENGTH - 1), border - before);
		ck_assert_ptr_eq(scan_next(pages, pages + sizeof pages), border - before);
	}
}
END_TEST

START_TEST(the_next_is_found_from_behind_the_first)
{
	const uint8_t bytes[] = { 0x0f, 0x01, 0xef, 0x90, 0x0f, 0xae, 0x2f };

	ck_assert_ptr_eq(scan_next(bytes + 1, bytes + sizeof bytes), bytes + 4);
	ck_assert_ptr_null(scan_next(bytes + 5, bytes + sizeof bytes));
}
END_TEST

/* All sequences of three bytes that are found: of 0f, what the scan looks for by itself. */
static int all_found(uint8_t found[][SCAN_LENGTH])
{
	int count = 0;

	for (unsigned rest = 0; rest < 0x10000; rest++) {
		const uint8_t bytes[] = { 0x0f, (uint8_t)(rest >> 8), (uint8_t)rest };

		if (find(bytes, sizeof bytes) == 0)
			memcpy(found[count++], bytes, sizeof bytes);
	}
	return count;
}

START_TEST(a_border_has_a_part_of_one_if_others_could_complete_it)
{
	static uint8_t found[100][SCAN_LENGTH];
	int count = all_found(found);

	ck_assert_int_eq(count, 25);
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		const uint8_t bytes[] = { (uint8_t)(pair >> 8), (uint8_t)pair };
		bool begins[] = { false, false }, ends[] = { false, false };

		for (int i = 0; i < count; i++) {
			begins[0] |= found[i][0] == bytes[1];
			begins[1] |= found[i][0] == bytes[0] && found[i][1] == bytes[1];
			ends[0] |= found[i][2] == bytes[0];
			ends[1] |= found[i][1] == bytes[0] && found[i][2] == bytes[1];
		}
		for (unsigned n = 1; n <= 2; n++) {
			ck_assert_int_eq(scan_begins(bytes + 2, n), begins[n - 1]);
			ck_assert_int_eq(scan_ends(bytes, n), ends[n - 1]);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scan");
	TCase *all = tcase_create("all");

	tcase_add_test(all, wrpkru_is_found);
	tcase_add_test(all, xrstor_is_found_with_every_operand_in_memory);
	tcase_add_test(all, their_neighbours_are_not);
	tcase_add_test(all, nothing_is_read_beyond_the_end);
	tcase_add_test(all, it_is_found_inside_another_instruction);
	tcase_add_test(all, it_is_found_across_the_border_of_two_pages);
	tcase_add_test(all, the_next_is_found_from_behind_the_first);
	tcase_add_test(all, a_border_has_a_part_of_one_if_others_could_complete_it);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
