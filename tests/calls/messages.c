/* calls: sendmsg recvmsg sendmmsg recvmmsg socketpair setsockopt getsockopt */
#include <sys/socket.h>
#include <sys/uio.h>

#include "say.h"

static int s[2];
static char bytes[4096];

static void fresh(int type)
{
	close(s[0]), close(s[1]);
	told("socketpair %d", socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s), type);
}

static struct msghdr header(struct iovec *iov, int count, void *control, size_t length)
{
	return (struct msghdr){.msg_iov = iov, .msg_iovlen = count, .msg_control = control, .msg_controllen = length};
}

static void give(int from, const char *text, const int *fds, int count)
{
	char control[CMSG_SPACE(300 * sizeof(int))] = {0};
	struct iovec iov = {(void *)text, strlen(text)};
	struct msghdr h = header(&iov, 1, count ? control : NULL, count ? CMSG_SPACE(count * sizeof(int)) : 0);
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);

	if (count) {
		*c = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	told("sendmsg \"%s\" and %d files", sendmsg(from, &h, 0), text, count);
}

static void take(int from, size_t room, size_t control_room, int flags)
{
	char control[2000];
	struct iovec two[2] = {{bytes, room / 2}, {bytes + room / 2, room - room / 2}};
	struct msghdr h = header(two, 2, control, control_room);
	char name[20];
	long n;

	h.msg_name = name, h.msg_namelen = sizeof name;
	memset(bytes, '.', 100);
	n = told("recvmsg %zu %zu %x", recvmsg(from, &h, flags), room, control_room, flags);
	if (n < 0)
		return;
	say_bytes("got", bytes, n < (long)room ? n : (long)room);
	say("flags %x, control %zu, name %u\n", h.msg_flags, h.msg_controllen, h.msg_namelen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		say("level %d type %d length %zu\n", c->cmsg_level, c->cmsg_type, c->cmsg_len);
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
			struct ucred *u = (void *)CMSG_DATA(c);
			say("own pid %d, %u:%u\n", u->pid == getpid(), u->uid, u->gid);
		}
		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd = ((int *)CMSG_DATA(c))[i];
			say("descriptor, close on exec %d, flags %x\n", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & ~0100000);
			if (read(fd, bytes, 4) > 0)
				say_bytes("reads", bytes, 4);
			close(fd);
		}
	}
}

static void rights(int type)
{
	int fds[300], p[2];

	fresh(type);
	for (int i = 0; i < 300; i++)
		fds[i] = 0;
	fds[0] = open("file", O_RDONLY);
	fds[1] = open("/dev/null", O_WRONLY);
	give(s[0], "one", fds, 1);
	take(s[1], 10, 200, 0);
	give(s[0], "two", fds, 2);
	take(s[1], 10, 200, MSG_CMSG_CLOEXEC);
	give(s[0], "cut", fds, 2);
	take(s[1], 10, CMSG_LEN(sizeof(int)), 0);
	give(s[0], "cut", fds, 2);
	take(s[1], 10, sizeof(struct cmsghdr) - 1, 0);
	give(s[0], "cut", fds, 1);
	take(s[1], 10, sizeof(struct cmsghdr) + 3, 0);
	give(s[0], "none wanted", fds, 1);
	take(s[1], 20, 0, 0);
	give(s[0], "peeked", fds, 1);
	take(s[1], 20, 100, MSG_PEEK);
	take(s[1], 20, 100, 0);
	give(s[0], "first", fds, 0);
	give(s[0], "files", fds, 1);
	give(s[0], "second", fds, 0);
	give(s[0], "more", fds, 1);
	for (int i = 0; i < 4; i++)
		take(s[1], 20, 100, 0);
	give(s[0], "by halves", fds, 1);
	take(s[1], 4, 100, 0);
	take(s[1], 40, 100, 0);
	give(s[0], "many", fds, 253);
	take(s[1], 20, 100, 0);
	give(s[0], "too many", fds, 254);
	give(s[0], "", fds, 1);
	take(s[1], 20, 100, 0);
	fds[1] = NO_FD;
	give(s[0], "bad", fds, 2);
	/* The writing end lives on in the message, and dies with it. */
	TRY(pipe2(p, O_NONBLOCK));
	give(s[0], "pipe", p + 1, 1);
	TRY(close(p[1]));
	TRY(read(p[0], bytes, 1));
	close(s[1]);
	TRY(read(p[0], bytes, 1));
	close(p[0]);
	s[1] = dup(s[0]);
}

