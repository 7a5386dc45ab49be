/* What becomes of an instruction that must not be where it is; and which cannot be taken elsewhere. */
#include <check.h>
#include <string.h>

#include "machine/relocate.h"
#include "machine/scan.h"
#include "run_suite.h"

#define CODE 0x10000u
#define SLOT 0x8008u
#define WRPKRU "\x0f\x01\xef"
#define RET "\xc3"

static struct relocated r;

/* The function is these bytes; what is found in them first is relocated. */
static const char *plan(const char *bytes, size_t length)
{
	const struct function f = { CODE, CODE + length };
	const struct code c = { .bytes = (const uint8_t *)bytes, .start = CODE, .end = CODE + length, .functions = &f, .function_count = 1 };
	const uint8_t *found = scan_next(c.bytes, c.bytes + length);

	ck_assert_ptr_nonnull(found);
	return relocate_plan(&c, CODE + (uint64_t)(found - c.bytes), SLOT, &r);
}

#define PLAN(bytes) plan(bytes, sizeof bytes - 1)

static uint64_t target(const uint8_t *distance, uint64_t next)
{
	int32_t d;

	memcpy(&d, distance, sizeof d);
	return next + (uint64_t)(int64_t)d;
}

static void is_at(size_t at, size_t length, enum relocated_kind kind)
{
	ck_assert_uint_eq(r.at, CODE + at);
	ck_assert_uint_eq(r.length, length);
	ck_assert_int_eq(r.kind, kind);
	ck_assert_int_eq(memcmp(r.trap, "\x0f\x0b\x90\x90\x90\x90\x90", length < 7 ? length : 7), 0);
}

/* The slot is these bytes, then a jump to there. */
static void slot_is(const char *bytes, size_t length, uint64_t then)
{
	ck_assert_uint_eq(r.slot_length, length + 5);
	ck_assert_int_eq(memcmp(r.slot, bytes, length), 0);
	ck_assert_uint_eq(r.slot[length], 0xe9);
	ck_assert_uint_eq(target(r.slot + length + 1, SLOT + length + 5), then);
}

START_TEST(wrpkru_itself_is_a_trap)
{
	ck_assert_ptr_null(PLAN("\x31\xc9" WRPKRU RET));
	is_at(2, 3, RELOCATED_WRPKRU);
	ck_assert_uint_eq(r.slot_length, 0);
	ck_assert(!r.may_jump);
}
END_TEST

START_TEST(xrstor_itself_is_a_trap_with_its_prefix)
{
	ck_assert_ptr_null(PLAN("\x31\xd2\x0f\xae\x6c\x24\x40" RET));
	is_at(2, 5, RELOCATED_XRSTOR);
	ck_assert_ptr_null(PLAN("\x48\x0f\xae\x2f" RET));
	is_at(0, 4, RELOCATED_XRSTOR);
	ck_assert(!r.may_jump);
}
END_TEST

START_TEST(a_call_of_a_far_function_goes_by_a_slot)
{
	static const uint8_t push[] = { 0x50, 0x48, 0x8d, 0x05 }, swap[] = { 0x48, 0x87, 0x04, 0x24, 0xe9 };
	int32_t distance;

	ck_assert_ptr_null(PLAN("\x90\xe8\x0f\x01\xef\xff" RET));
	is_at(1, 5, RELOCATED_MOVED);
	ck_assert_int_eq(memcmp(r.slot, push, sizeof push), 0);
	ck_assert_uint_eq(target(r.slot + 4, SLOT + 8), CODE + 6);
	ck_assert_int_eq(memcmp(r.slot + 8, swap, sizeof swap), 0);
	distance = (int32_t)0xffef010f;
	ck_assert_uint_eq(target(r.slot + 13, SLOT + 17), CODE + 6 + (uint64_t)(int64_t)distance);
	ck_assert(r.may_jump);
	ck_assert_uint_eq(r.jump[0], 0xe9);
	ck_assert_uint_eq(target(r.jump + 1, CODE + 6), SLOT);
}
END_TEST

START_TEST(a_call_by_a_word_reads_that_word)
{
	ck_assert_ptr_null(PLAN("\x90\xff\x15\x0f\xae\xa9\xfe" RET)); /* call *-0x15651f1(%rip) */
	is_at(1, 6, RELOCATED_MOVED);
	ck_assert_uint_eq(r.slot[0], 0x50);
	ck_assert_uint_eq(target(r.slot + 4, SLOT + 8), CODE + 7);
	ck_assert_int_eq(memcmp(r.slot + 12, "\xff\x25", 2), 0);
	ck_assert_uint_eq(target(r.slot + 14, SLOT + 18), CODE + 7 - UINT64_C(0x15651f1));
	ck_assert_uint_eq(r.slot_length, 18);
	ck_assert(r.may_jump);
	ck_assert_ptr_null(PLAN("\xff\x25\x0f\xae\xa9\xfe")); /* jmp */
	ck_assert_int_eq(memcmp(r.slot, "\xff\x25", 2), 0);
	ck_assert_uint_eq(target(r.slot + 2, SLOT + 6), CODE + 6 - UINT64_C(0x15651f1));
	ck_assert_uint_eq(r.slot_length, 6);
}
END_TEST

