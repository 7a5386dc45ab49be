/* What becomes of a `syscall` and its neighbours; and which are left alone. */
#include <check.h>
#include <string.h>

#include "machine/rewrite.h"
#include "run_suite.h"

#define CODE 0x10000u /* where the code is; the gate's word and the slot are below */
#define GATE 0x8000u
#define SLOT 0x8008u
#define SYSCALL "\x0f\x05"
#define MOV_1_EAX "\xb8\x01\x00\x00\x00"
#define CMP_ERROR "\x48\x3d\x00\xf0\xff\xff" /* cmp $-4096, %rax */
#define RET "\xc3"
#define LEA_RCX "\x48\x8d\x0d"
#define JMP_GATE "\xff\x25"

static struct rewrite r;
static uint64_t targets[16];

/* One function of these bytes, and what follows it. */
static const char *plan_with(const char *bytes, size_t length, size_t function, size_t site)
{
	const struct function f = { CODE, CODE + function };
	struct code c = { .bytes = (const uint8_t *)bytes, .start = CODE, .end = CODE + length, .functions = &f, .function_count = 1,
			  .targets = targets };

	c.target_count = rewrite_far_targets(&c, targets, 16);
	memset(&r, 'j', sizeof r);
	return rewrite_plan(&c, CODE + site, SLOT, GATE, &r);
}

#define PLAN(bytes, site) plan_with(bytes, sizeof bytes - 1, sizeof bytes - 1, site)
#define REFUSED(bytes, site, word) do { \
	const char *why_ = PLAN(bytes, site); \
	ck_assert_msg(why_ && strstr(why_, word), "%s", why_ ? why_ : "rewritten"); \
} while (0)

static uint64_t target_of(const uint8_t *distance, uint64_t next)
{
	int32_t d;

	memcpy(&d, distance, sizeof d);
	return next + (uint64_t)(int64_t)d;
}

/* The patch jumps to the slot, and the rest of what it covers is nops. */
static void is_jump(size_t at, size_t length)
{
	ck_assert_uint_eq(r.at, CODE + at);
	ck_assert_uint_eq(r.patch_length, length);
	ck_assert_uint_eq(r.patch[0], 0xe9);
	ck_assert_uint_eq(target_of(r.patch + 1, r.at + 5), SLOT);
	for (size_t i = 5; i < length; i++)
		ck_assert_uint_eq(r.patch[i], 0x90);
}

/* From `offset` on the slot goes to the gate, and comes back to `back`. How far that is. */
static size_t calls_gate(size_t offset, uint64_t back)
{
	ck_assert_mem_eq(r.slot + offset, LEA_RCX, 3);
	ck_assert_uint_eq(target_of(r.slot + offset + 3, SLOT + offset + 7), back);
	ck_assert_mem_eq(r.slot + offset + 7, JMP_GATE, 2);
	ck_assert_uint_eq(target_of(r.slot + offset + 9, SLOT + offset + 13), GATE);
	return offset + 13;
}

static void jumps_back(size_t offset, uint64_t to)
{
	ck_assert_uint_eq(r.slot[offset], 0xe9);
	ck_assert_uint_eq(target_of(r.slot + offset + 1, SLOT + offset + 5), to);
	ck_assert_uint_eq(r.slot_length, offset + 5);
}

START_TEST(a_number_before_it_goes_along_and_the_site_stays)
{
	ck_assert_ptr_null(PLAN("\x90" MOV_1_EAX SYSCALL RET, 6));
	is_jump(1, 5);
	ck_assert_mem_eq(r.slot, MOV_1_EAX, 5);
	ck_assert_uint_eq(calls_gate(5, CODE + 8), r.slot_length);
	ck_assert_int_eq(r.number, 1);
	ck_assert_int_eq(r.border_count, 2); /* who is about to call stands at the site */
	ck_assert_uint_eq(r.borders[0].from, CODE + 6);
	ck_assert_uint_eq(r.borders[0].to, SLOT + 5);
	ck_assert_uint_eq(r.borders[1].to, SLOT + 12);
}
END_TEST

