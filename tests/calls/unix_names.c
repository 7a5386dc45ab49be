/* calls: socket bind listen connect accept accept4 getsockname getpeername sendto recvfrom unlink */
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "say.h"

static struct sockaddr_un un;

/* "name", or "@name" for an abstract one: those all processes of the host share, hence the pid. */
static socklen_t name(const char *text)
{
	int length;

	un = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (*text != '@')
		return offsetof(struct sockaddr_un, sun_path) + snprintf(un.sun_path, sizeof un.sun_path, "%s", text) + 1;
	length = snprintf(un.sun_path, sizeof un.sun_path, "%s-%08d", text, getpid());
	un.sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + length;
}

/* The name in `un`, without the pid. */
static void say_name(const char *what, long length)
{
	char own[16], *at;

	snprintf(own, sizeof own, "%08d", getpid());
	at = length > 0 ? memmem(un.sun_path, length, own, 8) : NULL;
	if (at)
		memcpy(at, "########", 8);
	say_bytes(what, un.sun_path, length);
}

static int bound(int fd, const char *text)
{
	socklen_t n = name(text);

	return told("bind to %s", bind(fd, (void *)&un, n), text);
}

static int connected(int fd, const char *text)
{
	socklen_t n = name(text);

	return told("connect to %s", connect(fd, (void *)&un, n), text);
}

static void tell(const char *what, int (*call)(int, struct sockaddr *, socklen_t *), int fd)
{
	socklen_t n = sizeof un;

	memset(&un, 0, sizeof un);
	if (told("%s", call(fd, (void *)&un, &n), what) == 0)
		say_name("is", n - (long)sizeof un.sun_family);
}

static void ready(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};

	poll(&p, 1, 0);
	say("ready %x\n", p.revents);
}

static void connections(int type, const char *where)
{
	int listener = TRY(socket(AF_UNIX, type | SOCK_NONBLOCK, 0)), client = socket(AF_UNIX, type | SOCK_NONBLOCK, 0), more[4], end;
	char bytes[64];
	socklen_t n = sizeof un;

	TRY(listen(listener, 1));
	connected(client, where);
	bound(listener, where);
	if (*where != '@')
		look(where);
	connected(client, where);
	TRY(accept(listener, NULL, NULL));
	TRY(listen(listener, 1));
	ready(listener);
	TRY(accept(listener, NULL, NULL));
	connected(client, where);
	connected(client, where);
	ready(listener);
	ready(client);
	TRY(send(client, "early", 5, 0));
	tell("getpeername", getpeername, client);
	tell("getsockname", getsockname, client);
	for (int i = 0; i < 4; i++) {
		more[i] = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
		connected(more[i], where);
	}
	end = TRY(accept4(listener, (void *)&un, &n, SOCK_CLOEXEC | SOCK_NONBLOCK));
	say("family %d length %u\n", un.sun_family, n);
	TRY(fcntl(end, F_GETFL));
	TRY(fcntl(end, F_GETFD));
	tell("getsockname", getsockname, end);
	tell("getpeername", getpeername, end);
	TRY(read(end, bytes, sizeof bytes));
	TRY(write(end, "back", 4));
	TRY(read(client, bytes, sizeof bytes));
	TRY(listen(end, 1));
	bound(client, where);
	TRY(close(client));
	TRY(read(end, bytes, sizeof bytes));
	close(end);
	TRY(close(listener));
	ready(more[0]);
	TRY(read(more[0], bytes, 1));
	TRY(read(more[0], bytes, 1));
	for (int i = 0; i < 4; i++)
		close(more[i]);
	client = socket(AF_UNIX, type, 0);
	connected(client, where);
	bound(client, where);
	TRY(unlink(where));
	close(client);
}

static void datagrams(const char *where)
{
	int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), from = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0);
	char bytes[64];
	socklen_t n = name(where);
	int sent = 0;

	TRY(sendto(from, "x", 1, 0, (void *)&un, n));
	bound(to, where);
	TRY(listen(to, 1));
	TRY(accept(to, NULL, NULL));
	n = name(where);
	TRY(sendto(from, "unnamed", 7, 0, (void *)&un, n));
	bound(from, "@from");
	n = name(where);
	TRY(sendto(from, "named", 5, 0, (void *)&un, n));
	for (int i = 0; i < 3; i++) {
		n = sizeof un, memset(&un, 0, sizeof un);
		TRY(recvfrom(to, bytes, sizeof bytes, 0, (void *)&un, &n));
		say_name("from", n > 2 ? n - 2 : 0);
	}
	connected(other, where);
	tell("getpeername", getpeername, other);
	TRY(send(other, "connected", 9, 0));
	TRY(recv(to, bytes, sizeof bytes, 0));
	while (send(from, "", 0, 0) == 0 || (connected(from, where) == 0 && sent++ < 1))
		;
	for (sent = 0; send(from, "y", 1, 0) == 1; sent++)
		;
	ready(from);
	TRY(recv(to, bytes, sizeof bytes, 0));
	ready(from);
	connected(to, "@from");
	TRY(send(other, "not yours", 9, 0));
	un.sun_family = AF_UNSPEC;
	TRY(connect(to, (void *)&un, 2));
	TRY(send(to, "x", 1, 0));
	close(to);
	TRY(send(other, "gone", 4, 0));
	TRY(send(other, "gone", 4, 0));
	close(from), close(other);
	unlink(where);
}

static void errors(void)
{
	int stream = socket(AF_UNIX, SOCK_STREAM, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0), fresh = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t n;

	bound(stream, "file");
	bound(stream, "missing/x");
	bound(stream, "dir");
	n = name("x");
	TRY(bind(stream, (void *)&un, 1));
	TRY(bind(stream, (void *)&un, 0));
	TRY(bind(stream, (void *)&un, 111));
	TRY(bind(stream, (void *)&un, 200));
	TRY(bind(stream, BAD, n));
	un.sun_family = AF_INET;
	TRY(bind(stream, (void *)&un, n));
	TRY(connect(stream, (void *)&un, n));
	connected(stream, "file");
	connected(stream, "dir");
	connected(stream, "missing/x");
	connected(stream, "missing");
	connected(stream, "@nobody");
	bound(stream, "socket");
	bound(stream, "again");
	bound(other, "socket");
	TRY(listen(stream, 5));
	connected(other, "socket");
	connected(stream, "socket");
	TRY(unlink("socket"));
	connected(other, "socket");
	n = sizeof(sa_family_t), un.sun_family = AF_UNIX;
	TRY(bind(fresh, (void *)&un, n));
	n = sizeof un;
	TRY(getsockname(fresh, (void *)&un, &n));
	say("length %u\n", n);
	memset(un.sun_path, 'n', sizeof un.sun_path);
	close(other);
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	un.sun_family = AF_UNIX;
	TRY(bind(other, (void *)&un, sizeof un));
	n = sizeof un;
	TRY(getsockname(other, (void *)&un, &n));
	say("length %u\n", n);
	close(stream), close(other), close(fresh);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	connections(SOCK_STREAM, "stream");
	connections(SOCK_STREAM, "@uos-test-stream");
	connections(SOCK_SEQPACKET, "packets");
	datagrams("datagrams");
	datagrams("@uos-test-datagrams");
	errors();
	return 0;
}
