/* calls: sendfile copy_file_range; stdin: from a pipe */
#include "say.h"

static void sizes(long fd)
{
	told("position", lseek((int)fd, 0, SEEK_CUR));
}

static void send(long in, long out)
{
	long at = 3, past = 1000, minus = -1;
	int p[2], ro = open("file", O_RDONLY), wo = open("sent", O_WRONLY | O_CREAT, 0644), dir = open("dir", O_RDONLY),
	    more = open("sent", O_WRONLY | O_APPEND), path = open("file", O_PATH);
	char bytes[64];

	pipe(p);
	CALL(sendfile, out, in, 0, 4);
	sizes(in);
	sizes(out);
	CALL(sendfile, out, in, &at, 5);
	say("%ld\n", at);
	sizes(in);
	CALL(sendfile, out, in, 0, 1000000);
	CALL(sendfile, out, in, 0, 10);
	CALL(sendfile, out, in, &past, 10);
	CALL(sendfile, out, in, &minus, 10);
	CALL(sendfile, out, in, &at, 0);
	CALL(sendfile, out, in, BAD, 5);
	at = 2;
	CALL(sendfile, p[1], in, &at, 6);
	TRY(read(p[0], bytes, 60));
	say_bytes("through a pipe", bytes, 6);
	CALL(sendfile, out, p[0], 0, 5);
	CALL(sendfile, out, p[0], &at, 5);
	CALL(sendfile, out, dir, 0, 5);
	CALL(sendfile, out, wo, 0, 5);
	CALL(sendfile, ro, in, 0, 5);
	CALL(sendfile, more, in, 0, 5);
	CALL(sendfile, NO_FD, in, 0, 5);
	CALL(sendfile, out, NO_FD, 0, 5);
	CALL(sendfile, out, path, 0, 5);
	CALL(sendfile, p[0], in, 0, 5);
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	at = 0;
	CALL(sendfile, p[1], in, &at, 5);
	say("%ld\n", at);
	at = 0;
	CALL(sendfile, 1, in, &at, 8);
	say("\n");
}

static void copy(long in, long out)
{
	long from = 2, to = 100, minus = -1, here = 4, huge = 0x7ffffffffffffff0;
	int p[2], ro = open("file", O_RDONLY), wo = open("sent", O_WRONLY), dir = open("dir", O_RDONLY),
	    more = open("sent", O_WRONLY | O_APPEND), same = open("sent", O_RDWR);

	pipe(p);
	lseek((int)in, 0, SEEK_SET);
	CALL(copy_file_range, in, 0, out, 0, 4, 0);
	sizes(in);
	sizes(out);
	CALL(copy_file_range, in, &from, out, &to, 5, 0);
	say("%ld %ld\n", from, to);
	sizes(in);
	sizes(out);
	CALL(copy_file_range, in, &from, out, 0, 1000000, 0);
	CALL(copy_file_range, in, &from, out, 0, 1000000, 0);
	CALL(copy_file_range, in, 0, out, 0, 4, 1);
	CALL(copy_file_range, in, BAD, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, out, BAD, 4, 0);
	CALL(copy_file_range, in, &minus, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, out, &minus, 4, 0);
	CALL(copy_file_range, p[0], 0, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, p[1], 0, 4, 0);
	CALL(copy_file_range, dir, 0, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, dir, 0, 4, 0);
	CALL(copy_file_range, wo, 0, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, ro, 0, 4, 0);
	CALL(copy_file_range, in, 0, more, 0, 4, 0);
	CALL(copy_file_range, NO_FD, 0, out, 0, 4, 0);
	CALL(copy_file_range, in, 0, NO_FD, 0, 4, 0);
	CALL(copy_file_range, same, 0, same, &here, 10, 0);
	CALL(copy_file_range, same, 0, same, &here, 4, 0);
	CALL(copy_file_range, in, &huge, out, 0, 100, 0);
	lseek((int)in, 0, SEEK_SET);
	CALL(copy_file_range, in, 0, out, 0, 0, 0);
}

int main(void)
{
	long in = open("file", O_RDONLY), out = TRY(open("sent", O_CREAT | O_RDWR | O_TRUNC, 0644));

	send(in, out);
	copy(in, out);
	return 0;
}
