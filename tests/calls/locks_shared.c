/* calls: fcntl flock fork wait4 close dup */
#include <sys/file.h>
#include <sys/wait.h>

#include "say.h"

static int lines[2];

/* Runs it in a child that says nothing before the parent waits for it; what it returns is told. */
static pid_t begin(int (*child)(int), int argument)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(child(argument));
	return pid;
}

static void end(const char *what, pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	say("%s: %s\n", what, status >> 8 == 0 ? "ok" : strerrorname_np(status >> 8) ? strerrorname_np(status >> 8) : "?");
}

static int lock(int fd, int command, int type, long start, long length)
{
	struct flock l = {.l_type = type, .l_start = start, .l_len = length};

	return fcntl(fd, command, &l) ? errno : 0;
}

static int try_posix(int fd)
{
	return lock(fd, F_SETLK, F_WRLCK, 0, 10);
}

static int try_open_file(int fd)
{
	return lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10);
}

static int try_flock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
}

static int try_flock_anew(int fd)
{
	(void)fd;
	return try_flock(open("file", O_RDWR));
}

static int whose(int fd)
{
	struct flock l = {.l_type = F_RDLCK};

	if (fcntl(fd, F_GETLK, &l))
		return errno;
	return l.l_type == F_WRLCK && l.l_pid == getppid() && l.l_start == 0 && l.l_len == 10 ? 0 : EINVAL;
}

static int unlock_flock(int fd)
{
	return flock(fd, LOCK_UN) ? errno : 0;
}

static int wait_posix(int fd)
{
	write(lines[1], "x", 1);
	return lock(fd, F_SETLKW, F_WRLCK, 5, 1);
}

static int wait_flock(int fd)
{
	write(lines[1], "x", 1);
	return flock(open("file", O_RDWR), LOCK_EX) ? errno : fd > 0 ? 0 : EBADF;
}

/* Has 20, wants 0, which the parent has, who will want 20. */
static int deadlock(int fd)
{
	lock(fd, F_SETLK, F_WRLCK, 20, 1);
	write(lines[1], "x", 1);
	return lock(fd, F_SETLKW, F_WRLCK, 0, 1);
}

static void begun(void)
{
	char c;

	read(lines[0], &c, 1);
}

int main(void)
{
	int fd = open("file", O_RDWR), other = open("file", O_RDWR);
	pid_t pid;

	pipe(lines);
	say("set %d\n", try_posix(fd));
	end("posix locks are not inherited", begin(try_posix, fd));
	end("whose it is", begin(whose, fd));
	end("an open file's is in the way, too", begin(try_open_file, other));
	pid = begin(wait_posix, fd);
	begun();
	say("unlock %d\n", lock(fd, F_SETLK, F_UNLCK, 0, 0));
	end("waited", pid);
	say("set %d\n", try_posix(fd));
	pid = begin(wait_posix, fd);
	begun();
	close(dup(other));
	end("waited for any close", pid);
	say("open file's %d\n", try_open_file(fd));
	end("inherited", begin(try_open_file, fd));
	end("not another's", begin(try_open_file, other));
	end("not the process's", begin(try_posix, fd));
	say("unlock %d\n", lock(fd, F_OFD_SETLK, F_UNLCK, 0, 0));
	say("flock %d\n", try_flock(fd));
	end("inherited", begin(try_flock, fd));
	end("not by another open file", begin(try_flock, other));
	end("nor a new one", begin(try_flock_anew, fd));
	pid = begin(wait_flock, fd);
	begun();
	end("unlocked by the child", begin(unlock_flock, fd));
	end("waited", pid);
	say("set %d\n", lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid = begin(deadlock, fd);
	begun();
	until_asleep(pid);
	say("deadlock: %s\n", strerrorname_np(lock(fd, F_SETLKW, F_WRLCK, 20, 1)));
	say("unlock %d\n", lock(fd, F_SETLK, F_UNLCK, 0, 0));
	end("the other has it then", pid);
	return 0;
}
