/*
 * The disk's interrupt: what takes the host's disk a while is begun here and
 * not waited for. The requests go to the host's io_uring; when one has ended it
 * writes to an eventfd, which is watched as any device is.
 */
#define _GNU_SOURCE
#include <liburing.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "machine/disk.h"
#include "machine/hw.h"

#define REQUESTS 64u /* handed over together at most; any number may be under way */

/*
 * A fetch is to bring a file into the host's memory; what it reads is looked at
 * by nobody, so all of them read into the same place, and none has to be called
 * back when its reader is gone. The place is registered: the host may fill it
 * while a guest has the CPU, and then a common buffer of ours would be closed to
 * it by that guest's PKRU (-EFAULT).
 */
static char discarded[DISK_FETCH_MOST] __attribute__((aligned(PAGE_SIZE)));
static struct io_uring ring;
static enum { UNTRIED, THERE, REFUSED } state;
static int line = -1;

void disk_ring_boot(void)
{
	line = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); /* now: later its number might be too high to be watched */
}

static bool set_up(void)
{
	struct iovec place = { discarded, sizeof discarded };

	if (line < 0 || io_uring_queue_init(REQUESTS, &ring, 0) != 0)
		return false;
	if (io_uring_register_buffers(&ring, &place, 1) == 0 && io_uring_register_eventfd(&ring, line) == 0)
		return true;
	io_uring_queue_exit(&ring);
	return false;
}

/* The ring is made when the first file is not in memory: most runs never need it. NULL: the host gives none. */
static struct io_uring_sqe *new_request(void)
{
	if (state == UNTRIED)
		state = set_up() ? THERE : REFUSED;
	return state == THERE ? io_uring_get_sqe(&ring) : NULL;
}

static bool hand_over(struct io_uring_sqe *sqe, struct disk_request *r)
{
	*r = (struct disk_request){ false, 0 };
	io_uring_sqe_set_data(sqe, r);
	io_uring_submit(&ring);
	if (!io_uring_sq_ready(&ring))
		return true;
	io_uring_prep_nop(sqe); /* the host is short of memory; this goes with the next request */
	io_uring_sqe_set_data(sqe, NULL);
	return false;
}

bool disk_begin_fetch(struct disk_request *r, int fd, uint64_t offset, size_t length)
{
	struct io_uring_sqe *sqe = new_request();

	if (!sqe)
		return false;
	io_uring_prep_read_fixed(sqe, fd, discarded, (unsigned)(length < sizeof discarded ? length : sizeof discarded), offset, 0);
	return hand_over(sqe, r);
}

bool disk_begin_sync(struct disk_request *r, int fd, bool data_only)
{
	struct io_uring_sqe *sqe = new_request();

	if (!sqe)
		return false;
	io_uring_prep_fsync(sqe, fd, data_only ? IORING_FSYNC_DATASYNC : 0);
	return hand_over(sqe, r);
}

int disk_line(void)
{
	return line;
}

bool disk_collect(void)
{
	struct io_uring_cqe *cqe;
	uint64_t count;
	bool any = false;

	if (read(line, &count, sizeof count) < 0 && errno != EAGAIN) /* first: what ends after it raises the line again */
		machine_panic("the disk's line cannot be read: %s", strerror(errno));
	while (io_uring_peek_cqe(&ring, &cqe) == 0) {
		struct disk_request *r = io_uring_cqe_get_data(cqe);

		if (r)
			*r = (struct disk_request){ true, cqe->res };
		io_uring_cqe_seen(&ring, cqe);
		any = true;
	}
	return any;
}