START_TEST(so_does_any_other_instruction_that_is_long_enough)
{
	ck_assert_ptr_null(PLAN("\x48\xc7\xc0\x0f\x00\x00\x00" SYSCALL RET, 7)); /* mov $15, %rax */
	is_jump(0, 7);
	ck_assert_int_eq(r.number, 15);
	ck_assert_ptr_null(PLAN("\x4c\x8b\x4c\x24\x08" SYSCALL RET, 5)); /* mov 8(%rsp), %r9 */
	ck_assert_int_eq(r.number, -1);
}
END_TEST

START_TEST(it_still_reaches_what_it_names_relative_to_rip)
{
	ck_assert_ptr_null(PLAN("\x48\x8d\x35\x10\x00\x00\x00" SYSCALL RET, 7)); /* lea 16(%rip), %rsi */
	ck_assert_mem_eq(r.slot, "\x48\x8d\x35", 3);
	ck_assert_uint_eq(target_of(r.slot + 3, SLOT + 7), CODE + 7 + 16);
}
END_TEST

START_TEST(what_only_looks_like_one_is_not_taken_for_one)
{
	/* mov $1, %r8d: the second byte on is mov $1, %eax */
	ck_assert_ptr_null(PLAN("\x41" MOV_1_EAX SYSCALL CMP_ERROR RET, 6));
	is_jump(0, 6);
	ck_assert_mem_eq(r.slot, "\x41" MOV_1_EAX, 6);
	ck_assert_int_eq(r.number, -1);
	/* mov $0x050f0000, %eax holds the bytes of one */
	REFUSED("\xb8\x00\x00\x0f\x05" RET, 3, "decoded");
	REFUSED(MOV_1_EAX SYSCALL, 4, "no system call");
}
END_TEST

START_TEST(else_what_is_behind_it_goes_along)
{
	ck_assert_ptr_null(PLAN("\x31\xc0" SYSCALL CMP_ERROR RET, 2)); /* xor %eax, %eax */
	is_jump(2, 8);
	ck_assert_uint_eq(calls_gate(0, SLOT + 13), 13);
	ck_assert_mem_eq(r.slot + 13, CMP_ERROR, 6);
	jumps_back(19, CODE + 10);
	ck_assert_int_eq(r.border_count, 3);
	ck_assert_uint_eq(r.borders[2].from, CODE + 4);
	ck_assert_uint_eq(r.borders[2].to, SLOT + 13);
}
END_TEST

START_TEST(as_many_as_it_takes)
{
	ck_assert_ptr_null(PLAN("\x31\xc0" SYSCALL "\x90\xf7\xd8\x89\xc3" RET, 2)); /* nop; neg %eax; mov %eax, %ebx */
	is_jump(2, 5);
	ck_assert_mem_eq(r.slot + 13, "\x90\xf7\xd8", 3);
	ck_assert_int_eq(r.border_count, 4);
	ck_assert_uint_eq(r.borders[3].from, CODE + 5);
	ck_assert_uint_eq(r.borders[3].to, SLOT + 14);
}
END_TEST

START_TEST(one_relative_to_rip_behind_it_still_reaches_what_it_names)
{
	ck_assert_ptr_null(PLAN(SYSCALL "\x89\x05\x00\x01\x00\x00" RET, 0)); /* mov %eax, 256(%rip) */
	ck_assert_uint_eq(target_of(r.slot + 15, SLOT + 19), CODE + 8 + 256);
}
END_TEST

START_TEST(branches_behind_it_lead_where_they_led)
{
	ck_assert_ptr_null(PLAN(SYSCALL "\x85\xc0\x74\x10" RET, 0)); /* test %eax, %eax; je +16 */
	ck_assert_mem_eq(r.slot + 15, "\x0f\x84", 2);
	ck_assert_uint_eq(target_of(r.slot + 17, SLOT + 21), CODE + 6 + 16);
	jumps_back(21, CODE + 6);
	ck_assert_ptr_null(PLAN(SYSCALL "\x0f\x87\x00\x02\x00\x00" RET, 0)); /* ja +512 */
	ck_assert_uint_eq(target_of(r.slot + 15, SLOT + 19), CODE + 8 + 512);
	ck_assert_ptr_null(PLAN(SYSCALL "\xe9\x00\x02\x00\x00", 0)); /* jmp +512: nothing comes back */
	ck_assert_uint_eq(target_of(r.slot + 14, SLOT + 18), CODE + 7 + 512);
	ck_assert_uint_eq(r.slot_length, 18);
}
END_TEST

