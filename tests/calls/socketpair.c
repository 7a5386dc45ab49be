/* calls: socketpair socket sendto recvfrom shutdown getsockname getpeername getsockopt setsockopt read write readv writev poll close fstat ioctl */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "say.h"

static int s[2];
static char bytes[300000];
static const char *const names[] = {[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "datagram", [SOCK_SEQPACKET] = "packets"};

static void fresh(int type)
{
	close(s[0]), close(s[1]);
	told("socketpair of %s", socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s), names[type]);
}

static void ready(void)
{
	struct pollfd both[2] = {{s[0], POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0}, {s[1], POLLIN | POLLOUT | POLLRDHUP, 0}};

	poll(both, 2, 0);
	say("ready %x %x\n", both[0].revents, both[1].revents);
}

static void error_of(int fd)
{
	int error = -1;
	socklen_t n = sizeof error;

	TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n));
	say("error %s\n", error ? strerrorname_np(error) : "none");
}

static void get(int fd, size_t room, int flags)
{
	long n;

	memset(bytes, '.', 16);
	n = told("recv %zu %x", recv(fd, bytes, room, flags), room, flags);
	if (n > 0)
		say_bytes("got", bytes, n < 16 ? n : 16);
}

static void plain(int type)
{
	struct sockaddr_un un;
	socklen_t length = sizeof un;
	struct stat st;
	struct iovec two[2] = {{"ab", 2}, {"cde", 3}};
	int n = -1;

	fresh(type);
	TRY(fcntl(s[0], F_GETFL));
	TRY(fcntl(s[0], F_GETFD));
	TRY(fstat(s[0], &st));
	say("mode %o links %lu size %ld\n", st.st_mode, st.st_nlink, (long)st.st_size);
	TRY(getsockname(s[0], (void *)&un, &length));
	say("family %d length %u\n", un.sun_family, length);
	length = 1;
	TRY(getpeername(s[0], (void *)&un, &length));
	say("length %u\n", length);
	TRY(lseek(s[0], 0, SEEK_CUR));
	CALL(pread64, s[0], bytes, 1, 0);
	ready();
	get(s[0], 10, 0);
	TRY(send(s[0], "hello", 5, 0));
	TRY(write(s[0], " world", 6));
	TRY(writev(s[0], two, 2));
	ready();
	TRY(ioctl(s[1], FIONREAD, &n));
	say("%d to read\n", n);
	get(s[1], 3, MSG_PEEK);
	get(s[1], 3, MSG_TRUNC);
	get(s[1], 100, MSG_PEEK);
	get(s[1], 4, 0);
	TRY(read(s[1], bytes, 100));
	get(s[1], 100, 0);
	get(s[1], 100, 0);
	TRY(send(s[0], "", 0, 0));
	ready();
	get(s[1], 100, 0);
	get(s[1], 100, MSG_DONTWAIT);
	get(s[1], 100, MSG_OOB);
	TRY(send(s[0], BAD, 5, 0));
	TRY(sendto(s[0], "x", 1, 0, (void *)&un, 2));
	TRY(sendto(s[0], "x", 1, 0, BAD, 20));
	TRY(recvfrom(s[1], bytes, 1, 0, NULL, NULL));
}

/* To the byte: how much goes, and when there is room again. */
static void capacity(int type, long size)
{
	long count = 0, total = 0, n, until = 0;
	struct pollfd out = {0};

	fresh(type);
	while ((n = send(s[0], bytes, size, 0)) > 0) {
		count++, total += n;
		out = (struct pollfd){s[0], POLLOUT, 0};
		if (!until && !poll(&out, 1, 0))
			until = count;
	}
	told("filled by %ld", n, size);
	say("%ld sends, %ld bytes, writable until %ld\n", count, total, until);
	ready();
	for (n = 0; n < 400 && !poll(&out, 1, 0); n++)
		recv(s[1], bytes, size, 0);
	say("writable after %ld\n", n);
}

