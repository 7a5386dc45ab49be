/* calls: fcntl */
#include "say.h"

static void lock(long fd, int command, const char *name, short type, long start, long length, short whence)
{
	struct flock l = {.l_type = type, .l_whence = whence, .l_start = start, .l_len = length, .l_pid = 0};

	if (told("%s type %d from %ld for %ld whence %d", fcntl((int)fd, command, &l), name, type, start, length, whence) == 0)
		say("type %d from %lld for %lld whence %d\n", l.l_type, (long long)l.l_start, (long long)l.l_len, l.l_whence);
}

static void locks(long rw, long ro, long wo)
{
	struct flock bad = {.l_type = F_WRLCK, .l_len = 1, .l_pid = 7};

	lock(rw, F_SETLK, "F_SETLK", F_WRLCK, 0, 10, SEEK_SET);
	lock(rw, F_GETLK, "F_GETLK", F_WRLCK, 0, 10, SEEK_SET);	/* its own lock is in nobody's way */
	lock(ro, F_GETLK, "F_GETLK", F_RDLCK, 0, 10, SEEK_SET);
	lock(ro, F_SETLK, "F_SETLK", F_WRLCK, 0, 10, SEEK_SET);
	lock(wo, F_SETLK, "F_SETLK", F_RDLCK, 0, 10, SEEK_SET);
	lock(rw, F_SETLK, "F_SETLK", F_RDLCK, 5, 0, SEEK_END);
	lock(rw, F_SETLKW, "F_SETLKW", F_RDLCK, 5, 0, SEEK_END);
	lock(rw, F_SETLK, "F_SETLK", F_UNLCK, 0, 0, SEEK_SET);
	lock(rw, F_SETLK, "F_SETLK", 77, 0, 0, SEEK_SET);
	lock(rw, F_GETLK, "F_GETLK", F_UNLCK, 0, 0, SEEK_SET);
	lock(rw, F_SETLK, "F_SETLK", F_WRLCK, 0, 0, 9);
	lock(rw, F_SETLK, "F_SETLK", F_WRLCK, -1, 1, SEEK_SET);
	lock(rw, F_SETLK, "F_SETLK", F_WRLCK, 10, -5, SEEK_SET);
	lock(rw, F_SETLK, "F_SETLK", F_WRLCK, 3, -5, SEEK_SET);
	lock(rw, F_OFD_SETLK, "F_OFD_SETLK", F_WRLCK, 100, 10, SEEK_SET);
	lock(ro, F_OFD_GETLK, "F_OFD_GETLK", F_RDLCK, 100, 1, SEEK_SET);
	lock(ro, F_OFD_SETLK, "F_OFD_SETLK", F_RDLCK, 105, 1, SEEK_SET);
	lock(ro, F_OFD_SETLK, "F_OFD_SETLK", F_RDLCK, 110, 1, SEEK_SET);
	lock(rw, F_OFD_SETLK, "F_OFD_SETLK", F_UNLCK, 100, 10, SEEK_SET);
	lock(ro, F_OFD_SETLK, "F_OFD_SETLK", F_RDLCK, 105, 1, SEEK_SET);
	CALL(fcntl, rw, F_OFD_SETLK, &bad);
	CALL(fcntl, rw, F_SETLK, 0);
	CALL(fcntl, rw, F_SETLK, BAD);
	CALL(fcntl, rw, F_GETLK, KERNEL_HALF);
	CALL(fcntl, NO_FD, F_SETLK, BAD);
	lock(open("file", O_PATH), F_SETLK, "F_SETLK of O_PATH", F_RDLCK, 0, 1, SEEK_SET);
	lock(0, F_SETLK, "F_SETLK of a pipe", F_RDLCK, 0, 1, SEEK_SET);
	lock(open("dir", O_RDONLY), F_SETLK, "F_SETLK of a directory", F_RDLCK, 0, 1, SEEK_SET);
}

int main(void)
{
	long rw = TRY(open("file", O_RDWR)), ro = TRY(open("file", O_RDONLY)), wo = TRY(open("file", O_WRONLY | O_APPEND)),
	     path = TRY(open("file", O_PATH | O_CLOEXEC)), dir = TRY(open("dir", O_RDONLY | O_DIRECTORY));

	TRY(fcntl(rw, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(ro, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(wo, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(path, F_GETFL));
	TRY(fcntl(dir, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(rw, F_SETFL, O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC));
	TRY(fcntl(rw, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(rw, F_SETFL, O_RDONLY));
	TRY(fcntl(rw, F_GETFL) & ~O_LARGEFILE);
	TRY(fcntl(ro, F_SETFL, O_RDWR));
	TRY(fcntl(ro, F_GETFL) & ~O_LARGEFILE);
	TRY(write(ro, "x", 1));
	TRY(fcntl(path, F_SETFL, O_APPEND));
	TRY(fcntl(path, F_GETFD));
	TRY(fcntl(path, F_SETFD, 0));
	TRY(fcntl(path, F_GETFD));
	TRY(fcntl(rw, F_SETFD, 0xff));
	TRY(fcntl(rw, F_GETFD));
	TRY(fcntl(rw, F_SETFD, 2));
	TRY(fcntl(rw, F_GETFD));
	CALL(fcntl, NO_FD, F_GETFD);
	CALL(fcntl, -1, F_GETFL);
	CALL(fcntl, NO_FD, 7777);
	CALL(fcntl, rw, 7777, 0);
	CALL(fcntl, rw, -1, 0);
	CALL(fcntl, path, 7777, 0);
	CALL(fcntl, rw, F_GETFD | 0x100000000l, 0);
	TRY(fcntl(rw, F_GETPIPE_SZ));
	TRY(fcntl(rw, F_SETPIPE_SZ, 4096));
	locks(rw, ro, wo);
	return 0;
}