START_TEST(calls_and_the_like_stay_where_they_are)
{
	REFUSED(SYSCALL "\xe8\x00\x01\x00\x00" RET, 0, "stay"); /* call: its return address would be another */
	REFUSED(SYSCALL "\xff\xd0\x90" RET, 0, "stay");
	REFUSED(SYSCALL SYSCALL CMP_ERROR RET, 0, "stay");
	REFUSED(SYSCALL "\x85\xc0\xe3\x02" RET, 0, "stay");     /* jrcxz */
	REFUSED("\xe8\x00\x01\x00\x00" SYSCALL "\xe3\x02" RET, 5, "stay");
}
END_TEST

START_TEST(behind_a_return_padding_may_go)
{
	ck_assert_ptr_null(PLAN(SYSCALL RET "\x66\x90", 0));
	is_jump(0, 5);
	ck_assert_mem_eq(r.slot + 13, RET, 1);
	ck_assert_uint_eq(r.slot_length, 14);
	ck_assert_ptr_null(plan_with(SYSCALL RET "\xcc\xcc\xcc", 6, 3, 0)); /* between functions, too */
	REFUSED(SYSCALL RET "\x31\xc0" RET, 0, "too little");
	REFUSED(SYSCALL RET "\x90", 0, "too little");
}
END_TEST

START_TEST(a_trap_is_not_moved)
{
	REFUSED("\x31\xc0" SYSCALL "\x0f\x0b" RET, 2, "stay");         /* ud2 */
	REFUSED("\x31\xc0" SYSCALL "\x0f\xb9\xc0" RET, 2, "stay");     /* ud1 %eax, %eax */
	REFUSED("\x31\xc0" SYSCALL "\x90\x0f\x0b" RET, 2, "stay");
}
END_TEST

START_TEST(a_function_that_takes_long_to_decode_is_left_alone)
{
	static char bytes[2 * REWRITE_REACH];
	const struct function f[] = { { CODE, CODE + REWRITE_REACH }, { CODE + REWRITE_REACH, CODE + sizeof bytes } };
	struct code c = { .bytes = (const uint8_t *)bytes, .start = CODE, .end = CODE + sizeof bytes, .functions = f, .function_count = 2,
			  .targets = targets };
	size_t second = REWRITE_REACH + 8, last = sizeof bytes - 16;

	memset(bytes, 0x90, sizeof bytes);
	memcpy(bytes + 8, SYSCALL CMP_ERROR, 8);
	memcpy(bytes + second, SYSCALL CMP_ERROR, 8);
	memcpy(bytes + last, MOV_1_EAX SYSCALL, 7);
	ck_assert_ptr_null(rewrite_plan(&c, CODE + 8, SLOT, GATE, &r));
	ck_assert_ptr_null(rewrite_plan(&c, CODE + second, SLOT, GATE, &r));
	ck_assert_ptr_null(rewrite_plan(&c, CODE + last + 5, SLOT, GATE, &r));
	c.functions = &(struct function){ CODE, CODE + sizeof bytes };
	c.function_count = 1;
	ck_assert_str_eq(rewrite_plan(&c, CODE + 8, SLOT, GATE, &r), "a function is too large");
	ck_assert_str_eq(rewrite_plan(&c, CODE + last + 5, SLOT, GATE, &r), "too far from its function's beginning");
}
END_TEST

