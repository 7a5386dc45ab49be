/* calls: setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr; as: nobody */
#include <sys/xattr.h>

#include "say.h"

static char key_255[256], key_256[257], big[70000];

static void get(const char *name, const char *key, long size)
{
	char value[64];
	long n = told("get %s of %s, %ld", call_of(SYS_getxattr, (long[8]){ 0, (long)name, (long)key, (long)value, size }), key, name, size);

	if (n > 0 && size)
		say_bytes("", value, n);
}

/* Those that we set: whoever keeps house there may have others. */
static void list(const char *name)
{
	char names[4096];
	long n = listxattr(name, names, sizeof names);
	int ours = 0;

	for (long at = 0; at < n; at += (long)strlen(names + at) + 1)
		ours += strncmp(names + at, "user.", 5) == 0;
	say("%s: %s, %d of user\n", name, n < 0 ? strerrorname_np(errno) : "listed", n < 0 ? 0 : ours);
}

static void names(void)
{
	static const char *const each[] = { "file", "ro", "none", "dir", "link", "link/", "dirlink", "dangling", "loop", "missing", "file/x", "locked/secret", "" };

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		const char *name = each[i];

		told("set %s", call_of(SYS_setxattr, (long[8]){ 0, (long)name, (long)"user.one", (long)"value", 5, 0 }), name);
		get(name, "user.one", 60);
		list(name);
		told("remove %s", call_of(SYS_removexattr, (long[8]){ 0, (long)name, (long)"user.one" }), name);
		told("lset %s", call_of(SYS_lsetxattr, (long[8]){ 0, (long)name, (long)"user.two", (long)"l", 1, 0 }), name);
		told("lget %s", call_of(SYS_lgetxattr, (long[8]){ 0, (long)name, (long)"user.two", (long)big, 10 }), name);
		told("llist %s", call_of(SYS_llistxattr, (long[8]){ 0, (long)name, (long)big, 4096 }) < 0, name);
		told("lremove %s", call_of(SYS_lremovexattr, (long[8]){ 0, (long)name, (long)"user.two" }), name);
	}
}

static void keys(void)
{
	static const char *const each[] = { "user.a", "user.", "user", "", "other.a", "userx.a", key_255, key_256 };

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		told("key %zu", call_of(SYS_setxattr, (long[8]){ 0, (long)"empty", (long)each[i], (long)"v", 1, 0 }), i);
		told("key %zu of missing", call_of(SYS_setxattr, (long[8]){ 0, (long)"missing", (long)each[i], (long)"v", 1, 0 }), i);
		told("get key %zu", call_of(SYS_getxattr, (long[8]){ 0, (long)"empty", (long)each[i], (long)big, 1 }), i);
		told("get key %zu of missing", call_of(SYS_getxattr, (long[8]){ 0, (long)"missing", (long)each[i], (long)big, 1 }), i);
		told("remove key %zu", call_of(SYS_removexattr, (long[8]){ 0, (long)"empty", (long)each[i] }), i);
		told("remove key %zu of missing", call_of(SYS_removexattr, (long[8]){ 0, (long)"missing", (long)each[i] }), i);
	}
	CALL(setxattr, "file", BAD, "v", 1, 0);
	CALL(setxattr, "missing", BAD, "v", 1, 0);
	CALL(getxattr, "file", BAD, big, 1);
	CALL(removexattr, "file", BAD);
}

int main(void)
{
	int file = open("file", O_RDONLY), rw = open("big", O_RDWR), path = open("file", O_PATH), dir = open("dir", O_RDONLY);

	memset(key_255, 'k', 255);
	memset(key_256, 'k', 256);
	memcpy(key_255, "user.", 5);
	memcpy(key_256, "user.", 5);
	names();
	keys();
	CALL(setxattr, "file", "user.a", "1", 1, XATTR_REPLACE);
	CALL(setxattr, "file", "user.a", "1", 1, XATTR_CREATE);
	CALL(setxattr, "file", "user.a", "2", 1, XATTR_CREATE);
	CALL(setxattr, "file", "user.a", "23", 2, XATTR_REPLACE);
	CALL(setxattr, "file", "user.a", "3", 1, 3);
	CALL(setxattr, "file", "user.a", "3", 1, 4);
	CALL(setxattr, "missing", "user.a", "3", 1, 4);
	CALL(setxattr, "missing", "user.a", BAD, 1, 0);
	CALL(setxattr, "file", "user.a", BAD, 1, 0);
	CALL(setxattr, "file", "user.none", 0, 0, 0);
	CALL(setxattr, "file", "user.big", big, 65537, 0);
	CALL(setxattr, "missing", "user.big", big, 65537, 0);
	for (long size = -1; size < 4; size++)
		get("file", "user.a", size);
	get("file", "user.none", 10);
	get("file", "user.missing", 10);
	CALL(getxattr, "file", "user.a", BAD, 10);
	CALL(listxattr, "file", BAD, 100);
	CALL(listxattr, "missing", BAD, 100);
	TRY(listxattr("file", big, 1) < 0);
	TRY(listxattr("file", NULL, 0) > 0);
	list("file");
	CALL(fgetxattr, file, "user.a", big, 10);
	CALL(fsetxattr, file, "user.b", "b", 1, 0);
	CALL(fsetxattr, rw, "user.b", "b", 1, 0);
	CALL(fsetxattr, dir, "user.b", "b", 1, 0);
	CALL(fsetxattr, path, "user.b", "b", 1, 0);
	CALL(fsetxattr, -1, "user.b", "b", 1, 0);
	CALL(fsetxattr, -1, "", "b", 1, 0);
	CALL(fsetxattr, -1, "user.b", BAD, 1, 0);
	CALL(fgetxattr, path, "user.a", big, 10);
	CALL(fgetxattr, -1, "user.a", big, 10);
	CALL(fgetxattr, -1, "", big, 10);
	CALL(flistxattr, path, big, 10);
	CALL(flistxattr, -1, big, 10);
	TRY(flistxattr(rw, big, sizeof big) > 0);
	CALL(fremovexattr, rw, "user.b");
	CALL(fremovexattr, rw, "user.b");
	CALL(fremovexattr, path, "user.b");
	CALL(fremovexattr, -1, "user.b");
	list("big");
	list("dir");
	return 0;
}
