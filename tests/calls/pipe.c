/* calls: pipe pipe2 read write close fcntl ioctl fstat poll */
#include <poll.h>
#include <sys/ioctl.h>

#include "say.h"

static int p[2];
static char bytes[200000];

static void fresh(int flags)
{
	if (p[1])
		close(p[0]), close(p[1]);
	told("pipe2 %x", pipe2(p, flags), flags);
}

static void held(void)
{
	int n = -1;

	told("FIONREAD", ioctl(p[0], FIONREAD, &n));
	say("%d held\n", n);
}

static void ready(void)
{
	struct pollfd both[2] = {{p[0], POLLIN | POLLOUT | POLLPRI, 0}, {p[1], POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM, 0}};

	told("poll", poll(both, 2, 0));
	say("read end %x, write end %x\n", both[0].revents, both[1].revents);
}

static void ends(void)
{
	struct stat st;

	fresh(0);
	TRY(fcntl(p[0], F_GETFL));
	TRY(fcntl(p[1], F_GETFL));
	TRY(fcntl(p[0], F_GETFD));
	TRY(read(p[1], bytes, 1));
	TRY(write(p[0], bytes, 1));
	TRY(fstat(p[0], &st));
	say("mode %o links %lu size %ld blocks of %ld\n", st.st_mode, st.st_nlink, (long)st.st_size, (long)st.st_blksize);
	TRY(lseek(p[0], 0, SEEK_CUR));
	CALL(pread64, p[0], bytes, 1, 0);
	TRY(fcntl(p[0], F_GETPIPE_SZ));
	TRY(write(p[1], "", 0));
	TRY(read(p[0], bytes, 0));
	ready();
	TRY(write(p[1], "hello", 5));
	TRY(write(p[1], " world", 6));
	held();
	ready();
	TRY(read(p[0], bytes, 3));
	TRY(read(p[0], bytes, sizeof bytes));
	say_bytes("bytes", bytes, 8);
	TRY(write(p[1], "rest", 4));
	TRY(close(p[1]));
	ready();
	TRY(read(p[0], bytes, 100));
	TRY(read(p[0], bytes, 100));
	TRY(read(p[0], bytes, 100));
	ready();
	p[1] = dup(p[0]);
	fresh(O_CLOEXEC | O_NONBLOCK);
	TRY(fcntl(p[0], F_GETFL));
	TRY(fcntl(p[1], F_GETFL));
	TRY(fcntl(p[1], F_GETFD));
	TRY(read(p[0], bytes, 1));
	TRY(close(p[0]));
	ready();
	signal(SIGPIPE, SIG_IGN);
	TRY(write(p[1], "x", 1));
	TRY(write(p[1], "", 0));
	p[0] = dup(p[1]);
}

/* To the byte: what fits, in writes of each size, and when there is room again. */
static void capacity(long size)
{
	long writes = 0, total = 0, n;

	fresh(O_NONBLOCK);
	while ((n = write(p[1], bytes, size)) > 0)
		writes++, total += n;
	told("filled by %ld", n, size);
	say("%ld writes, %ld bytes\n", writes, total);
	held();
	ready();
	TRY(write(p[1], bytes, 1));
	TRY(read(p[0], bytes, 1));
	ready();
	TRY(write(p[1], bytes, 1));
	TRY(read(p[0], bytes, 4095));
	ready();
	TRY(write(p[1], bytes, 4096));
	TRY(write(p[1], bytes, 4097));
	TRY(read(p[0], bytes, 8192));
	TRY(write(p[1], bytes, 10000));
	TRY(write(p[1], bytes, 3000));
	TRY(read(p[0], bytes, sizeof bytes));
	TRY(read(p[0], bytes, sizeof bytes));
	held();
}

static void sizes(void)
{
	fresh(O_NONBLOCK);
	TRY(fcntl(p[1], F_SETPIPE_SZ, 4096));
	TRY(write(p[1], bytes, 10000));
	TRY(fcntl(p[0], F_GETPIPE_SZ));
	TRY(fcntl(p[0], F_SETPIPE_SZ, 5000));
	TRY(fcntl(p[0], F_SETPIPE_SZ, 100000));
	TRY(write(p[1], bytes, sizeof bytes));
	held();
	TRY(fcntl(p[0], F_SETPIPE_SZ, 4096));
	TRY(read(p[0], bytes, 100000));
	TRY(fcntl(p[0], F_SETPIPE_SZ, 0));
	TRY(fcntl(p[0], F_SETPIPE_SZ, 1048576));
	CALL(fcntl, p[0], F_SETPIPE_SZ, 0x80000001l);
	TRY(fcntl(p[0], F_GETPIPE_SZ));
	TRY(fcntl(1000, F_GETPIPE_SZ));
}