START_TEST(the_next_function_is_not_touched)
{
	const struct function f[] = { { CODE, CODE + 3 }, { CODE + 4, CODE + 8 } };
	struct code c = { .bytes = (const uint8_t *)SYSCALL RET "\x90\x90\x90\x90" RET, .start = CODE, .end = CODE + 8,
			  .functions = f, .function_count = 2, .targets = targets };

	ck_assert_ptr_nonnull(rewrite_plan(&c, CODE, SLOT, GATE, &r));
}
END_TEST

START_TEST(nobody_may_jump_to_what_is_overwritten)
{
	REFUSED("\x31\xc0" SYSCALL CMP_ERROR "\x77\xf8" RET, 2, "branch leads"); /* ja to the cmp */
	ck_assert_ptr_null(PLAN("\x31\xc0" SYSCALL CMP_ERROR "\x77\xf6" RET, 2));  /* to the site itself */
	ck_assert_ptr_null(PLAN("\x31\xc0" SYSCALL CMP_ERROR "\x77\xfe" RET, 2));  /* behind it */
	/* By what is before it, it does not matter: the site is still there. */
	ck_assert_ptr_null(PLAN(MOV_1_EAX SYSCALL CMP_ERROR "\x77\xf6" RET, 5));
}
END_TEST

START_TEST(nor_by_a_table)
{
	REFUSED("\x31\xc0" SYSCALL CMP_ERROR "\xff\xe0", 2, "table");             /* jmp *%rax */
	REFUSED("\x31\xc0" SYSCALL CMP_ERROR "\xff\x24\xc5\0\0\0\0", 2, "table"); /* jmp *(,%rax,8) */
	ck_assert_ptr_null(PLAN("\x31\xc0" SYSCALL CMP_ERROR "\xff\x25\0\0\0\0", 2)); /* jmp *(%rip): another function */
}
END_TEST

START_TEST(nor_from_elsewhere)
{
	/* Behind the function, in none that is known: jmp to the cmp, near and far. */
	static const char near[] = "\x31\xc0" SYSCALL CMP_ERROR RET "\xeb\xf7", far[] = "\x31\xc0" SYSCALL CMP_ERROR RET "\xe9\xf4\xff\xff\xff";

	ck_assert_ptr_nonnull(plan_with(near, sizeof near - 1, 11, 2));
	ck_assert_ptr_nonnull(plan_with(far, sizeof far - 1, 11, 2));
	ck_assert_uint_eq(targets[0], CODE + 4);
	ck_assert_ptr_null(plan_with(far, 11, 11, 2));
}
END_TEST

START_TEST(nor_from_a_slot)
{
	/* test %eax, %eax; js to the cmp, behind the other call: both go along with the first */
	uint8_t bytes[] = SYSCALL "\x85\xc0\x78\x05" "\x31\xc0" SYSCALL "\x90" CMP_ERROR RET;
	static uint8_t slots[SLOT - GATE + REWRITE_SLOT];
	const struct function f = { CODE, CODE + sizeof bytes - 1 };
	struct code c = { .bytes = bytes, .start = CODE, .end = CODE + sizeof bytes - 1, .functions = &f, .function_count = 1,
			  .targets = targets, .slots = slots };
	size_t used;

	ck_assert_ptr_null(rewrite_plan(&c, CODE, SLOT, GATE, &r));
	memcpy(bytes + (r.at - CODE), r.patch, r.patch_length);
	memcpy(slots + (SLOT - GATE), r.slot, r.slot_length);
	used = SLOT + r.slot_length;
	ck_assert_ptr_nonnull(rewrite_plan(&c, CODE + 8, used, GATE, &r));
	c.slots = NULL; /* else nothing would keep it from that */
	ck_assert_ptr_null(rewrite_plan(&c, CODE + 8, used, GATE, &r));
}
END_TEST

START_TEST(a_site_beyond_reach_is_left_alone)
{
	const struct function f = { CODE, CODE + 8 };
	struct code c = { .bytes = (const uint8_t *)MOV_1_EAX SYSCALL RET, .start = CODE, .end = CODE + 8, .functions = &f,
			  .function_count = 1, .reach = 5 };

	ck_assert_ptr_null(rewrite_plan(&c, CODE + 5, SLOT, GATE, &r));
	c.reach = 4;
	ck_assert_ptr_nonnull(rewrite_plan(&c, CODE + 5, SLOT, GATE, &r));
}
END_TEST

