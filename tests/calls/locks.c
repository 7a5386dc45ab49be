/* calls: flock fcntl close */
#include <sys/file.h>

#include "say.h"

static long lock(const char *what, long fd, int command, int type, long start, long length)
{
	struct flock l = {.l_type = type, .l_start = start, .l_len = length};
	long answer = told("%s %d of %ld from %ld for %ld", fcntl((int)fd, command, &l), what, type, fd, start, length);

	if (command == F_GETLK || command == F_OFD_GETLK)
		say("  %d from %ld for %ld, whence %d, pid %d\n", l.l_type, (long)l.l_start, (long)l.l_len, l.l_whence, l.l_pid > 0);
	return answer;
}

/* A process's own locks are never in its way, through whichever descriptor; an open file's are. */
static void own(long a, long b)
{
	lock("set", a, F_SETLK, F_WRLCK, 0, 100);
	lock("set", b, F_SETLK, F_WRLCK, 50, 100);
	lock("get", b, F_GETLK, F_WRLCK, 0, 0);
	lock("wait", b, F_SETLKW, F_RDLCK, 0, 10);
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 20, 10);
	lock("of open file, get", b, F_OFD_GETLK, F_WRLCK, 20, 10);
	lock("unlock", a, F_SETLK, F_UNLCK, 0, 0);
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 20, 10);
	lock("of open file", a, F_OFD_SETLK, F_RDLCK, 25, 1);
	lock("of open file, get", a, F_OFD_GETLK, F_RDLCK, 25, 1);
	lock("get", a, F_GETLK, F_RDLCK, 0, 0);
	lock("set", a, F_SETLK, F_RDLCK, 29, 2);
	lock("of open file, unlock", b, F_OFD_SETLK, F_UNLCK, 0, 0);
	lock("set", a, F_SETLK, F_WRLCK, 29, 2);
}

/* Closing any descriptor of the file gives up all that the process has of it. */
static void closing(long a, long b)
{
	long third = open("mylock", O_RDONLY);

	lock("set", a, F_SETLK, F_WRLCK, 0, 100);
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 0, 1);
	close((int)third);
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 0, 1);
	lock("of open file", b, F_OFD_SETLK, F_UNLCK, 0, 0);
	lock("set", a, F_SETLK, F_WRLCK, 0, 100);
	dup2(0, open("mylock", O_RDONLY));
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 0, 1);
	dup2(1, 40);
	third = dup2(open("mylock", O_RDONLY), 40);
	lock("set", a, F_SETLK, F_WRLCK, 10, 100);
	dup2(1, 40);
	lock("of open file", b, F_OFD_SETLK, F_WRLCK, 20, 1);
}

static void flocks(void)
{
	int a = open("file", O_RDWR), b = open("file", O_RDONLY), path = open("file", O_PATH), dir = open("dir", O_RDONLY), p[2], c;

	TRY(flock(a, LOCK_EX));
	TRY(flock(b, LOCK_SH | LOCK_NB));
	c = dup(a);
	TRY(flock(c, LOCK_SH));
	TRY(flock(b, LOCK_SH | LOCK_NB));
	TRY(flock(b, LOCK_EX | LOCK_NB));
	TRY(flock(a, LOCK_UN));
	TRY(flock(b, LOCK_EX | LOCK_NB));
	TRY(flock(a, LOCK_SH | LOCK_NB));
	close(b);
	TRY(flock(a, LOCK_SH | LOCK_NB));
	TRY(flock(dir, LOCK_EX));
	pipe(p);
	TRY(flock(p[0], LOCK_EX));
	CALL(flock, path, LOCK_EX);
	CALL(flock, a, 0);
	CALL(flock, a, LOCK_NB);
	CALL(flock, a, LOCK_EX | LOCK_SH);
	CALL(flock, NO_FD, 0);
	CALL(flock, NO_FD, LOCK_EX);
}

int main(void)
{
	long a = TRY(open("mylock", O_RDWR | O_CREAT, 0644)), b = TRY(open("mylock", O_RDWR));

	own(a, b);
	closing(a, b);
	flocks();
	return 0;
}
