/*
 * What the programs here print with: one line a call, written at once, the same text on Linux and under uos.
 *
 * Every NAME.c is one program, built static, run by tests/e2e/test_calls.py on the host and under uos in a fresh copy of the
 * same directory, which is its current one (tests/e2e/scratch.py lists what is there). Output, status and what the directory
 * is like afterwards must be equal. Its first line, a comment, says what it covers, and may say how it is run:
 *
 *	calls: mkdir mkdirat; runs: "" "a b"; as: nobody; stdin: text
 *
 * runs: one for each word, with its arguments; as nobody: also without root's rights; stdin: what a pipe on 0 holds. Print
 * nothing that two runs differ in: times of now, inode numbers, addresses, process ids. Name it in meson.build.
 */
#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define say(...) dprintf(1, __VA_ARGS__)

/* open("x", 0) = 3, or = -1 ENOENT. The text is the source's; the result is handed on, errno too. */
#define TRY(call) tell_result(#call, (long)(call))
/* The same where the number is not the same everywhere (an address, a pid): = ok. */
#define TRY_OK(call) tell_ok(#call, (long)(call))
/* The call itself, past libc: CALL(openat, AT_FDCWD, "x", 0). Arguments are longs or pointers. */
#define CALL(name, ...) tell_result(#name "(" #__VA_ARGS__ ")", call_of(SYS_##name, (long[8]){0, __VA_ARGS__}))
#define CALL_OK(name, ...) tell_ok(#name "(" #__VA_ARGS__ ")", call_of(SYS_##name, (long[8]){0, __VA_ARGS__}))

#define PAGE 4096l
#define BAD ((void *)8)                             /* nothing is ever mapped there */
#define KERNEL_HALF ((void *)0xffff800000000000ul)  /* no address of ours */
#define NO_FD 999l

__attribute__((unused)) static long tell_as(const char *text, long result, int plain)
{
	int error = errno;

	if (result == -1)
		say("%s = -1 %s\n", text, strerrorname_np(error) ? strerrorname_np(error) : "(no error)");
	else if (plain)
		say("%s = %ld\n", text, result);
	else
		say("%s = ok\n", text);
	errno = error;
	return result;
}

__attribute__((unused)) static long tell_result(const char *text, long result)
{
	return tell_as(text, result, 1);
}

__attribute__((unused)) static long tell_ok(const char *text, long result)
{
	return tell_as(text, result, 0);
}

/* For loops: told("open of %s", result, name). */
__attribute__((unused, format(printf, 1, 3))) static long told(const char *format, long result, ...)
{
	int error = errno;
	char text[1024];
	va_list list;

	va_start(list, result);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	errno = error;
	return tell_result(text, result);
}

__attribute__((unused)) static long call_of(long nr, const long *a) /* a[1] to a[6] */
{
	errno = 0;
	return syscall(nr, a[1], a[2], a[3], a[4], a[5], a[6]);
}

/* Bytes as C would write them: "a\n\x00". */
__attribute__((unused)) static void say_bytes(const char *what, const void *bytes, long size)
{
	static const char hex[] = "0123456789abcdef";
	char text[4 * 512 + 8], *to = text;

	for (long i = 0; i < size && i < 512; i++) {
		unsigned char byte = ((const unsigned char *)bytes)[i];

		if (byte >= ' ' && byte < 127 && byte != '"' && byte != '\\') {
			*to++ = (char)byte;
		} else if (byte == '\n') {
			*to++ = '\\', *to++ = 'n';
		} else {
			*to++ = '\\', *to++ = 'x', *to++ = hex[byte >> 4], *to++ = hex[byte & 15];
		}
	}
	*to = 0;
	say("%s: %ld \"%s\"%s\n", what, size, text, size > 512 ? "..." : "");
}

/* What two runs have in common of a stat: of directories neither size nor links; a time only if somebody has set it. */
__attribute__((unused)) static void say_stat(const char *what, const struct stat *st)
{
	static const long long present = 1500000000; /* 2017: scratch.py's and programs' own times lie before */
	static const char *const types[16] = {[1] = "fifo", [2] = "char", [4] = "dir", [6] = "block", [8] = "file", [10] = "link", [12] = "socket"};
	const char *type = types[st->st_mode >> 12 & 15] ? types[st->st_mode >> 12 & 15] : "?";

	say("%s: %s %04o %u:%u", what, type, st->st_mode & 07777, st->st_uid, st->st_gid);
	if (!S_ISDIR(st->st_mode))
		say(" links %lu size %lld", (unsigned long)st->st_nlink, (long long)st->st_size);
	if (st->st_mtim.tv_sec < present)
		say(" mtime %lld.%09ld", (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	if (st->st_atim.tv_sec < present)
		say(" atime %lld.%09ld", (long long)st->st_atim.tv_sec, st->st_atim.tv_nsec);
	say("\n");
}

/* stat by name without following, and its line; or the error. */
__attribute__((unused)) static void look(const char *name)
{
	struct stat st;

	if (fstatat(AT_FDCWD, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		say_stat(name, &st);
	else
		told("look at %s", -1, name);
}

/* Until that process waits in a call, or has ended: no sleep of ours is long enough on every machine. */
__attribute__((unused)) static void until_asleep(pid_t pid)
{
	char name[32], text[256], *behind_name;
	int fd, n;

	snprintf(name, sizeof name, "/proc/%d/stat", pid);
	do {
		sched_yield();
		fd = open(name, O_RDONLY);
		n = (int)read(fd, text, sizeof text - 1);
		close(fd);
		text[n > 0 ? n : 0] = 0;
		behind_name = strrchr(text, ')');
	} while (behind_name && behind_name[2] != 'S' && behind_name[2] != 'Z');
}

/* The current directory. */
__attribute__((unused)) static void where(void)
{
	char path[4096] = "";
	long length = syscall(SYS_getcwd, path, sizeof path);

	if (length < 0)
		told("getcwd", -1);
	else
		say("getcwd: %ld %s\n", length, path);
}

/* A name of that many bytes, all 'n'. */
__attribute__((unused)) static char *long_name(size_t length)
{
	char *name = malloc(length + 1);

	memset(name, 'n', length);
	name[length] = 0;
	return name;
}

/* A path of that many bytes that leads to the current directory: "././././." */
__attribute__((unused)) static char *long_path(size_t length)
{
	char *path = malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		path[i] = i % 2 ? '/' : '.';
	if (length % 2 == 0)
		path[length - 1] = '/';
	path[length] = 0;
	return path;
}

/* One page that may be read and written, followed by one that may not be touched, by one that may be read, by a hole. */
enum { GUARD = 4096, READABLE = 8192, HOLE = 12288 };
__attribute__((unused)) static char *edge_pages(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + GUARD, PAGE, PROT_NONE) || mprotect(p + READABLE, PAGE, PROT_READ) || munmap(p + HOLE, PAGE))
		say("edge_pages: no memory\n"), _exit(99);
	return p;
}

#endif
