/* Where do names lead, with links, mounts, dots and slashes? */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_fs.h"
#include "kernel/file.h"
#include "run_suite.h"

static struct place at;
static bool slash;

/*
 * /home/me/work (a mount) with file, dir/sub/deep and links; /dev (made up)
 * with null and a link; /locked, which may not be searched.
 */
static void begin(void)
{
	static const struct { const char *name; char kind; const char *target; } all[] = {
		{ "/home", 'd', NULL }, { "/home/me", 'd', NULL }, { "/home/me/work", 'd', NULL },
		{ "/home/me/work/file", 'f', NULL }, { "/home/me/work/dir", 'd', NULL }, { "/home/me/work/dir/sub", 'd', NULL },
		{ "/home/me/work/dir/sub/deep", 'f', NULL }, { "/home/me/work/link", 'l', "file" },
		{ "/home/me/work/up", 'l', "../../me/work/dir" }, { "/home/me/work/out", 'l', "/etc" },
		{ "/home/me/work/dangling", 'l', "new" }, { "/home/me/work/slashed", 'l', "dir///" },
		{ "/home/me/work/loop", 'l', "loop" }, { "/home/me/work/ping", 'l', "pong" }, { "/home/me/work/pong", 'l', "ping" },
		{ "/home/me/work/empty", 'l', "" }, { "/home/me/work/dot", 'l', "." }, { "/home/me/work/root", 'l', "/" },
		{ "/etc", 'd', NULL }, { "/etc/passwd", 'f', NULL }, { "/etc/work", 'l', "/home/me/work" },
		{ "/dev", 'd', NULL }, { "/dev/null", 'f', NULL }, { "/dev/fd", 'l', "/etc/passwd" }, { "/dev/pipe", 'j', "pipe:[4]" },
		{ "/dev/file", 'j', "x" }, { "/dev/dir", 'j', "x" },
		{ "/locked", 's', NULL },
	};

	fake_clear();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		ck_assert_msg(fake_add(all[i].name, all[i].kind, all[i].target), "%s", all[i].name);
	fake_mount("/home/me/work", false);
	fake_mount("/dev", true);
	fake_proc.cwd = fake_open("/home/me/work");
	memset(fake_proc.files, 0, sizeof fake_proc.files);
}

static int walk(const char *name, unsigned flags)
{
	return path_walk(&fake_proc, AT_FDCWD, name, flags, &at, &slash);
}

/* It leads to `mount` and `rest` beneath it. */
static void leads(const char *name, unsigned flags, const char *mount, const char *rest)
{
	ck_assert_msg(walk(name, flags) == 0, "%s: error", name);
	ck_assert_str_eq(at.mount->at, mount);
	ck_assert_str_eq(at.name, rest);
	ck_assert_ptr_null(at.file);
}

static void fails(const char *name, unsigned flags, int error)
{
	int answer = walk(name, flags);

	ck_assert_msg(answer == -error, "%s: %d instead of %d", name, answer, -error);
}

START_TEST(do_plain_names_lead_to_the_longest_mount)
{
	leads("file", 0, "/home/me/work", "file");
	leads("dir/sub/deep", 0, "/home/me/work", "dir/sub/deep");
	leads("//home/me///work//dir//", 0, "/home/me/work", "dir");
	leads("/home/me/work", 0, "/home/me/work", "");
	leads("/home/me", 0, "/", "home/me");
	leads("/", 0, "/", "");
	leads("/dev/null", 0, "/dev", "null");
	fails("", 0, ENOENT);
	fails("missing", 0, ENOENT);
	fails("missing/x", 0, ENOENT);
	fails("/home/me/workshop", 0, ENOENT);
	fails("file/x", 0, ENOTDIR);
	fails("file/", 0, ENOTDIR);
	fails("/dev/null/x", 0, ENOTDIR);
}

START_TEST(are_dots_walked_not_written_off)
{
	leads(".", 0, "/home/me/work", "");
	leads("./dir/./sub/../../file", 0, "/home/me/work", "file");
	leads("..", 0, "/", "home/me");
	leads("../../../../..", 0, "/", "");
	leads("../work/file", 0, "/home/me/work", "file");
	leads("up/..", 0, "/home/me/work", ""); /* of where the link leads */
	leads("/dev/../etc/passwd", 0, "/", "etc/passwd");
	fails("missing/..", 0, ENOENT);
	fails("file/..", 0, ENOTDIR);
	fails("file/.", 0, ENOTDIR);
	fails("dir/.../x", 0, ENOENT);
}

