/* calls: readv writev; stdin: from a pipe */
#include <poll.h>
#include <sys/uio.h>

#include "say.h"

static struct iovec many[1100];
static char bytes[1100];

static void limits(long fd)
{
	for (int i = 0; i < 1100; i++)
		many[i] = (struct iovec){bytes + i, 1}, bytes[i] = (char)('a' + i % 26);
	CALL(writev, fd, many, 1024);
	CALL(writev, fd, many, 1025);
	CALL(writev, fd, many, -1);
	CALL(writev, fd, many, 0);
	CALL(readv, fd, many, 0);
	CALL(readv, fd, many, 1025);
	memset(bytes, 0, sizeof bytes);
}

int main(void)
{
	char *edge = edge_pages(), text[16] = "0123456789", answer[16] = "", more[16] = "";
	struct iovec v[4] = {{text, 4}, {BAD, 0}, {text + 4, 2}, {edge + GUARD - 3, 6}}, back[2] = {{answer, 5}, {more, 5}},
		     negative[2] = {{text, 1}, {text, -1}}, wild[2] = {{text, 3}, {BAD, 3}};
	int p[2], ro, wo;

	memcpy(edge + GUARD - 3, "xyz", 3);
	pipe(p);
	CALL(writev, p[1], v, 3);
	CALL(readv, p[0], back, 2);
	say_bytes("first", answer, 5);
	say_bytes("second", more, 5);
	CALL(writev, p[1], negative, 2);
	CALL(writev, p[1], BAD, 1);
	CALL(writev, p[1], BAD, 0);
	CALL(writev, p[1], &wild[1], 1);
	CALL(writev, p[0], v, 3);
	CALL(readv, p[1], back, 2);
	CALL(writev, NO_FD, v, 3);
	CALL(writev, NO_FD, BAD, -1);
	write(p[1], "abc", 3);
	CALL(readv, p[0], back, 2);
	CALL(readv, p[0], negative, 2);
	CALL(readv, p[0], edge + READABLE, 0);
	poll(&(struct pollfd){0, POLLIN, 0}, 1, -1);
	CALL(readv, 0, back, 2);
	say_bytes("first", answer, 5);
	ro = open("file", O_RDONLY), wo = open("new", O_CREAT | O_RDWR, 0644);
	if (ro >= 0 && wo >= 0) {
		CALL(readv, ro, back, 2);
		CALL(readv, ro, wild, 2);
		CALL(readv, ro, wild + 1, 1);
		CALL(writev, ro, v, 3);
		limits(wo);
		CALL(writev, wo, wild, 2);
		CALL(writev, wo, v + 3, 1);
		CALL(lseek, wo, 0, SEEK_SET);
		CALL(readv, wo, many, 1024);
		say_bytes("last", bytes + 1020, 4);
	}
	return 0;
}
