/*
 * sparse N: maps a page at the far end of each of N large files, and gives it to write(2), twice: is it always the right
 * byte? Another thread waits meanwhile to read into such a page: does it find it? Are there addresses left for others?
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAR (1ul << 46)
#define PAGE 4096

static int box[2], waited[2];

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static char *far_page(unsigned long end)
{
	int fd = memfd_create("sparse", 0);
	char *page;

	need(fd >= 0 && ftruncate(fd, end) == 0, "memfd");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, end - PAGE);
	need(page != MAP_FAILED, "mmap");
	close(fd);
	return page;
}

static char through_pipe(const char *byte)
{
	char back;

	need(write(box[1], byte, 1) == 1 && read(box[0], &back, 1) == 1, "write");
	return back;
}

static void *reads(void *page)
{
	return (void *)read(waited[0], page, 1);
}

static int sleeps(int tid)
{
	char name[64], state = 0;
	FILE *f;

	snprintf(name, sizeof name, "/proc/self/task/%d/stat", tid);
	f = fopen(name, "r");
	need(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1, name);
	fclose(f);
	return state == 'S';
}

static volatile int reader;

static void *begins(void *page)
{
	reader = gettid();
	return reads(page);
}

static pthread_t wait_into(char *page)
{
	pthread_t t;

	reader = 0;
	need(pthread_create(&t, NULL, begins, page) == 0, "pthread_create");
	while (!reader || !sleeps(reader))
		sched_yield();
	return t;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1, wrong = 0;
	char **pages = calloc(n, sizeof *pages), *into = far_page(FAR - 7 * PAGE), *gone = far_page(FAR - 9 * PAGE);
	pthread_t first, second;
	void *got;

	need(pipe(box) == 0 && pipe(waited) == 0, "pipe");
	first = wait_into(into);
	for (int i = 0; i < n; i++) {
		pages[i] = far_page(FAR - i * PAGE);
		*pages[i] = i % 100 + 1;
		wrong += through_pipe(pages[i]) != i % 100 + 1;
	}
	for (int i = 0; i < n; i++)
		wrong += through_pipe(pages[i]) != i % 100 + 1;
	need(write(waited[1], "x", 1) == 1 && pthread_join(first, &got) == 0, "waited");
	dprintf(1, "%d wrong, read %ld %c\n", wrong, (long)got, *into);
	second = wait_into(gone);
	munmap(gone, PAGE);
	for (int i = 0; i < n; i++)
		wrong += through_pipe(pages[i]) != i % 100 + 1;
	need(write(waited[1], "y", 1) == 1 && pthread_join(second, &got) == 0, "waited");
	dprintf(1, "%d wrong\n", wrong);
	return system("echo others go on | cat");
}