START_TEST(what_is_relative_stays_where_it_was)
{
	ck_assert_ptr_null(PLAN("\x48\x8d\x05\x0f\xae\x2b\x00" RET)); /* lea 0x2bae0f(%rip), %rax */
	is_at(0, 7, RELOCATED_MOVED);
	ck_assert_uint_eq(r.slot_length, 12);
	ck_assert_uint_eq(target(r.slot + 3, SLOT + 7), CODE + 7 + 0x2bae0f);
	ck_assert_uint_eq(target(r.slot + 8, SLOT + 12), CODE + 7);
	ck_assert_ptr_null(PLAN("\x83\x3d\x0f\xae\x68\x01\x07" RET)); /* cmpl $7, 0x168ae0f(%rip): a number behind the distance */
	ck_assert_uint_eq(target(r.slot + 2, SLOT + 7), CODE + 7 + 0x168ae0f);
	ck_assert_uint_eq(r.slot[6], 7);
}
END_TEST

START_TEST(two_instructions_are_parted)
{
	ck_assert_ptr_null(PLAN("\x83\xe2\x0f\x01\xef" RET)); /* and $15, %edx; add %ebp, %edi */
	is_at(0, 3, RELOCATED_MOVED);
	slot_is("\x83\xe2\x0f", 3, CODE + 3);
	ck_assert(!r.may_jump); /* no room: a trap */
}
END_TEST

START_TEST(branches_lead_where_they_led)
{
	ck_assert_ptr_null(PLAN("\x74\x0f\x01\xef" RET)); /* je +15; add %ebp, %edi */
	is_at(0, 2, RELOCATED_MOVED);
	ck_assert_int_eq(memcmp(r.slot, "\x0f\x84", 2), 0);
	ck_assert_uint_eq(target(r.slot + 2, SLOT + 6), CODE + 2 + 15);
	ck_assert_uint_eq(target(r.slot + 7, SLOT + 11), CODE + 2);
	ck_assert_ptr_null(PLAN("\xe9\x0f\xae\x28\x00" RET));
	slot_is("", 0, CODE + 5 + 0x28ae0f);
}
END_TEST

START_TEST(some_must_stay)
{
	ck_assert_ptr_nonnull(PLAN("\xe3\x0f\x01\xef" RET));             /* jrcxz +15; add */
	ck_assert_ptr_nonnull(PLAN("\xf0\x83\x05\x0f\x01\xef\x00\x01" RET)); /* lock addl: programs jump behind the prefix */
	ck_assert_ptr_nonnull(PLAN("\xff\x1d\x0f\xae\xa9\xfe" RET));     /* a far call */
	ck_assert_ptr_nonnull(PLAN("\x06\x0f\x01\xef" RET));             /* no such instruction before it */
}
END_TEST

START_TEST(a_number_goes_along_as_it_is)
{
	ck_assert_ptr_null(PLAN("\xb8\x0f\x01\xef\x00" RET));
	ck_assert_ptr_nonnull(scan_next(r.slot, r.slot + r.slot_length)); /* and so is found again, by who asked */
}
END_TEST

START_TEST(what_is_in_no_function_is_not_decoded)
{
	const struct function f = { CODE + 3, CODE + 4 };
	const struct code c = { .bytes = (const uint8_t *)WRPKRU RET, .start = CODE, .end = CODE + 4, .functions = &f, .function_count = 1 };

	ck_assert_str_eq(relocate_plan(&c, CODE, SLOT, &r), "in no function that is known");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relocate");
	TCase *all = tcase_create("all");

	tcase_add_test(all, wrpkru_itself_is_a_trap);
	tcase_add_test(all, xrstor_itself_is_a_trap_with_its_prefix);
	tcase_add_test(all, a_call_of_a_far_function_goes_by_a_slot);
	tcase_add_test(all, a_call_by_a_word_reads_that_word);
	tcase_add_test(all, what_is_relative_stays_where_it_was);
	tcase_add_test(all, two_instructions_are_parted);
	tcase_add_test(all, branches_lead_where_they_led);
	tcase_add_test(all, some_must_stay);
	tcase_add_test(all, a_number_goes_along_as_it_is);
	tcase_add_test(all, what_is_in_no_function_is_not_decoded);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
