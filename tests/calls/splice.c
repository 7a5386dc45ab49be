/* calls: splice tee vmsplice read write pipe2 sendfile */
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "say.h"

static int p[2], q[2];
static char bytes[200000];

static void fresh(int flags)
{
	close(p[0]), close(p[1]), close(q[0]), close(q[1]);
	if (pipe2(p, flags) || pipe2(q, flags))
		_exit(9);
}

static void get(int fd)
{
	long n = told("read", read(fd, bytes, sizeof bytes));

	if (n > 0)
		say_bytes("got", bytes, n < 20 ? n : 20);
}

static void errors(int f)
{
	loff_t o = 0, negative = -1;
	struct iovec one = {"a", 1}, bad = {BAD, 1};

	fresh(0);
	CALL(splice, -1, 0, p[1], 0, 0, 0);
	CALL(splice, f, 0, p[1], 0, 1, 99);
	CALL(splice, NO_FD, 0, p[1], 0, 1, 0);
	CALL(splice, p[0], 0, p[1], 0, 1, 0);
	CALL(splice, p[1], 0, q[1], 0, 1, 0);
	CALL(splice, p[0], 0, q[0], 0, 1, 0);
	CALL(splice, f, &o, f, 0, 1, 0);
	CALL(splice, p[0], &o, q[1], 0, 1, 0);
	CALL(splice, p[0], &o, f, 0, 1, 0);
	CALL(splice, p[0], BAD, f, 0, 1, 0);
	CALL(splice, p[0], 0, f, BAD, 1, 0);
	CALL(splice, f, BAD, p[1], 0, 1, 0);
	CALL(splice, f, &negative, p[1], 0, 1, 0);
	CALL(tee, p[0], p[1], 1, 0);
	CALL(tee, f, p[1], 1, 0);
	CALL(tee, p[0], q[1], 0, 0);
	CALL(tee, p[0], q[1], 1, 99);
	CALL(tee, p[1], q[1], 1, 0);
	CALL(tee, p[0], q[0], 1, 0);
	CALL(tee, NO_FD, q[1], 1, 0);
	CALL(vmsplice, f, &one, 1, 0);
	CALL(vmsplice, NO_FD, &one, 1, 0);
	CALL(vmsplice, p[1], &one, 1, 99);
	CALL(vmsplice, p[1], &one, 0, 0);
	CALL(vmsplice, p[1], BAD, 1, 0);
	CALL(vmsplice, p[1], &bad, 1, 0);
	CALL(vmsplice, p[1], &one, 1025, 0);
	CALL(splice, p[0], 0, q[1], 0, 1, SPLICE_F_NONBLOCK);
	CALL(tee, p[0], q[1], 1, SPLICE_F_NONBLOCK);
}

static void between(void)
{
	fresh(0);
	TRY(write(p[1], "hello world", 11));
	TRY(tee(p[0], q[1], 5, 0));
	get(q[0]);
	TRY(splice(p[0], NULL, q[1], NULL, 6, 0));
	get(q[0]);
	TRY(splice(p[0], NULL, q[1], NULL, 100, 0));
	get(q[0]);
	TRY(write(p[1], "left", 4));
	TRY(close(p[1]));
	TRY(splice(p[0], NULL, q[1], NULL, 100, 0));
	TRY(splice(p[0], NULL, q[1], NULL, 100, 0));
	TRY(tee(p[0], q[1], 100, 0));
	signal(SIGPIPE, SIG_IGN);
	p[1] = dup(q[1]);
	close(q[0]);
	fresh(0);
	TRY(write(p[1], "x", 1));
	close(q[0]);
	TRY(splice(p[0], NULL, q[1], NULL, 100, 0));
	get(p[0]);
	q[0] = dup(p[0]);
}

static void files(int f)
{
	loff_t at = 2;
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY), append = open("file", O_WRONLY | O_APPEND), s[2];

	fresh(0);
	TRY(lseek(f, 0, SEEK_SET));
	TRY(splice(f, NULL, p[1], NULL, 3, 0));
	TRY(lseek(f, 0, SEEK_CUR));
	get(p[0]);
	TRY(splice(f, &at, p[1], NULL, 3, 0));
	say("at %ld\n", (long)at);
	TRY(lseek(f, 0, SEEK_CUR));
	get(p[0]);
	TRY(write(p[1], "NEW", 3));
	at = 1;
	TRY(splice(p[0], NULL, f, &at, 3, 0));
	say("at %ld\n", (long)at);
	TRY(pread(f, bytes, 8, 0));
	say_bytes("file", bytes, 8);
	TRY(write(p[1], "MORE", 4));
	TRY(splice(p[0], NULL, f, NULL, 100, 0));
	TRY(lseek(f, 0, SEEK_CUR));
	TRY(pread(f, bytes, 8, 0));
	say_bytes("file", bytes, 8);
	TRY(splice(f, (at = 1 << 20, &at), p[1], NULL, 10, 0));
	TRY(write(p[1], "x", 1));
	TRY(splice(p[0], NULL, append, NULL, 1, 0));
	get(p[0]);
	TRY(splice(zero, NULL, p[1], NULL, 10, 0));
	TRY(splice(p[0], NULL, null, NULL, 100, 0));
	TRY(splice(open("dir", O_RDONLY), NULL, p[1], NULL, 10, 0));
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	TRY(write(p[1], "to a socket", 11));
	TRY(splice(p[0], NULL, s[0], NULL, 100, 0));
	TRY(splice(s[1], NULL, p[1], NULL, 100, 0));
	get(p[0]);
	TRY(sendfile(s[0], f, (off_t[1]){0}, 5));
	get(s[1]);
	TRY(sendfile(p[1], f, (off_t[1]){0}, 5));
	get(p[0]);
}

static void memory(void)
{
	struct iovec two[2] = {{"ab", 2}, {"cde", 3}}, in[2] = {{bytes, 2}, {bytes + 100, 50}}, big = {bytes, sizeof bytes};

	fresh(0);
	TRY(vmsplice(p[1], two, 2, 0));
	TRY(vmsplice(p[0], in, 2, 0));
	say_bytes("first", bytes, 2);
	say_bytes("second", bytes + 100, 3);
	TRY(vmsplice(p[0], in, 2, SPLICE_F_NONBLOCK));
	TRY(vmsplice(p[1], &big, 1, SPLICE_F_NONBLOCK) > 0);
	TRY(vmsplice(p[1], &big, 1, SPLICE_F_NONBLOCK));
	TRY(splice(p[0], NULL, q[1], NULL, 4096, 0));
	TRY(splice(p[0], NULL, q[1], NULL, 1000000, SPLICE_F_NONBLOCK) > 0);
}

int main(void)
{
	int f = TRY(open("made", O_RDWR | O_CREAT, 0600));

	TRY(write(f, "0123456789", 10));
	errors(f);
	between();
	files(f);
	memory();
	return 0;
}
