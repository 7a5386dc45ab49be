/* calls: utime utimes futimesat utimensat; as: nobody */
#include <sys/time.h>
#include <time.h>
#include <utime.h>

#include "say.h"

static void by_name(const char *name)
{
	const struct timespec times[2] = { { 1001, 1 }, { 1002, 2 } }, second[2] = { { 0, UTIME_OMIT }, { 1003, 999999999 } };
	const struct utimbuf seconds = { 1004, 1005 };
	const struct timeval micros[2] = { { 1006, 6 }, { 1007, 999999 } };

	told("utimensat %s", call_of(SYS_utimensat, (long[8]){ 0, AT_FDCWD, (long)name, (long)times, 0 }), name);
	look(name);
	told("utimensat of the link %s", call_of(SYS_utimensat, (long[8]){ 0, AT_FDCWD, (long)name, (long)second, AT_SYMLINK_NOFOLLOW }), name);
	look(name);
	told("utime %s", call_of(SYS_utime, (long[8]){ 0, (long)name, (long)&seconds }), name);
	look(name);
	told("utimes %s", call_of(SYS_utimes, (long[8]){ 0, (long)name, (long)micros }), name);
	look(name);
	told("utime now %s", call_of(SYS_utime, (long[8]){ 0, (long)name, 0 }), name);
}

static void special(long a, long b)
{
	const struct timespec reset[2] = { { 1000, 0 }, { 1000, 0 } }, times[2] = { { 1100, a }, { 1200, b } };

	utimensat(AT_FDCWD, "file", reset, 0);
	told("file, %ld %ld", call_of(SYS_utimensat, (long[8]){ 0, AT_FDCWD, (long)"file", (long)times, 0 }), a, b);
	look("file");
	told("missing, %ld %ld", call_of(SYS_utimensat, (long[8]){ 0, AT_FDCWD, (long)"missing", (long)times, 0 }), a, b);
	told("wrong flags, %ld %ld", call_of(SYS_utimensat, (long[8]){ 0, AT_FDCWD, (long)"file", (long)times, 1 }), a, b);
}

static void by_number(void)
{
	const struct timespec times[2] = { { 1300, 1 }, { 1400, 2 } };
	const struct timeval micros[2] = { { 1500, 3 }, { 1600, 4 } };
	int dir = open("dir", O_RDONLY), file = open("file", O_RDONLY), path = open("ro", O_PATH);

	CALL(utimensat, file, 0, times, 0);
	look("file");
	CALL(utimensat, file, 0, times, AT_SYMLINK_NOFOLLOW);
	CALL(utimensat, path, 0, times, 0);
	CALL(utimensat, -1, 0, times, 0);
	CALL(utimensat, 99, 0, times, 0);
	CALL(utimensat, AT_FDCWD, 0, times, 0);
	CALL(utimensat, dir, "inner", times, 0);
	look("dir/inner");
	CALL(utimensat, dir, "", times, 0);
	CALL(utimensat, dir, "", times, AT_EMPTY_PATH);
	look("dir");
	CALL(utimensat, path, "", times, AT_EMPTY_PATH);
	look("ro");
	CALL(utimensat, file, "x", times, 0);
	CALL(utimensat, -1, "x", times, 0);
	CALL(utimensat, AT_FDCWD, "file", BAD, 0);
	CALL(utimensat, AT_FDCWD, "missing", BAD, 0);
	CALL(futimesat, dir, "inner", micros);
	look("dir/inner");
	CALL(futimesat, file, 0, micros);
	look("file");
	CALL(futimesat, dir, "missing", micros);
	CALL(futimesat, -1, "missing", micros);
	CALL(futimesat, dir, "inner", BAD);
}

int main(void)
{
	static const char *const each[] = {
		"file", "ro", "none", "dir", "dir/", "link", "link/", "dirlink", "dangling", "loop", "missing", "file/x", "locked/secret", "hard1", "many/.",
	};
	static const long nanoseconds[] = { 5, UTIME_NOW, UTIME_OMIT, -1, 1000000000, 999999999 };
	static const struct timeval wrong[][2] = {
		{ { 0, 1000000 }, { 0, 0 } }, { { 0, 0 }, { 0, -1 } }, { { -5, 0 }, { -1, 0 } }, { { 0, 999999 }, { 7, 0 } },
	};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		by_name(each[i]);
	for (size_t i = 0; i < sizeof nanoseconds / sizeof *nanoseconds; i++)
		for (size_t k = 0; k < sizeof nanoseconds / sizeof *nanoseconds; k++)
			special(nanoseconds[i], nanoseconds[k]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		told("utimes file", call_of(SYS_utimes, (long[8]){ 0, (long)"file", (long)wrong[i] }));
		look("file");
		told("utimes missing", call_of(SYS_utimes, (long[8]){ 0, (long)"missing", (long)wrong[i] }));
	}
	CALL(utime, "file", BAD);
	CALL(utime, "missing", BAD);
	CALL(utime, BAD, 0);
	by_number();
	return 0;
}
