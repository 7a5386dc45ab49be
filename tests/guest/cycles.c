/* cycles N: sockets that only their own messages hold, N times each sort, with open files among them; others must keep what they can still receive. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 200

static int hand(int to, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * (FILES + 2))] = "";
	struct iovec io = { "x", 1 };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * count) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
	return sendmsg(to, &m, 0) == 1;
}

static int take(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	int fd;

	if (recvmsg(from, &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return fd;
}

static int lose(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return count;
}

/* Both ends, and files, wait to be received from one of the ends. */
static int both_ends(int type)
{
	int fds[FILES + 2];

	if (socketpair(AF_UNIX, type, 0, fds))
		return 0;
	for (int i = 2; i < FILES + 2; i++)
		if ((fds[i] = open("/dev/null", O_RDONLY)) < 0)
			return lose(fds, i) * 0;
	return hand(fds[0], fds, FILES + 2) * lose(fds, FILES + 2);
}

/* Each waits in the other. */
static int crossed(void)
{
	int a[2], b[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) || socketpair(AF_UNIX, SOCK_STREAM, 0, b))
		return 0;
	if (!hand(a[0], &b[1], 1) || !hand(b[0], &a[1], 1))
		return 0;
	return lose(a, 2) + lose(b, 2);
}

/* A listener waits in the connection that nobody accepts. */
static int unaccepted(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(sa_family_t); /* a name of the kernel's choice */
	int fds[2] = { socket(AF_UNIX, SOCK_STREAM, 0), socket(AF_UNIX, SOCK_STREAM, 0) };

	if (bind(fds[0], (struct sockaddr *)&name, length) || listen(fds[0], 1))
		return 0;
	length = sizeof name;
	getsockname(fds[0], (struct sockaddr *)&name, &length);
	if (connect(fds[1], (struct sockaddr *)&name, length) || !hand(fds[1], fds, 2))
		return 0;
	return lose(fds, 2);
}

/* A chain of messages that we hold the first of: its last is still what it was. */
static int chain(int links)
{
	int ends[2], first, next[2];
	char word[6] = "";

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	write(ends[0], "still", 5);
	first = ends[1];
	close(ends[0]);
	for (int i = 0; i < links; i++) {
		socketpair(AF_UNIX, SOCK_STREAM, 0, next);
		if (!hand(next[0], &first, 1))
			return -1;
		close(first);
		close(next[0]);
		first = next[1];
	}
	if (fork() == 0)
		_exit(0); /* the end of a process is when those that are lost are looked for */
	wait(NULL);
	for (int i = 0; i < links; i++) {
		next[0] = take(first);
		close(first);
		first = next[0];
	}
	read(first, word, 5);
	close(first);
	return strcmp(word, "still") == 0;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1, good = 0, kept;

	for (int i = 0; i < n; i++)
		good += both_ends(SOCK_STREAM) > 0 && both_ends(SOCK_DGRAM) > 0 && crossed() > 0 && unaccepted() > 0;
	kept = chain(20);
	for (int i = 0; i < n; i++)
		crossed();
	printf("%d of %d, kept %d\n", good, n, kept);
	return 0;
}
