/* none: fails "seen: all"; keys: fails "seen: all"; full: fails "seen: all" */
#include "chance.h"

/*
 * Files that are executed, by exec and by mapping, and at the same time cut off, made longer, written to, punched, unlinked. Whoever
 * runs them may run into SIGBUS or worse; nobody else, and nothing is left. What is written is code as it was: at none, other code could
 * harm anybody.
 */
#define ATTEMPTS 100
#define ACTS 14
#define FILE_PAGES 16
#define LONGEST (1l << 28)

enum { CALLED, FAULTED, RAN, KINDS };
static long *seen; /* of each */
static unsigned char bytes[2 << 20];
static size_t size; /* of this program */
static const char *const names[] = { "program", "code" };
static int files[2];
static unsigned char *mapped;

static off_t any_offset(int which)
{
	return (off_t)chance(which ? FILE_PAGES * (uint32_t)PAGE : (uint32_t)size);
}

static void run_program(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		close(files[0]); /* who has it open for writing keeps it from being executed */
		execl(names[0], names[0], "ran", NULL);
		_exit(1);
	}
	if (child > 0 && waitpid(child, &status, 0) == child)
		seen[RAN] += WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void call_code(void)
{
	unsigned char *there = mapped + chance(FILE_PAGES) * PAGE;
	uint32_t number = mapped ? call_whatever(there) : 0;

	seen[number ? CALLED : FAULTED] += mapped != NULL;
}

static void map_code(void)
{
	void *p = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | (chance(4) ? PROT_EXEC : 0), MAP_PRIVATE, files[1], 0);

	mapped = p == MAP_FAILED ? NULL : p;
}

static void change(int which)
{
	unsigned char page[PAGE] = { 0 };
	off_t at;

	put_good(page, 1 + chance(100));
	switch (chance(6)) {
	case 0:
		(void)!ftruncate(files[which], any_offset(which));
		break;
	case 1:
		(void)!ftruncate(files[which], (off_t)chance(LONGEST));
		break;
	case 2:
		(void)!fallocate(files[which], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, any_offset(which), PAGE);
		break;
	case 3:
		unlink(names[which]);
		break;
	default:
		at = any_offset(which) & -(off_t)PAGE;
		(void)!pwrite(files[which], which ? page : bytes + at, PAGE, at);
	}
}

static void write_files(void)
{
	unsigned char page[PAGE] = { 0 };

	for (int i = 0; i < 2; i++) {
		unlink(names[i]);
		files[i] = open(names[i], O_RDWR | O_CREAT | O_TRUNC, 0700);
	}
	put_good(page, 1);
	for (int i = 0; i < FILE_PAGES; i++)
		(void)!write(files[1], page, PAGE);
	(void)!write(files[0], bytes, size);
}

static void attempt(int number)
{
	alarm(2);
	faults_come_back();
	write_files();
	if (number % 4 == 0) {
		close(files[0]);
		run_program();
		files[0] = open(names[0], O_RDWR);
	}
	for (int i = 0; i < ACTS; i++)
		switch (chance(5)) {
		case 0:
			map_code();
			break;
		case 1:
			run_program();
			break;
		case 2: case 3:
			call_code();
			break;
		default:
			change((int)chance(2));
		}
}

int main(int argc, char **argv)
{
	int self = open("/proc/self/exe", O_RDONLY);
	ssize_t n = read(self, bytes, sizeof bytes);

	if (argc > 1)
		return strcmp(argv[1], "ran");
	if (n <= 0)
		return 2;
	size = (size_t)n;
	seen = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	attempts(attempt, ATTEMPTS);
	say("%ld called, %ld faulted, %ld ran\n", seen[CALLED], seen[FAULTED], seen[RAN]);
	say("seen: %s\n", seen[CALLED] && seen[FAULTED] && seen[RAN] ? "all" : "too little");
	return 0;
}
