/* calls: dup dup2 dup3 fcntl close */
#include "say.h"

static void flags_of(long fd)
{
	told("F_GETFD of %ld", fcntl((int)fd, F_GETFD), fd);
}

int main(void)
{
	long fd = TRY(open("file", O_RDWR | O_CLOEXEC)), copy;
	char bytes[4];

	flags_of(fd);
	copy = TRY(dup(fd));
	flags_of(copy);
	TRY(dup2(fd, 20));
	flags_of(20);
	CALL(dup3, fd, 21, O_CLOEXEC);
	flags_of(21);
	CALL(dup3, fd, 21, 0);
	flags_of(21);
	TRY(dup2(fd, fd));
	flags_of(fd);
	CALL(dup3, fd, fd, 0);
	CALL(dup3, fd, 22, O_NONBLOCK);
	CALL(dup3, fd, 22, O_CLOEXEC | 1);
	CALL(dup3, NO_FD, NO_FD, 0);
	CALL(dup3, NO_FD, 22, 0);
	CALL(dup3, fd, -1, 0);
	CALL(dup3, fd, 0x7fffffffl, O_CLOEXEC);
	CALL(dup2, NO_FD, NO_FD);
	CALL(dup2, NO_FD, 22);
	CALL(dup2, -1, 22);
	CALL(dup2, fd, -1);
	CALL(dup2, -1, -1);
	CALL(dup2, fd, 0x7fffffffl);
	CALL(dup2, fd | 0x700000000l, 23);
	CALL(dup, NO_FD);
	CALL(dup, -1);
	CALL(dup, 0x80000000l);
	CALL(fcntl, fd, F_DUPFD, 30);
	flags_of(30);
	CALL(fcntl, fd, F_DUPFD_CLOEXEC, 30);
	flags_of(31);
	CALL(fcntl, fd, F_DUPFD, 0);
	CALL(fcntl, fd, F_DUPFD, -1);
	CALL(fcntl, fd, F_DUPFD, 0x100000000l);
	CALL(fcntl, NO_FD, F_DUPFD, 0);
	/* One offset, one set of status flags; descriptor flags of their own. */
	TRY(read(fd, bytes, 4));
	TRY(lseek(20, 0, SEEK_CUR));
	TRY(fcntl(20, F_SETFL, O_APPEND));
	TRY(fcntl(fd, F_GETFL) & O_APPEND);
	TRY(close(fd));
	TRY(read(20, bytes, 4));
	TRY(lseek(copy, 0, SEEK_CUR));
	/* Over an open one. */
	fd = TRY(open("dir/inner", O_RDONLY));
	TRY(dup2(fd, copy));
	TRY(read(copy, bytes, 4));
	say_bytes("bytes", bytes, 4);
	/* Over standard output and back. */
	copy = dup(1);
	TRY(dup2(fd, 0));
	fd = open("said", O_CREAT | O_WRONLY, 0644);
	dup2(fd, 1);
	say("into a file\n");
	dup2(copy, 1);
	say("out again\n");
	return 0;
}