static void contents(void)
{
	static char in[70000], out[70000];
	long done = 0, n;

	for (long i = 0; i < (long)sizeof in; i++)
		in[i] = (char)(i * 7 + i / 253);
	fresh(O_NONBLOCK);
	for (long i = 0, step = 1; i < 60000; i += step, step = step * 3 % 4999 + 1)
		write(p[1], in + i, 60000 - i < step ? 60000 - i : step);
	while ((n = read(p[0], out + done, 1 + done % 3000)) > 0)
		done += n;
	say("%ld back, the same: %d\n", done, memcmp(in, out, done) == 0);
}

/* O_DIRECT keeps writes apart: a read takes one, and the rest of it is lost. */
static void packets(void)
{
	fresh(O_NONBLOCK | O_DIRECT);
	TRY(fcntl(p[1], F_GETFL));
	TRY(write(p[1], "one", 3));
	TRY(write(p[1], "two", 3));
	TRY(write(p[1], bytes, 5000));
	held();
	TRY(read(p[0], bytes, 2));
	TRY(read(p[0], bytes, 100));
	say_bytes("packet", bytes, 3);
	TRY(fcntl(p[1], F_SETFL, O_NONBLOCK));
	TRY(write(p[1], "a", 1));
	TRY(write(p[1], "b", 1));
	TRY(fcntl(p[1], F_SETFL, O_NONBLOCK | O_DIRECT));
	TRY(write(p[1], "c", 1));
	TRY(read(p[0], bytes, 10000));
	TRY(read(p[0], bytes, 10000));
	TRY(read(p[0], bytes, 10000));
	TRY(read(p[0], bytes, 10000));
}

static void by_name(void)
{
	char name[64];
	int reading, writing;

	fresh(0);
	snprintf(name, sizeof name, "/proc/self/fd/%d", p[0]);
	writing = TRY(open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
	TRY(fcntl(writing, F_GETFL) & ~O_LARGEFILE & ~0100000);
	TRY(fcntl(p[1], F_GETFL));
	snprintf(name, sizeof name, "/dev/fd/%d", p[1]);
	reading = TRY(open(name, O_RDONLY | O_NONBLOCK));
	TRY(write(writing, "by name", 7));
	TRY(read(reading, bytes, 3));
	TRY(read(p[0], bytes, 100));
	TRY(read(reading, bytes, 3));
	close(p[1]);
	TRY(read(reading, bytes, 3));
	close(writing);
	TRY(read(reading, bytes, 3));
	close(reading);
	p[1] = dup(p[0]);
}

int main(void)
{
	char *edge = edge_pages();

	ends();
	capacity(1);
	capacity(100);
	capacity(3000);
	capacity(4095);
	capacity(4096);
	capacity(4097);
	capacity(5000);
	capacity(65536);
	capacity(200000);
	sizes();
	contents();
	packets();
	by_name();
	CALL(pipe, BAD);
	CALL(pipe2, BAD, 0);
	CALL(pipe2, edge + READABLE, 0);
	CALL(pipe2, edge + GUARD - 4, 0);
	CALL(pipe2, p, 1);
	CALL(pipe2, p, 0x10000000l | O_CLOEXEC);
	CALL(pipe, p);
	TRY(fcntl(p[0], F_GETFD));
	TRY(write(p[1], edge + GUARD, 10));
	TRY(write(p[1], edge + READABLE, 10));
	TRY(read(p[0], edge + GUARD, 5));
	TRY(read(p[0], edge + READABLE, 5));
	TRY(read(p[0], edge + GUARD - 10, 10));
	TRY(ioctl(p[0], FIONREAD, BAD));
	CALL(ioctl, p[0], 0x5401, edge);
	CALL(fsync, p[0]);
	TRY(ftruncate(p[1], 0));
	return 0;
}