static void ends(int type)
{
	signal(SIGPIPE, SIG_IGN);
	fresh(type);
	TRY(shutdown(s[0], 3));
	TRY(send(s[0], "left", 4, 0));
	TRY(shutdown(s[0], SHUT_WR));
	ready();
	TRY(send(s[0], "x", 1, 0));
	get(s[1], 100, 0);
	get(s[1], 100, 0);
	TRY(send(s[1], "back", 4, 0));
	get(s[0], 100, 0);
	get(s[0], 100, 0);
	TRY(shutdown(s[0], SHUT_RD));
	ready();
	TRY(send(s[1], "back", 4, 0));
	get(s[0], 100, 0);
	fresh(type);
	TRY(send(s[0], "left", 4, 0));
	TRY(close(s[0]));
	ready();
	TRY(send(s[1], "x", 1, 0));
	TRY(send(s[1], "x", 1, 0));
	get(s[1], 100, 0);
	get(s[1], 100, 0);
	error_of(s[1]);
	fresh(type);
	TRY(send(s[0], "unread", 6, 0));
	TRY(close(s[1]));
	ready();
	get(s[0], 100, 0);
	get(s[0], 100, 0);
	error_of(s[0]);
	TRY(send(s[0], "x", 1, MSG_NOSIGNAL));
	ready();
}

/* Which writes raise SIGPIPE: a stream's only. */
static void broken(int type)
{
	int status;

	for (int how = 0; how < 3; how++) {
		if (fork() == 0) {
			signal(SIGPIPE, SIG_DFL);
			fresh(type);
			close(s[1]);
			if (how == 0)
				write(s[0], "x", 1);
			else
				send(s[0], "x", 1, how == 1 ? 0 : MSG_NOSIGNAL);
			_exit(errno);
		}
		wait(&status);
		say("%s broken %d: %x\n", names[type], how, status);
	}
}

static void options(void)
{
	static const int list[] = {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_ACCEPTCONN, SO_SNDBUF, SO_RCVBUF, SO_PASSCRED, SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, 9999};
	struct timeval t = {1, 500000};
	socklen_t n;
	int value;

	fresh(SOCK_STREAM);
	for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
		value = -1, n = sizeof value;
		told("option %d", getsockopt(s[0], SOL_SOCKET, list[i], &value, &n), list[i]);
		say("%d of %u\n", value, n);
	}
	value = 1;
	TRY(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
	TRY(getsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &value, &n));
	say("%d\n", value);
	value = 10000;
	TRY(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
	TRY(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &n));
	say("%d\n", value);
	value = 1;
	TRY(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
	TRY(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &n));
	say("%d\n", value);
	TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, 8));
	TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 1000000}, sizeof t));
	n = sizeof t;
	TRY(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, &n));
	say("%ld %ld\n", (long)t.tv_sec, (long)t.tv_usec);
	n = 2;
	TRY(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &value, &n));
	say("%u\n", n);
	TRY(setsockopt(s[0], SOL_SOCKET, SO_TYPE, &value, 4));
	TRY(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &value, 2));
	TRY(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, BAD, 4));
	TRY(setsockopt(s[0], 6, 1, &value, 4));
	TRY(getsockopt(s[0], 6, 1, &value, &n));
	t = (struct timeval){0, 20000};
	TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	TRY(fcntl(s[0], F_SETFL, 0));
	get(s[0], 10, 0);
}

int main(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	static const long sizes[] = {1, 100, 128, 129, 384, 704, 1000, 2000, 3776, 3777, 4096, 5000, 10000, 20000, 36544, 40000, 65536, 100000, 212960, 212961, 250000};
	int fd, family;

	for (int i = 0; i < 3; i++) {
		plain(types[i]);
		ends(types[i]);
		broken(types[i]);
		for (unsigned k = 0; k < sizeof sizes / sizeof *sizes; k++)
			capacity(types[i], sizes[k]);
	}
	options();
	fd = TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	TRY(fcntl(fd, F_GETFD));
	s[0] = s[1] = fd;
	ready();
	TRY(send(fd, "x", 1, 0));
	get(fd, 1, 0);
	TRY(shutdown(fd, SHUT_RDWR));
	ready();
	fd = TRY(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
	s[0] = s[1] = fd;
	ready();
	TRY(send(fd, "x", 1, 0));
	get(fd, 1, 0);
	fd = TRY(socket(AF_UNIX, SOCK_SEQPACKET, 0));
	TRY(send(fd, "x", 1, 0));
	get(fd, 1, 0);
	CALL(socket, AF_UNIX, SOCK_RDM, 0);
	CALL(socket, AF_UNIX, SOCK_STREAM, 6);
	CALL(socket, AF_UNIX, SOCK_STREAM | 0x100, 0);
	CALL(socket, 200, SOCK_STREAM, 0);
	family = AF_UNIX;
	CALL(socketpair, family, SOCK_STREAM, 0, BAD);
	CALL(socketpair, family, SOCK_STREAM, 6, s);
	return 0;
}