START_TEST(are_links_followed_where_linux_follows_them)
{
	leads("link", 0, "/home/me/work", "link");
	leads("link", WALK_FOLLOW, "/home/me/work", "file");
	leads("up/sub/deep", 0, "/home/me/work", "dir/sub/deep");
	leads("up", 0, "/home/me/work", "up");
	leads("up/", 0, "/home/me/work", "dir");
	leads("out/passwd", 0, "/", "etc/passwd");
	leads("/etc/work/file", 0, "/home/me/work", "file");
	leads("/dev/fd", WALK_FOLLOW, "/", "etc/passwd");
	leads("slashed/sub", 0, "/home/me/work", "dir/sub");
	leads("dot/dot/dot/file", 0, "/home/me/work", "file");
	leads("root", WALK_FOLLOW, "/", "");
	fails("link/", 0, ENOTDIR);
	fails("dangling", WALK_FOLLOW, ENOENT);
	fails("empty", WALK_FOLLOW, ENOENT);
	fails("loop", WALK_FOLLOW, ELOOP);
	fails("ping/x", 0, ELOOP);
}

START_TEST(are_40_links_the_most)
{
	char name[32], target[32];

	for (int i = 0; i < 41; i++) {
		sprintf(name, "/etc/c%d", i);
		sprintf(target, "c%d", i + 1);
		fake_add(name, 'l', i == 40 ? "passwd" : target);
	}
	fails("/etc/c0", WALK_FOLLOW, ELOOP);
	leads("/etc/c1", WALK_FOLLOW, "/", "etc/passwd");
}

START_TEST(may_the_last_of_a_new_name_be_missing)
{
	fails("new", 0, ENOENT);
	leads("new", WALK_CREATE, "/home/me/work", "new");
	ck_assert(!slash);
	leads("new///", WALK_CREATE, "/home/me/work", "new");
	ck_assert(slash);
	leads("dangling", WALK_CREATE, "/home/me/work", "dangling");
	leads("dangling/", WALK_CREATE, "/home/me/work", "dangling");
	leads("dangling", WALK_CREATE | WALK_FOLLOW, "/home/me/work", "new");
	leads("up/new", WALK_CREATE, "/home/me/work", "dir/new");
	leads("file/", WALK_CREATE, "/home/me/work", "file");
	ck_assert(slash);
	fails("new/x", WALK_CREATE, ENOENT);
	fails("new/.", WALK_CREATE, ENOENT);
	fails("file/new", WALK_CREATE, ENOTDIR);
	fails("loop", WALK_CREATE | WALK_FOLLOW, ELOOP);
}

START_TEST(are_descriptors_places_to_begin)
{
	fake_proc.files[3] = fake_open("/etc");
	fake_proc.files[4] = fake_open("/etc/passwd");
	ck_assert_int_eq(path_walk(&fake_proc, 3, "passwd", 0, &at, NULL), 0);
	ck_assert_str_eq(at.name, "etc/passwd");
	ck_assert_int_eq(path_walk(&fake_proc, 4, "x", 0, &at, NULL), -ENOTDIR);
	ck_assert_int_eq(path_walk(&fake_proc, 5, "x", 0, &at, NULL), -EBADF);
	ck_assert_int_eq(path_walk(&fake_proc, -1, "x", 0, &at, NULL), -EBADF);
	ck_assert_int_eq(path_walk(&fake_proc, FD_MAX, "x", 0, &at, NULL), -EBADF);
	ck_assert_int_eq(path_walk(&fake_proc, 77, "/etc", 0, &at, NULL), 0);
	ck_assert_int_eq(path_walk(&fake_proc, 4, "", WALK_EMPTY, &at, NULL), 0);
	ck_assert_ptr_eq(at.file, fake_proc.files[4]);
	ck_assert_int_eq(path_walk(&fake_proc, 5, "", WALK_EMPTY, &at, NULL), -EBADF);
	ck_assert_int_eq(path_walk(&fake_proc, AT_FDCWD, "", WALK_EMPTY, &at, NULL), 0);
	ck_assert_str_eq(at.mount->at, "/home/me/work");
}

START_TEST(do_links_that_are_descriptors_lead_to_what_is_open)
{
	struct file pipe = { .ops = &host_file };

	fake_find("/dev/pipe")->file = &pipe;
	fake_find("/dev/file")->file = fake_open("/home/me/work/file");
	fake_find("/dev/dir")->file = fake_open("/home/me/work/dir");
	leads("/dev/file", 0, "/dev", "file");
	leads("/dev/file", WALK_FOLLOW, "/home/me/work", "file");
	leads("/dev/dir/sub/deep", 0, "/home/me/work", "dir/sub/deep");
	leads("/dev/dir/../file", 0, "/home/me/work", "file");
	fails("/dev/file/x", 0, ENOTDIR);
	ck_assert_int_eq(walk("/dev/pipe", WALK_FOLLOW), 0);
	ck_assert_ptr_eq(at.file, &pipe);
	fails("/dev/pipe/", 0, ENOTDIR);
	fails("/dev/pipe/x", 0, ENOTDIR);
	fake_remove("/home/me/work/dir");
	fails("/dev/dir/sub", 0, ENOENT);
	ck_assert_int_eq(walk("/dev/dir", WALK_FOLLOW), 0);
	ck_assert_ptr_eq(at.file, fake_find("/dev/dir")->file);
}

