/* A text of /proc: how it is put together, and read once it is open. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "kernel/directory.h"
#include "kernel/fs_proc.h"
#include "machine/mapping.h"

#define ROOM_FIRST 512u

static bool grow(struct text *t, size_t more)
{
	size_t room = t->room;
	char *bytes;

	while (room - t->length < more)
		room = room ? room * 2 : ROOM_FIRST;
	bytes = room == t->room ? t->bytes : realloc(t->bytes, room);
	if (!bytes) {
		t->failed = true;
		return false;
	}
	t->bytes = bytes;
	t->room = room;
	return true;
}

void text_bytes(struct text *t, const void *bytes, size_t length)
{
	if (length == 0 || !grow(t, length))
		return;
	memcpy(t->bytes + t->length, bytes, length);
	t->length += length;
}

void text_add(struct text *t, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (n > 0)
		text_bytes(t, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static ssize_t read_text(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	const struct text *t = f->data;
	uint64_t at = offset < 0 ? f->offset : (uint64_t)offset;
	ssize_t done = 0;

	for (int i = 0; i < count && at < t->length; i++) {
		size_t n = t->length - at < iov[i].iov_len ? t->length - at : iov[i].iov_len;

		if (!copy_guarded(iov[i].iov_base, t->bytes + at, n))
			return done ? done : -EFAULT;
		at += n;
		done += (ssize_t)n;
	}
	if (offset < 0)
		f->offset = at;
	return done;
}

static void close_text(struct file *f)
{
	struct text *t = f->data;

	free(t->bytes);
	free(t);
}

const struct file_ops text_file = { .read = read_text, .seek = directory_seek, .stat = made_up_stat, .close = close_text };
