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

#define BELOW "\x48\x8d\x64\x24\x80\x9c\x50\x25\xff\xfd\xff\xff"  /* lea, pushfq, push, and */
#define CHECK "\xa9\x00\x02\x00\x00\x74\x02\x0f\x0b\x58\x9d\x48\x8d\xa4\x24\x80\x00\x00\x00" /* test, jz, ud2, pop, popfq, lea */

/* Below the red zone, without PKRU, and with the check behind it. The slot's only such bytes are where it says. */
static void checked_is(const char *instruction, size_t length, size_t prefixes, uint64_t then)
{
	char wanted[RELOCATE_SLOT];
	size_t n = sizeof BELOW - 1;
	const uint8_t *found;

	memcpy(wanted, BELOW, n);
	memcpy(wanted + n, instruction, length);
	memcpy(wanted + n + length, CHECK, sizeof CHECK - 1);
	slot_is(wanted, n + length + sizeof CHECK - 1, then);
	ck_assert_uint_eq(r.checked, n + prefixes);
	found = scan_next(r.slot, r.slot + r.slot_length);
	ck_assert_ptr_eq(found, r.slot + r.checked);
	ck_assert_ptr_null(scan_next(found + 1, r.slot + r.slot_length));
}

START_TEST(xrstor_is_checked_in_a_slot)
{
	ck_assert_ptr_null(PLAN("\x31\xd2\x0f\xae\x6c\x24\x40" RET)); /* xrstor 64(%rsp), as ld.so has it */
	is_at(2, 5, RELOCATED_MOVED);
	checked_is("\x0f\xae\xac\x24\xd0\x00\x00\x00", 8, 0, CODE + 7); /* rsp is lower by 144 */
	ck_assert(r.may_jump);
	ck_assert_ptr_null(PLAN("\x48\x0f\xae\x2f" RET)); /* xrstor64 (%rdi) */
	is_at(0, 4, RELOCATED_MOVED);
	checked_is("\x48\x0f\xae\x2f", 4, 1, CODE + 4);
	ck_assert(!r.may_jump);
}
END_TEST

START_TEST(xrstor_finds_its_operand_in_a_slot)
{
	ck_assert_ptr_null(PLAN("\x0f\xae\x2c\x24" RET)); /* (%rsp) */
	checked_is("\x0f\xae\xac\x24\x90\x00\x00\x00", 8, 0, CODE + 4);
	ck_assert_ptr_null(PLAN("\x48\x0f\xae\xac\xcc\x00\xff\xff\xff" RET)); /* -256(%rsp, %rcx, 8) */
	checked_is("\x48\x0f\xae\xac\xcc\x90\xff\xff\xff", 9, 1, CODE + 9);
	ck_assert_ptr_null(PLAN("\x49\x0f\xae\x2c\x24" RET)); /* (%r12), which is encoded like rsp */
	checked_is("\x49\x0f\xae\x2c\x24", 5, 1, CODE + 5);
	ck_assert_ptr_null(PLAN("\x0f\xae\x2c\x25\x40\x00\x00\x00" RET)); /* 64, absolute */
	checked_is("\x0f\xae\x2c\x25\x40\x00\x00\x00", 8, 0, CODE + 8);
	ck_assert_ptr_null(PLAN("\x0f\xae\x2d\x40\x00\x00\x00" RET)); /* 64(%rip) */
	ck_assert_uint_eq(target(r.slot + 15, SLOT + 19), CODE + 7 + 64);
}
END_TEST

START_TEST(xrstor_by_rax_must_stay)
{
	ck_assert_ptr_nonnull(PLAN("\x0f\xae\x28" RET));         /* (%rax) */
	ck_assert_ptr_nonnull(PLAN("\x0f\xae\x2c\x07" RET));     /* (%rdi, %rax) */
	ck_assert_ptr_null(PLAN("\x49\x0f\xae\x28" RET));        /* (%r8) */
}
END_TEST

START_TEST(xrstor_with_prefixes_must_stay)
{
	ck_assert_ptr_nonnull(PLAN("\x67\x0f\xae\x2f" RET));         /* (%edi): in 32-bit code (%bx) */
	ck_assert_ptr_nonnull(PLAN("\x65\x67\x0f\xae\x2f" RET));
	ck_assert_ptr_nonnull(PLAN("\x64\x48\x0f\xae\x2f" RET));     /* %fs:(%rdi) */
	ck_assert_ptr_nonnull(PLAN("\x0f\xae\xac\x24\xff\xff\xff\x7f" RET)); /* 2 GiB above rsp */
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

START_TEST(decoding_goes_on_where_it_was)
{
	const struct function f = { CODE, CODE + 8 };
	struct code c = { .bytes = (const uint8_t *)"\x06\x06\x06\x83\xe2" WRPKRU, .start = CODE, .end = CODE + 8, .functions = &f, .function_count = 1 };

	ck_assert_str_eq(relocate_plan(&c, CODE + 5, SLOT, &r), "its function cannot be decoded"); /* no such instructions in 64 bits */
	c.border = CODE + 3; /* and $15, %edx; add %ebp, %edi */
	ck_assert_ptr_null(relocate_plan(&c, CODE + 5, SLOT, &r));
	ck_assert_uint_eq(r.at, CODE + 3);
	c.border = CODE + 6; /* behind what is asked for: of no use */
	ck_assert_ptr_nonnull(relocate_plan(&c, CODE + 5, SLOT, &r));
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
	tcase_add_test(all, xrstor_is_checked_in_a_slot);
	tcase_add_test(all, xrstor_finds_its_operand_in_a_slot);
	tcase_add_test(all, xrstor_by_rax_must_stay);
	tcase_add_test(all, xrstor_with_prefixes_must_stay);
	tcase_add_test(all, a_call_of_a_far_function_goes_by_a_slot);
	tcase_add_test(all, a_call_by_a_word_reads_that_word);
	tcase_add_test(all, what_is_relative_stays_where_it_was);
	tcase_add_test(all, two_instructions_are_parted);
	tcase_add_test(all, branches_lead_where_they_led);
	tcase_add_test(all, some_must_stay);
	tcase_add_test(all, a_number_goes_along_as_it_is);
	tcase_add_test(all, decoding_goes_on_where_it_was);
	tcase_add_test(all, what_is_in_no_function_is_not_decoded);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
