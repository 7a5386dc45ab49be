/*
 * pku WAY: tries to execute WRPKRU, hidden in that way; says "ran" if it could. The instruction is given the value that is there
 * already, so it changes nothing. What goes wrong before that is said, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define RWX (RW | PROT_EXEC)
#define ROUNDS 2000
#define TURNS 100 /* after which another thread has come as far as it can */

/* xor %ecx,%ecx; rdpkru; wrpkru; mov $1,%eax; ret. And in its place: nothing for three bytes. */
static uint8_t evil[] = { 0x31, 0xc9, 0x0f, 0x01, 0xee, 0x0f, 0x01, 0x00 /* main */, 0xb8, 1, 0, 0, 0, 0xc3 };
static uint8_t tame[] = { 0x31, 0xc9, 0x0f, 0x01, 0xee, 0x0f, 0x1f, 0x00, 0xb8, 2, 0, 0, 0, 0xc3 };
#define LENGTH sizeof evil
#define FORBIDDEN 5 /* where WRPKRU begins in there */

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
	exit(1);
}

static char *map(size_t length, int prot, int flags, int fd)
{
	char *p = mmap(NULL, length, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static char *anonymous(size_t length, int prot)
{
	return map(length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void protect(void *at, int prot)
{
	if (mprotect(at, PAGE, prot) != 0)
		fail("mprotect");
}

static int call(const void *at)
{
	return ((int (*)(void))(uintptr_t)at)();
}

static void say(int result)
{
	puts(result == 1 ? "ran" : result == 2 ? "tame" : "what?");
	fflush(stdout);
}

static void own(void)
{
	uint32_t value;

	__asm__ volatile("xor %%ecx, %%ecx; rdpkru" : "=a"(value) : : "ecx", "edx");
	__asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
	say(1);
}

static void written(void)
{
	char *p = anonymous(PAGE, RWX);

	memcpy(p, evil, LENGTH);
	say(call(p));
}

static void rewritten(void)
{
	char *p = anonymous(PAGE, RWX);

	memcpy(p, tame, LENGTH);
	say(call(p));
	memcpy(p, evil, LENGTH);
	say(call(p));
}

static void protected(void)
{
	char *p = anonymous(PAGE, RW);

	memcpy(p, evil, LENGTH);
	protect(p, RX);
	say(call(p));
}

/* mov $0xef010f.., %eax, jumped into. */
static void immediate(void)
{
	uint8_t code[] = { 0x31, 0xc9, 0x0f, 0x01, 0xee, 0xeb, 1, 0xb8, 0x0f, 0x01, evil[7], 0x90, 0xb8, 1, 0, 0, 0, 0xc3 };
	char *p = anonymous(PAGE, RW);

	memcpy(p, code, sizeof code);
	protect(p, RX);
	say(call(p));
}

/* Two pages that are innocent each. */
static char *across(int before)
{
	char *p = anonymous(2 * PAGE, RW);

	memcpy(p + PAGE - before - FORBIDDEN, evil, LENGTH);
	return p;
}

static void border(int before, int first)
{
	char *p = across(before);

	protect(p + first * PAGE, RX);
	protect(p + !first * PAGE, RX);
	say(call(p + PAGE - before - FORBIDDEN));
}

static void border12(void)
{
	border(2, 0);
}

static void border21(void)
{
	border(2, 1);
}

static void border1(void)
{
	border(1, 0);
}

/* The second is executed first, and becomes executable alone. */
static void border_called(void)
{
	char *p = across(1);

	memcpy(p + PAGE + 64, tame, LENGTH);
	protect(p + PAGE, RX);
	say(call(p + PAGE + 64));
	protect(p, RX);
	say(call(p + PAGE - 1 - FORBIDDEN));
}

static void moved(void)
{
	char *p = across(2), *q = anonymous(2 * PAGE, RW);

	protect(p, RX);
	protect(p + PAGE, RX);
	memcpy(q, p, 2 * PAGE);
	protect(q, RX);
	if (mremap(p + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE) == MAP_FAILED)
		fail("mremap");
	say(call(q + PAGE - 2 - FORBIDDEN));
}

static int file_with(const uint8_t *code, int flags)
{
	char page[PAGE] = { 0 };
	int fd = open("code", O_RDWR | O_CREAT | O_TRUNC | flags, 0755);

	memcpy(page, code, LENGTH);
	if (fd < 0 || write(fd, page, PAGE) != PAGE)
		fail("file");
	return fd;
}

static void mapped(void)
{
	say(call(map(PAGE, RX, MAP_PRIVATE, file_with(evil, 0))));
}

/* The file changes when it is mapped, and has been executed. */
static void changed(void)
{
	int fd = file_with(tame, 0);
	char *p = map(PAGE, RX, MAP_PRIVATE, fd);

	say(call(p));
	if (pwrite(fd, evil, LENGTH, 0) != (ssize_t)LENGTH)
		fail("pwrite");
	say(call(p));
}

/* Likewise, and its copy is thrown away. */
static void discarded(void)
{
	int fd = file_with(tame, 0);
	char *p = map(PAGE, RWX, MAP_PRIVATE, fd);

	p[PAGE - 1] = 1;
	say(call(p));
	if (pwrite(fd, evil, LENGTH, 0) != (ssize_t)LENGTH || madvise(p, PAGE, MADV_DONTNEED) != 0)
		fail("discard");
	say(call(p));
}

static void through(int fd)
{
	char *p = map(PAGE, RW, MAP_SHARED, fd), *q = map(PAGE, RX, MAP_SHARED, fd);

	memcpy(p, evil, LENGTH);
	say(call(q));
}

static void shared_file(void)
{
	through(file_with(tame, 0));
}

static void memory_file(void)
{
	int fd = memfd_create("code", 0);

	if (fd < 0 || ftruncate(fd, PAGE) != 0)
		fail("memfd");
	through(fd);
}

static void shared_memory(void)
{
	char *p = map(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1);

	memcpy(p, evil, LENGTH);
	protect(p, RX);
	say(call(p));
}

/* What is executable is written to by the kernel. */
static void by_read(void)
{
	char *p = anonymous(PAGE, RWX);

	memcpy(p, tame, LENGTH);
	say(call(p));
	if (pread(file_with(evil, 0), p, LENGTH, 0) != (ssize_t)LENGTH)
		fail("pread");
	say(call(p));
}

static void forked(void)
{
	char *p = anonymous(PAGE, RWX);
	int status;

	memcpy(p, tame, LENGTH);
	say(call(p));
	if (fork() == 0) {
		memcpy(p, evil, LENGTH);
		say(call(p));
		_exit(0);
	}
	wait(&status);
	say(call(p));
	exit(status ? 128 + WTERMSIG(status) : 0);
}

/* ---- With two threads ------------------------------------------------- */

static char *page;
static int channel[2];

static void *reader(void *unused)
{
	if (read(channel[0], page, LENGTH) != (ssize_t)LENGTH)
		fail("read");
	return unused;
}

/* A read waits for what it is to put into the page; meanwhile that is executed. */
static void waiting(void)
{
	pthread_t other;

	page = anonymous(PAGE, RWX);
	if (pipe(channel) != 0 || pthread_create(&other, NULL, reader, NULL) != 0)
		fail("thread");
	for (int i = 0; i < TURNS; i++)
		sched_yield();
	memcpy(page, tame, LENGTH);
	say(call(page));
	if (write(channel[1], evil, LENGTH) != (ssize_t)LENGTH)
		fail("write");
	pthread_join(other, NULL);
	say(call(page));
}

static void *flipper(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		mprotect(page, PAGE, RWX);
		memcpy(page, i % 2 ? evil : tame, LENGTH); /* half of either is sound, too */
	}
	return unused;
}

static void race(void)
{
	pthread_t other;

	page = anonymous(PAGE, RWX);
	memcpy(page, tame, LENGTH);
	if (pthread_create(&other, NULL, flipper, NULL) != 0)
		fail("thread");
	for (int i = 0; i < ROUNDS; i++) {
		protect(page, RWX);
		if (call(page) == 1)
			break;
		sched_yield();
	}
	pthread_join(other, NULL);
	say(call(page));
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "own", own }, { "written", written }, { "rewritten", rewritten }, { "protected", protected }, { "immediate", immediate },
	{ "border12", border12 }, { "border21", border21 }, { "border1", border1 }, { "border_called", border_called }, { "moved", moved },
	{ "mapped", mapped }, { "changed", changed }, { "discarded", discarded }, { "shared_file", shared_file },
	{ "memory_file", memory_file }, { "shared_memory", shared_memory }, { "by_read", by_read }, { "forked", forked },
	{ "waiting", waiting }, { "race", race },
};

int main(int argc, char **argv)
{
	*(volatile uint8_t *)&evil[7] = 0xef; /* our own code is not to have it */
	for (unsigned i = 0; argc == 2 && i < sizeof ways / sizeof *ways; i++)
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].run();
			return 0;
		}
	fprintf(stderr, "usage: pku WAY\n");
	return 2;
}