START_TEST(is_a_removed_directory_still_there_for_who_is_in_it)
{
	fake_add("/home/me/work/dir/gone", 'd', NULL);
	fake_proc.cwd = fake_open("/home/me/work/dir/gone");
	fake_remove("/home/me/work/dir/gone");
	ck_assert_int_eq(walk("././", 0), 0);
	ck_assert_ptr_eq(at.file, fake_proc.cwd);
	leads("..", 0, "/home/me/work", "dir");
	leads("./../sub/deep", 0, "/home/me/work", "dir/sub/deep");
	leads("/etc", 0, "/", "etc");
	fails("new", WALK_CREATE, ENOENT);
	fails("./x", 0, ENOENT);
}

START_TEST(must_a_directory_be_searched_for_dots_too)
{
	leads("/locked", 0, "/", "locked");
	leads("/locked/", 0, "/", "locked");
	fails("/locked/x", 0, EACCES);
	fails("/locked/x", WALK_CREATE, EACCES);
	fails("/locked/.", 0, EACCES);
	fails("/locked/..", 0, EACCES);
	fails("/locked/./x", 0, EACCES);
}

START_TEST(can_a_walk_be_kept_in_a_directory)
{
	static const unsigned beneath = WALK_BENEATH | WALK_FOLLOW, in_root = WALK_IN_ROOT | WALK_FOLLOW;

	leads("dir/../file", beneath, "/home/me/work", "file");
	fails("../work/file", beneath, EXDEV);
	fails("/home", beneath, EXDEV);
	fails("out", beneath, EXDEV);
	fails("up", beneath, EXDEV);
	leads("../../file", in_root, "/home/me/work", "file");
	leads("/dir/sub", in_root, "/home/me/work", "dir/sub");
	leads("root", in_root, "/home/me/work", "");
	fails("out/passwd", in_root, ENOENT);
	fails("link", WALK_NO_LINKS | WALK_FOLLOW, ELOOP);
	fails("up/sub", WALK_NO_LINKS, ELOOP);
	leads("link", WALK_NO_LINKS, "/home/me/work", "link");
	fails("..", WALK_NO_MOUNTS, EXDEV);
	leads("up/sub", WALK_FOLLOW, "/home/me/work", "dir/sub");
	fails("up/sub", WALK_NO_MOUNTS, EXDEV); /* by the way of /home/me */
	leads("/etc", WALK_NO_MOUNTS, "/", "etc");
	fails("/home/me/work", WALK_NO_MOUNTS, EXDEV);
}

START_TEST(are_names_too_long_refused)
{
	char longest[PATH_MAX + 1], name[NAME_MAX + 6];

	memset(name, 'n', sizeof name);
	name[NAME_MAX + 1] = 0;
	fails(name, 0, ENAMETOOLONG);
	leads(name, WALK_CREATE, "/home/me/work", name); /* whoever makes it asks the host, and is told */
	strcpy(name + NAME_MAX + 1, "/x");
	fails(name, 0, ENAMETOOLONG);
	fails(name, WALK_CREATE, ENAMETOOLONG);
	for (int i = 0; i < PATH_MAX; i++)
		longest[i] = i % 2 ? '/' : '.';
	longest[PATH_MAX] = 0;
	fails(longest, 0, ENAMETOOLONG);
	longest[PATH_MAX - 1] = 0;
	leads(longest, 0, "/home/me/work", "");
}

START_TEST(is_what_is_mounted_on_or_holds_a_mount_not_movable)
{
	walk("/home", 0);
	ck_assert_int_eq(place_movable(&at), -EBUSY);
	walk(".", 0);
	ck_assert_int_eq(place_movable(&at), -EBUSY);
	walk("/", 0);
	ck_assert_int_eq(place_movable(&at), -EBUSY);
	walk("dir", 0);
	ck_assert_int_eq(place_movable(&at), 0);
	walk("/home/me/wor", WALK_CREATE);
	ck_assert_int_eq(place_movable(&at), 0);
}

int main(void)
{
	Suite *s = suite_create("path");
	TCase *c = tcase_create("path");

	tcase_add_checked_fixture(c, begin, fake_clear);
	tcase_add_test(c, do_plain_names_lead_to_the_longest_mount);
	tcase_add_test(c, are_dots_walked_not_written_off);
	tcase_add_test(c, are_links_followed_where_linux_follows_them);
	tcase_add_test(c, are_40_links_the_most);
	tcase_add_test(c, may_the_last_of_a_new_name_be_missing);
	tcase_add_test(c, are_descriptors_places_to_begin);
	tcase_add_test(c, do_links_that_are_descriptors_lead_to_what_is_open);
	tcase_add_test(c, is_a_removed_directory_still_there_for_who_is_in_it);
	tcase_add_test(c, must_a_directory_be_searched_for_dots_too);
	tcase_add_test(c, can_a_walk_be_kept_in_a_directory);
	tcase_add_test(c, are_names_too_long_refused);
	tcase_add_test(c, is_what_is_mounted_on_or_holds_a_mount_not_movable);
	suite_add_tcase(s, c);
	return run_suite(s);
}
