/*
 * Waiting for the host's disk. Its page cache is ours (docs/files.md): it is
 * asked for what it has, which is copied at once; for the rest the disk is set
 * to work, others run, and then it is asked again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "kernel/disk_wait.h"
#include "kernel/pieces.h"
#include "kernel/proc.h"
#include "machine/disk.h"

/*
 * Whoever wakes first notes whose requests have ended. Of those for which the
 * line has not been raised yet there will be no interrupt: so he wakes the others.
 */
static int wait_for(const struct disk_request *r)
{
	do {
		const void *line = device_line(disk_line());

		sched_sleep(line, UINT64_MAX);
		if (disk_collect())
			sched_wakeup(line);
	} while (!r->ended);
	return r->result;
}

int disk_wait_sync(int host, bool data_only)
{
	struct disk_request r;
	int error = disk_begin_sync(&r, host, data_only) ? wait_for(&r) : -ECANCELED;

	return error == -ECANCELED ? disk_sync(host, data_only) : error; /* nor had the host a thread for it */
}

void disk_wait_turn(struct file *f)
{
	while (f->fetching)
		sched_sleep(&f->fetching, UINT64_MAX);
}

/* Brings what is there into the host's memory, or some of it. An error is for the read to find. */
static void fetch(struct file *f, int64_t offset, size_t length)
{
	struct disk_request r;
	bool own = offset < 0;

	if (own)
		offset = disk_seek(f->host, 0, SEEK_CUR);
	if (offset < 0 || !disk_begin_fetch(&r, f->host, (uint64_t)offset, length))
		return;
	f->fetching |= own;
	wait_for(&r);
	if (!own)
		return;
	f->fetching = false;
	sched_wakeup(&f->fetching);
}

/* Some file systems do not tell what they have, and O_DIRECT goes past it: all of uos waits, then. */
static bool tells(const struct file *f)
{
	return !f->tells_not && !(f->flags & O_DIRECT);
}

int disk_wait_not(struct file *f, int64_t offset)
{
	char byte;
	struct iovec one = { &byte, 1 };
	ssize_t n;

	if (f->ops->read != disk_wait_read)
		return 0;
	n = disk_readv_cached(f->host, &one, 1, offset < 0 ? disk_seek(f->host, 0, SEEK_CUR) : offset);
	return n < 0 ? (int)n : 0;
}

/* What the host has in memory; -EAGAIN: not the first byte. */
static ssize_t read_cached(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	if (tells(f)) {
		ssize_t n = disk_readv_cached(f->host, iov, count, offset);

		if (n != -EOPNOTSUPP)
			return n;
		f->tells_not = true;
	}
	return disk_readv(f->host, iov, count, offset);
}

/* If it is gone again after the fetch, or could not be fetched, all of uos waits for the disk. */
static ssize_t read_fetched(struct file *f, const struct iovec *piece, int64_t offset)
{
	ssize_t n;

	fetch(f, offset, piece->iov_len);
	n = read_cached(f, piece, 1, offset);
	return n != -EAGAIN ? n : disk_readv(f->host, piece, 1, offset);
}

/* A count that is too small: the end of the file, or of what was in memory. The next read tells which. */
ssize_t disk_wait_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	size_t wanted = pieces_total(iov, count), done;
	ssize_t n;

	if (offset < 0)
		disk_wait_turn(f);
	n = read_cached(f, iov, count, offset);
	if (!tells(f) || (n <= 0 && n != -EAGAIN))
		return n;
	for (done = n > 0 ? (size_t)n : 0; done < wanted; done += (size_t)n) {
		struct iovec piece = pieces_rest(iov, done);
		int64_t at = offset < 0 ? -1 : offset + (int64_t)done;

		if (n != -EAGAIN)
			n = read_cached(f, &piece, 1, at);
		if (n == -EAGAIN)
			n = read_fetched(f, &piece, at);
		if (n <= 0)
			break;
	}
	return done ? (ssize_t)done : n;
}
