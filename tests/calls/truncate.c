/* calls: truncate ftruncate fallocate; as: nobody */
#include "say.h"

static void fall(int fd, int mode, long at, long length)
{
	static const char *const name = "space";

	told("fallocate %d, %d %ld %ld", call_of(SYS_fallocate, (long[8]){ 0, fd, mode, at, length }), fd, mode, at, length);
	look(name);
}

int main(void)
{
	static const char *const each[] = {
		"file", "ro", "none", "dir", "dir/", "link", "link/", "dirlink", "dangling", "loop", "missing", "file/x", "locked/secret", "hard1", "",
	};
	static const long lengths[] = { 5, 0, 70000, -1, INT64_MIN, INT64_MAX };
	int dir, file, reader, writer, path, ends[2], space;
	char text[16];

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("truncate %s", call_of(SYS_truncate, (long[8]){ 0, (long)each[i], 7 }), each[i]);
		look(each[i]);
	}
	file = open("big", O_RDWR), dir = open("dir", O_RDONLY), reader = open("file", O_RDONLY), writer = open("empty", O_WRONLY | O_APPEND);
	path = open("file", O_PATH);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		told("truncate file %ld", call_of(SYS_truncate, (long[8]){ 0, (long)"file", lengths[i] }), lengths[i]);
		told("truncate missing %ld", call_of(SYS_truncate, (long[8]){ 0, (long)"missing", lengths[i] }), lengths[i]);
		look("file");
		told("ftruncate %ld", call_of(SYS_ftruncate, (long[8]){ 0, file, lengths[i] }), lengths[i]);
		look("big");
	}
	TRY(pwrite(file, "abcdef", 6, 0));
	TRY(ftruncate(file, 3));
	TRY(ftruncate(file, 6));
	TRY(pread(file, text, 16, 0));
	say_bytes("cut and longer again", text, 6);
	CALL(ftruncate, dir, 1);
	CALL(ftruncate, reader, 1);
	CALL(ftruncate, writer, 9);
	look("empty");
	CALL(ftruncate, path, 1);
	CALL(ftruncate, -1, 1);
	CALL(ftruncate, -1, -1);
	CALL(ftruncate, 99, 1);
	CALL(truncate, BAD, 1);
	CALL(truncate, BAD, -1);
	space = open("space", O_RDWR | O_CREAT, 0600);
	fall(space, 0, 0, 100);
	fall(space, 0, 50, 100);
	fall(space, 0, 0, 0);
	fall(space, 0, -1, 5);
	fall(space, 0, 5, -1);
	fall(space, 1, 0, 10000);
	fall(space, 0, INT64_MAX, 5);
	fall(space, 2, 0, 10);
	fall(space, 0x400, 0, 10);
	fall(space, 3, 0, 4096);
	fall(reader, 0, 0, 10);
	fall(reader, 0, 0, -10);
	fall(dir, 0, 0, 10);
	fall(path, 0, 0, 10);
	fall(-1, 0, 0, 10);
	fall(-1, 0, 0, -10);
	if (pipe(ends) == 0) {
		CALL(fallocate, ends[1], 0, 0, 10);
		CALL(fallocate, ends[0], 0, 0, 10);
		CALL(ftruncate, ends[1], 10);
	}
	return 0;
}
