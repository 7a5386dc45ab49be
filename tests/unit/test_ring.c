/* The event ring: what is kept, what is lost, what it costs to be off. */
#include <check.h>
#include <stdlib.h>

#include "trace/ring.h"
#include "run_suite.h"

START_TEST(is_nothing_noted_while_it_is_off)
{
	ck_assert_ptr_null(ring_put(EVENT_TRAP, 2, 1, 0));
	ck_assert_ptr_null(ring_event(0));
	ck_assert_uint_eq(ring_lost(), 0);
}

START_TEST(do_events_come_out_as_they_went_in)
{
	ck_assert(ring_start(4));
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(ring_put(EVENT_SWITCH, i, (unsigned)(i + 10), (uint64_t)i + 20));
	for (int i = 0; i < 3; i++) {
		const struct event *e = ring_event((uint64_t)i);

		ck_assert_int_eq(e->pid, i);
		ck_assert_int_eq(e->kind, EVENT_SWITCH);
		ck_assert_int_eq(e->sub, i + 10);
		ck_assert_uint_eq(e->a, (uint64_t)i + 20);
		ck_assert_uint_eq(e->length, 0);
		ck_assert(i == 0 || e->tsc >= ring_event((uint64_t)i - 1)->tsc);
	}
	ck_assert_ptr_null(ring_event(3));
}

START_TEST(does_an_overrun_keep_the_newest_and_count_the_rest)
{
	ck_assert(ring_start(4));
	for (int i = 0; i < 11; i++)
		ring_put(EVENT_TICK, i, 0, 0);
	ck_assert_uint_eq(ring_lost(), 7);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(ring_event((uint64_t)i)->pid, 7 + i);
	ck_assert_ptr_null(ring_event(4));
}

START_TEST(does_a_full_ring_lose_nothing_yet)
{
	ck_assert(ring_start(4));
	for (int i = 0; i < 4; i++)
		ring_put(EVENT_TICK, i, 0, 0);
	ck_assert_uint_eq(ring_lost(), 0);
	ck_assert_int_eq(ring_event(0)->pid, 0);
	ck_assert_int_eq(ring_event(3)->pid, 3);
}

int main(void)
{
	Suite *s = suite_create("ring");
	TCase *c = tcase_create("ring");

	tcase_add_test(c, is_nothing_noted_while_it_is_off);
	tcase_add_test(c, do_events_come_out_as_they_went_in);
	tcase_add_test(c, does_an_overrun_keep_the_newest_and_count_the_rest);
	tcase_add_test(c, does_a_full_ring_lose_nothing_yet);
	suite_add_tcase(s, c);
	return run_suite(s);
}