START_TEST(what_is_known_of_nothing_is_left_alone)
{
	REFUSED("\x06" MOV_1_EAX SYSCALL, 6, "decoded"); /* no such instruction */
	ck_assert_ptr_nonnull(plan_with(MOV_1_EAX SYSCALL, 7, 3, 5));
	ck_assert_ptr_nonnull(plan_with(MOV_1_EAX SYSCALL, 7, 6, 5)); /* half of it is in the function */
	ck_assert_ptr_nonnull(plan_with(MOV_1_EAX SYSCALL, 7, 9, 5)); /* a function that goes on beyond the code */
}
END_TEST

START_TEST(the_end_of_the_code_is_the_end)
{
	ck_assert_ptr_null(PLAN(MOV_1_EAX SYSCALL, 5)); /* the last bytes of a mapping */
	REFUSED("\x31\xc0" SYSCALL, 2, "stay");
	REFUSED("\x31\xc0" SYSCALL "\x90\x90", 2, "stay");
	REFUSED(MOV_1_EAX "\x0f", 5, "no system call");
}
END_TEST

START_TEST(a_slot_out_of_reach_is_none)
{
	static const struct function f = { 0, 8 };
	struct code c = { .bytes = (const uint8_t *)MOV_1_EAX SYSCALL RET, .start = 0, .end = 8, .functions = &f, .function_count = 1 };

	ck_assert_ptr_null(rewrite_plan(&c, 5, 1u << 30, 1u << 30, &r));
	ck_assert_str_eq(rewrite_plan(&c, 5, 1ull << 32, 1ull << 32, &r), "out of reach");
}
END_TEST

START_TEST(what_is_rewritten_can_be_decoded_on)
{
	char bytes[] = "\x48\xc7\xc0\x01\x00\x00\x00" SYSCALL "\x31\xc0" SYSCALL CMP_ERROR RET;

	ck_assert_ptr_null(PLAN(bytes, 7));
	memcpy(bytes, r.patch, r.patch_length);
	ck_assert_ptr_null(PLAN(bytes, 11));
	is_jump(11, 8);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rewrite");
	TCase *tests = tcase_create("sites");

	tcase_add_test(tests, a_number_before_it_goes_along_and_the_site_stays);
	tcase_add_test(tests, so_does_any_other_instruction_that_is_long_enough);
	tcase_add_test(tests, it_still_reaches_what_it_names_relative_to_rip);
	tcase_add_test(tests, what_only_looks_like_one_is_not_taken_for_one);
	tcase_add_test(tests, else_what_is_behind_it_goes_along);
	tcase_add_test(tests, as_many_as_it_takes);
	tcase_add_test(tests, one_relative_to_rip_behind_it_still_reaches_what_it_names);
	tcase_add_test(tests, branches_behind_it_lead_where_they_led);
	tcase_add_test(tests, calls_and_the_like_stay_where_they_are);
	tcase_add_test(tests, behind_a_return_padding_may_go);
	tcase_add_test(tests, a_trap_is_not_moved);
	tcase_add_test(tests, a_function_that_takes_long_to_decode_is_left_alone);
	tcase_add_test(tests, the_next_function_is_not_touched);
	tcase_add_test(tests, nobody_may_jump_to_what_is_overwritten);
	tcase_add_test(tests, nor_by_a_table);
	tcase_add_test(tests, nor_from_elsewhere);
	tcase_add_test(tests, nor_from_a_slot);
	tcase_add_test(tests, a_site_beyond_reach_is_left_alone);
	tcase_add_test(tests, what_is_known_of_nothing_is_left_alone);
	tcase_add_test(tests, the_end_of_the_code_is_the_end);
	tcase_add_test(tests, a_slot_out_of_reach_is_none);
	tcase_add_test(tests, what_is_rewritten_can_be_decoded_on);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
