/* The list of system calls against Linux's own. */
#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_suite.h"

#define LINUX_LIST "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"

enum kind { GENERAL, FULL, REFUSED, MISSING };

struct row {
	int nr;
	const char *name;
	enum kind kind;
	int error;
	const char *args;
};

static const struct row rows[] = {
#define CALL(nr, name, kind, ...) { nr, #name, kind, 0, #__VA_ARGS__ },
#define REFUSE(nr, name, error, ...) { nr, #name, REFUSED, error, #__VA_ARGS__ },
#define NONE(nr, name, ...) { nr, #name, MISSING, ENOSYS, #__VA_ARGS__ },
#include "kernel/syscall.tbl"
#undef CALL
#undef REFUSE
#undef NONE
};

#define ROWS (sizeof rows / sizeof *rows)

static const char *const words[] = {
	"FD", "INT", "UINT", "LONG", "ULONG", "SIZE", "OFF", "PID", "SIG", "FLAGS", "MODE", "PROT", "CMD", "ADDR", "STR",
	"BUF_IN", "BUF_OUT", "IOV_IN", "IOV_OUT", "TIME", "TIME_OUT", "STRUCT_IN", "STRUCT_OUT", "MASK", "PTR",
};

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static bool is_word(const char *s)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], s) == 0)
			return true;
	return false;
}

START_TEST(numbers_ascend_and_none_comes_twice)
{
	for (size_t i = 1; i < ROWS; i++)
		ck_assert_msg(rows[i - 1].nr < rows[i].nr, "%s is out of place", rows[i].name);
}
END_TEST

START_TEST(no_name_comes_twice)
{
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_msg(find(rows[i].name) == &rows[i], "%s comes twice", rows[i].name);
}
END_TEST

/* Linux's list is sorted too, so the two are walked side by side. */
START_TEST(numbers_and_names_are_those_of_linux)
{
	FILE *list = fopen(LINUX_LIST, "r");
	char line[256], name[64];
	size_t i = 0;
	int nr;

	ck_assert_ptr_nonnull(list);
	while (fgets(line, sizeof line, list)) {
		if (sscanf(line, "#define __NR_%63s %d", name, &nr) != 2)
			continue;
		ck_assert_msg(i < ROWS || nr > rows[ROWS - 1].nr, "%s is missing", name);
		if (i == ROWS)	/* newer than the table: not an error */
			break;
		ck_assert_str_eq(rows[i].name, name);
		ck_assert_int_eq(rows[i].nr, nr);
		i++;
	}
	fclose(list);
	ck_assert_msg(i == ROWS || rows[i].nr > nr, "%s is none of Linux's", rows[i].name);
}
END_TEST

START_TEST(arguments_are_at_most_six_known_words)
{
	for (size_t i = 0; i < ROWS; i++) {
		char *args = strdup(rows[i].args);
		int n = 0;

		for (char *word = strtok(args, ", "); word; word = strtok(NULL, ", "), n++)
			ck_assert_msg(is_word(word), "%s: what is %s?", rows[i].name, word);
		ck_assert_msg(n <= 6, "%s has %d arguments", rows[i].name, n);
		free(args);
	}
}
END_TEST

START_TEST(refusals_name_an_errno)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == REFUSED)
			ck_assert_msg(rows[i].error == EPERM || rows[i].error == ENOSYS || rows[i].error == EINVAL ||
					      rows[i].error == EAFNOSUPPORT, "%s", rows[i].name);
}
END_TEST

/* A general call runs with the guest's vector state still in the registers: only what copies nothing may be one. */
START_TEST(general_calls_take_no_pointers)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == GENERAL)
			ck_assert_msg(rows[i].args[0] == '\0', "%s", rows[i].name);
}
END_TEST

START_TEST(what_every_libc_calls_is_there)
{
	static const char *const needed[] = {
		"read", "write", "writev", "close", "mmap", "munmap", "mprotect", "brk", "arch_prctl", "set_tid_address",
		"rt_sigaction", "rt_sigprocmask", "exit", "exit_group", "nanosleep", "clock_gettime", "sched_yield", "getpid",
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		const struct row *row = find(needed[i]);

		ck_assert_ptr_nonnull(row);
		ck_assert_msg(row->kind == GENERAL || row->kind == FULL, "%s", needed[i]);
	}
}
END_TEST

static bool readable(const char *path)
{
	FILE *file = fopen(path, "r");

	if (file)
		fclose(file);
	return file != NULL;
}

int main(void)
{
	Suite *suite = suite_create("syscall.tbl");
	TCase *tests = tcase_create("table");

	tcase_add_test(tests, numbers_ascend_and_none_comes_twice);
	tcase_add_test(tests, no_name_comes_twice);
	tcase_add_test(tests, arguments_are_at_most_six_known_words);
	tcase_add_test(tests, refusals_name_an_errno);
	tcase_add_test(tests, general_calls_take_no_pointers);
	tcase_add_test(tests, what_every_libc_calls_is_there);
	if (readable(LINUX_LIST)) {
		tcase_add_test(tests, numbers_and_names_are_those_of_linux);
	} else {	/* Check's TAP has no skip of its own; a comment is always allowed */
		printf("# SKIP numbers_and_names_are_those_of_linux: no " LINUX_LIST "\n");
		fflush(stdout);	/* or every forked test would print it again */
	}
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
