/*
 * renewed: copies itself, and changes a number in the copy's code through a shared mapping, again and again: is it
 * each time that number with which the copy ends? With one mapping for all times, and with a new one each time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMES 30
#define CALLS 50 /* more than a program makes before its calls are rewritten */
#define NAME "renewed.copy"

static char bytes[4 << 20];
static size_t length;

__attribute__((noinline)) static int number(void)
{
	int n;

	__asm__ volatile("mov $0x12345678, %0" : "=r"(n));
	return n;
}

static void copy(void)
{
	int from = open("/proc/self/exe", O_RDONLY), to = open(NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	length = read(from, bytes, sizeof bytes);
	if (write(to, bytes, length) != (ssize_t)length)
		perror(NAME);
	close(from);
	close(to);
}

static char *map(void)
{
	int fd = open(NAME, O_RDWR);
	char *p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	return p;
}

static int ends_with(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execl(NAME, NAME, "number", NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	int wrong[2] = { 0, 0 };
	size_t at;
	char *p;

	(void)argv;
	for (int i = 0; argc > 1 && i < CALLS; i++)
		syscall(SYS_getppid);
	if (argc > 1)
		return number() & 0x7f;
	copy();
	at = (char *)memmem(bytes, length, "\x78\x56\x34\x12", 4) - bytes;
	p = map();
	for (int i = 1; i <= TIMES; i++) {
		p[at] = i;
		wrong[0] += ends_with() != i;
	}
	munmap(p, length);
	for (int i = 1; i <= TIMES; i++) {
		p = map();
		p[at] = i;
		munmap(p, length);
		wrong[1] += ends_with() != i;
	}
	printf("%d and %d wrong\n", wrong[0], wrong[1]);
	return unlink(NAME);
}