static void credentials(int type)
{
	struct ucred who = {0};
	socklen_t n = sizeof who;
	int on = 1;

	fresh(type);
	TRY(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &who, &n));
	say("own pid %d, %u:%u\n", who.pid == getpid(), who.uid, who.gid);
	TRY(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
	give(s[0], "who", NULL, 0);
	take(s[1], 10, 100, 0);
	give(s[0], "who", &on, 1);
	take(s[1], 10, 100, 0);
	give(s[0], "who", NULL, 0);
	take(s[1], 10, CMSG_LEN(4), 0);
	give(s[0], "who", NULL, 0);
	take(s[1], 10, 0, 0);
}

static void errors(void)
{
	char control[100] = {0};
	struct iovec iov = {"abc", 3}, bad = {BAD, 3}, negative = {bytes, (size_t)-1};
	struct msghdr h = header(&iov, 1, NULL, 0);
	struct cmsghdr *c = (void *)control;

	fresh(SOCK_STREAM);
	CALL(sendmsg, s[0], BAD, 0);
	CALL(recvmsg, s[0], BAD, 0);
	CALL(recvmsg, s[0], &h, 0);
	h.msg_iovlen = 1025;
	CALL(sendmsg, s[0], &h, 0);
	CALL(recvmsg, s[0], &h, 0);
	h = header(&bad, 1, NULL, 0);
	CALL(sendmsg, s[0], &h, 0);
	h = header(&negative, 1, NULL, 0);
	CALL(sendmsg, s[0], &h, 0);
	h = header(BAD, 1, NULL, 0);
	CALL(sendmsg, s[0], &h, 0);
	h = header(&iov, 1, control, sizeof control);
	CALL(sendmsg, s[0], &h, 0);
	*c = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, 77};
	CALL(sendmsg, s[0], &h, 0);
	*c = (struct cmsghdr){CMSG_LEN(200), SOL_SOCKET, SCM_RIGHTS};
	CALL(sendmsg, s[0], &h, 0);
	*c = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_CREDENTIALS};
	h.msg_controllen = CMSG_SPACE(4);
	CALL(sendmsg, s[0], &h, 0);
	*c = (struct cmsghdr){CMSG_LEN(4), 99, 77};
	CALL(sendmsg, s[0], &h, 0);
	h = header(&iov, 1, BAD, 50);
	CALL(sendmsg, s[0], &h, 0);
	h = header(NULL, 0, NULL, 0);
	CALL(sendmsg, s[0], &h, 0);
	CALL(sendmsg, s[0], &h, MSG_OOB);
	h.msg_namelen = -1;
	CALL(sendmsg, s[0], &h, 0);
}

static void several(void)
{
	struct iovec out[3] = {{"one", 3}, {"two!", 4}, {"three", 5}}, in[5];
	struct mmsghdr m[5] = {{{0}}}, r[5] = {{{0}}};
	static char room[5][8];

	fresh(SOCK_DGRAM);
	for (int i = 0; i < 3; i++)
		m[i].msg_hdr = header(&out[i], 1, NULL, 0);
	for (int i = 0; i < 5; i++)
		in[i] = (struct iovec){room[i], 4}, r[i].msg_hdr = header(&in[i], 1, NULL, 0);
	TRY(sendmmsg(s[0], m, 3, 0));
	say("%u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	TRY(recvmmsg(s[1], r, 5, 0, NULL));
	for (int i = 0; i < 3; i++)
		say("%u %x %s\n", r[i].msg_len, r[i].msg_hdr.msg_flags, room[i]);
	TRY(recvmmsg(s[1], r, 5, 0, NULL));
	TRY(recvmmsg(s[1], r, 5, MSG_WAITFORONE, &(struct timespec){0, 1000}));
	CALL(recvmmsg, s[1], r, 5, 0, BAD);
	CALL(sendmmsg, s[0], BAD, 1, 0);
	CALL(sendmmsg, s[0], m, 0, 0);
}

/* Each in a message of the next: whoever closes the last closes all, however long the chain. */
static void chain(int type, int length)
{
	int last = open("/dev/null", O_RDONLY);

	for (int i = 0; i < length; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, type, 0, pair) != 0)
			say("no pair %d\n", i);
		give(pair[0], "x", &last, 1);
		close(last), close(pair[0]);
		last = pair[1];
	}
	told("close a chain of %d", close(last), length);
}

int main(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

	for (int i = 0; i < 3; i++) {
		rights(types[i]);
		credentials(types[i]);
		chain(types[i], 600);
	}
	errors();
	several();
	return 0;
}
