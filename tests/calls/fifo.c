/* calls: mknod mknodat open openat read write poll fcntl close unlink rename fork wait4 */
#include <poll.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "say.h"

static char bytes[100];

static void ready(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};

	poll(&p, 1, 0);
	say("ready %x\n", p.revents);
}

static void get(int fd)
{
	long n = told("read", read(fd, bytes, sizeof bytes));

	if (n > 0)
		say_bytes("got", bytes, n);
}

static void nonblocking(void)
{
	int in, out, both, again;
	struct stat st;

	TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	in = TRY(open("fifo", O_RDONLY | O_NONBLOCK));
	TRY(fcntl(in, F_GETFL));
	ready(in);
	get(in);
	out = TRY(open("fifo", O_WRONLY | O_NONBLOCK));
	ready(in);
	ready(out);
	get(in);
	TRY(write(out, "hello", 5));
	ready(in);
	TRY(fstat(in, &st));
	say("mode %o links %lu size %ld\n", st.st_mode, st.st_nlink, (long)st.st_size);
	again = TRY(open("fifo", O_RDONLY));
	get(again);
	get(in);
	close(again);
	TRY(close(out));
	ready(in);
	get(in);
	out = TRY(open("fifo", O_WRONLY));
	ready(in);
	TRY(write(out, "left", 4));
	TRY(rename("fifo", "moved"));
	TRY(open("fifo", O_RDONLY));
	both = TRY(open("moved", O_RDWR));
	get(both);
	TRY(write(both, "self", 4));
	get(both);
	close(in), close(both);
	signal(SIGPIPE, SIG_IGN);
	TRY(write(out, "x", 1));
	ready(out);
	close(out);
	in = TRY(open("moved", O_RDONLY | O_NONBLOCK));
	get(in);
	CALL(lseek, in, 0, 0);
	CALL(ftruncate, in, 0);
	CALL(fsync, in);
	CALL(flock, in, 2);
	close(in);
	TRY(rename("moved", "fifo"));
	TRY(open("fifo", O_RDONLY | O_DIRECTORY));
	TRY(open("fifo", O_RDONLY | O_CREAT | O_EXCL, 0600));
	TRY(open("fifo/x", O_RDONLY));
	in = TRY(open("fifo", O_RDWR | O_CREAT | O_TRUNC, 0600));
	close(in);
	in = TRY(open("fifo", O_PATH));
	TRY(read(in, bytes, 1));
	close(in);
}

/* Each side waits for the other: the child writes, in two openings, what the parent reads. */
static void waiting(void)
{
	int in, status;

	if (fork() == 0) {
		int out = open("fifo", O_WRONLY);
		write(out, "first", 5);
		close(out);
		out = open("second", O_WRONLY);
		write(out, "second", 6);
		_exit(7);
	}
	in = open("fifo", O_RDONLY);
	get(in);
	get(in);
	close(in);
	in = open("second", O_RDONLY);
	get(in);
	get(in);
	close(in);
	TRY(wait(&status) > 0);
	say("status %x\n", status);
	if (fork() == 0) {
		in = open("fifo", O_RDONLY);
		_exit(read(in, bytes, 100) == 3 && read(in, bytes, 100) == 0 ? 8 : 1);
	}
	in = open("fifo", O_WRONLY);
	TRY(write(in, "abc", 3));
	close(in);
	TRY(wait(&status) > 0);
	say("status %x\n", status);
}

int main(void)
{
	umask(022);
	CALL(mknod, "fifo", S_IFIFO | 0666, 0);
	CALL(mknod, "fifo", S_IFIFO | 0666, 0);
	TRY(mkfifo("second", 0600));
	TRY(mkfifoat(AT_FDCWD, "dir/third", 04644));
	CALL(mknod, "sock", S_IFSOCK | 0777, 0);
	look("fifo"), look("second"), look("dir/third"), look("sock");
	nonblocking();
	waiting();
	TRY(unlink("fifo"));
	TRY(open("fifo", O_RDWR));
	return 0;
}
