/* none: fails "still here"; keys: fails "still here"; full: fails "still here"; needs: few_descriptors */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "attack.h"

/*
 * Uses up the descriptors that the host gives to uos, by children that each open files, and asks for what the kernel needs one for.
 * Each may be refused; the kernel must not be lost for want of one.
 */
#define CHILDREN 10

static void ask_for_all(void)
{
	int ends[2];
	pid_t child;

	(void)!open("new", O_RDWR | O_CREAT, 0600);
	(void)!mkdir("directory", 0700);
	(void)!rename("new", "newer");
	(void)!memfd_create("x", 0);
	(void)!pipe(ends);
	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	(void)!eventfd(0, 0);
	(void)!epoll_create1(0);
	(void)!open("/proc/self/status", O_RDONLY);
	(void)!open("/dev/ptmx", O_RDWR);
	(void)!open("/dev/zero", O_RDWR);
	(void)!mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 0, 0);
	(void)!chdir("/");
	(void)!unlink("newer");
	(void)!access("/etc/passwd", R_OK);
	child = vfork();
	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

int main(void)
{
	int ready[2], over[2], opened = 0, one, status, ended = 0;
	char byte;

	if (pipe(ready) || pipe(over))
		return 2;
	for (int k = 0; k < CHILDREN; k++)
		if (fork() == 0) {
			for (one = 0; open("/etc/passwd", O_RDONLY) >= 0; one++)
				;
			ask_for_all();
			if (write(ready[1], &one, sizeof one) != sizeof one)
				_exit(2);
			close(over[1]);
			(void)!read(over[0], &byte, 1);
			ask_for_all();
			_exit(0);
		}
	for (int k = 0; k < CHILDREN; k++)
		if (read(ready[0], &one, sizeof one) == sizeof one)
			opened += one;
	ask_for_all();
	close(over[1]);
	while (wait(&status) > 0)
		ended += WIFEXITED(status);
	say("%d opened, %d ended, %s\n", opened, ended, opened < CHILDREN * 100 ? "and still here" : "never refused");
	return 0;
}
