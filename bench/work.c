/*
 * Whole programs, as people run them: the same job on Linux and under uos.
 *
 *	work prepare BYTES                  writes what the jobs need
 *	work JOB linux                      runs it; its first output is what all others' must be
 *	work JOB uos UOS [OPTION...]        runs it as a guest
 *
 * All in the directory that UOS_BENCH_WORK names. Prints the cycles from fork
 * to the end of wait.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

/* Scripts of sh; `before` is not measured, and runs on Linux. */
static const struct job {
	const char *name, *script, *before;
} jobs[] = {
	{ "xz", "exec xz -0 -T1 -c lines", NULL },
	{ "unxz", "exec xz -d -c lines.xz", NULL },
	{ "sort", "exec sort --parallel=4 lines", NULL },
	{ "count", "awk '{ print $2 }' lines | sort | uniq -c", NULL },
	{ "forks", "exec perl forks.pl", NULL },
	{ "make", "cd project && make -s -j4 && cat prog", "cd project && make -s clean" },
	{ "compute", "exec awk 'BEGIN { for (i = 0; i < 4000000; i++) s += i * i % 7; print s }'", NULL },
};
#define JOBS (int)(sizeof jobs / sizeof *jobs)

/* ---- What they need ----------------------------------------------------- */

static FILE *create(const char *name)
{
	FILE *f = fopen(name, "w");

	if (!f)
		err(1, "%s", name);
	return f;
}

static void finish(FILE *f, const char *name)
{
	if (ferror(f) || fclose(f) != 0)
		errx(1, "%s: cannot be written: %s", name, strerror(errno));
}

static void write_text(const char *name, const char *text)
{
	FILE *f = create(name);

	fputs(text, f);
	finish(f, name);
}

/* xorshift64, Marsaglia 2003. */
static uint64_t next_random(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* One of some thousand words; a few of them are frequent, as in any text. */
static const char *word(void)
{
	static const char syllables[16][4] = { "ba", "del", "fo", "gir", "hu", "jan", "ke", "lom", "mi", "nus", "pa", "ret", "so", "tuk", "vi", "zen" };
	static char text[16];
	uint64_t r = next_random(), n = r % 4 ? r >> 8 & 63 : r >> 8 & 4095;

	snprintf(text, sizeof text, "%s%s%s", syllables[n & 15], syllables[n >> 4 & 15], n >> 8 ? syllables[n >> 8] : "");
	return text;
}

/* As a log has them: a time, a word, some text that repeats, two numbers. */
static void write_lines(uint64_t bytes)
{
	static const char *const said[] = { "connection accepted from peer", "request served in time", "cache missed, asking the origin", "retrying after a short pause" };
	FILE *f = create("lines");

	for (unsigned n = 0; (uint64_t)ftell(f) < bytes; n++) {
		uint64_t r = next_random();

		fprintf(f, "2026-11-21T%02u:%02u:%02u %s: %s, %lu bytes, %lu us\n", n / 360000 % 24, n / 6000 % 60, n / 100 % 60, word(),
			said[r & 3], r >> 8 & 1023, r >> 20 & 4095);
	}
	finish(f, "lines");
}

/* Twelve files in C; the object files are the same wherever they are made. */
static void write_project(void)
{
	FILE *file;
	char name[32];

	if (mkdir("project", 0700) != 0)
		err(1, "project");
	file = create("project/main.c");
	fprintf(file, "#include <stdio.h>\nint main(void) {\n int sum = 0;\n");
	for (int i = 1; i < 12; i++)
		fprintf(file, " int f%d(void); sum += f%d();\n", i, i);
	fprintf(file, " return printf(\"%%d\\n\", sum) < 0;\n}\n");
	finish(file, "main.c");
	for (int i = 1; i < 12; i++) {
		snprintf(name, sizeof name, "project/f%d.c", i);
		file = create(name);
		fprintf(file, "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint f%d(void)\n{\n\tchar text[99];\n\n"
			"\tsnprintf(text, sizeof text, \"%%d\", %d);\n\treturn atoi(text) + (int)strlen(text);\n}\n", i, i * 7);
		finish(file, name);
	}
	write_text("project/Makefile", "OBJECTS = main.o f1.o f2.o f3.o f4.o f5.o f6.o f7.o f8.o f9.o f10.o f11.o\n"
		   "prog: $(OBJECTS)\n\t$(CC) -o $@ $^\n%.o: %.c\n\t$(CC) -O1 -c -o $@ $<\nclean:\n\trm -f *.o prog\n");
}

static const char forks[] =
	"$| = 1;\n"
	"for my $child (1 .. 300) {\n"
	"	my ($pid, $sum) = (fork, 0);\n"
	"	die 'fork' unless defined $pid;\n"
	"	if (!$pid) {\n"
	"		$sum += $_ * $child for 1 .. 1000;\n"
	"		print \"$child $sum\\n\";\n"
	"		exit $child % 7;\n"
	"	}\n"
	"	waitpid $pid, 0;\n"
	"	$ends{$? >> 8}++;\n"
	"}\n"
	"print \"$_ $ends{$_}\\n\" for sort keys %ends;\n";

static void shell(const char *command)
{
	int status = system(command);

	if (status)
		errx(1, "%s: status %d", command, WEXITSTATUS(status));
}

static void prepare(uint64_t bytes)
{
	char name[32];

	write_lines(bytes);
	shell("xz -0 -T1 -k lines");
	write_text("forks.pl", forks);
	write_project();
	for (int i = 0; i < JOBS; i++) {
		snprintf(name, sizeof name, "%s.sh", jobs[i].name);
		write_text(name, jobs[i].script);
	}
}

/* ---- Running one ---------------------------------------------------------- */

/* FNV-1a, 64 bits. */
static uint64_t checksum(int fd)
{
	uint64_t sum = 0xcbf29ce484222325u;
	struct stat st;
	const unsigned char *p;

	if (fstat(fd, &st) != 0)
		err(1, "output");
	p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : NULL;
	if (p == MAP_FAILED)
		err(1, "output");
	for (off_t i = 0; i < st.st_size; i++)
		sum = (sum ^ p[i]) * 0x100000001b3u;
	return sum;
}

static _Noreturn void become(char **argv, int out)
{
	int in = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		err(1, "standard input and output");
	execvp(argv[0], argv);
	err(1, "%s", argv[0]);
}

/* Cycles. */
static uint64_t run(char **argv, int out)
{
	uint64_t start = measure_tsc();
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become(argv, out);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", argv[0]);
	if (status)
		errx(1, "%s: %s %d", argv[0], WIFSIGNALED(status) ? "signal" : "status",
		     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return measure_tsc() - start;
}

/* Linux's first output is the right one. */
static void compare(const char *job, uint64_t sum, bool first)
{
	char name[32];
	uint64_t right;
	FILE *f;

	snprintf(name, sizeof name, "%s.sum", job);
	f = fopen(name, "r");
	if (!f && first) {
		f = create(name);
		fprintf(f, "%lx\n", sum);
		finish(f, name);
		return;
	}
	if (!f || fscanf(f, "%lx", &right) != 1)
		errx(1, "%s: it has not run on Linux: nothing to compare its output with", job);
	fclose(f);
	if (sum != right)
		errx(1, "%s: wrong output: not Linux's", job);
}

static void do_job(const struct job *job, bool linux_itself, char **uos)
{
	char script[32], line[40], *argv[16] = { "sh", script, NULL };
	int out = memfd_create("output", MFD_CLOEXEC);
	uint64_t cycles;

	snprintf(script, sizeof script, "%s.sh", job->name);
	snprintf(line, sizeof line, "sh %s", script);
	if (!linux_itself) {
		int n = 0;

		for (; uos[n] && n < 14; n++)
			argv[n] = uos[n];
		argv[n] = line;
		argv[n + 1] = NULL;
	}
	if (out < 0)
		err(1, "memfd_create");
	if (job->before)
		shell(job->before);
	cycles = run(argv, out);
	compare(job->name, checksum(out), linux_itself);
	measure_print(NULL, (double)cycles);
}

int main(int argc, char **argv)
{
	const char *where = getenv("UOS_BENCH_WORK");

	if (!where || chdir(where) != 0)
		errx(1, "UOS_BENCH_WORK names no directory");
	setenv("TMPDIR", where, 1);
	setenv("LC_ALL", "C", 1);
	if (argc == 3 && !strcmp(argv[1], "prepare")) {
		prepare(strtoull(argv[2], NULL, 10));
		return 0;
	}
	for (int i = 0; argc > 2 && i < JOBS; i++)
		if (!strcmp(argv[1], jobs[i].name)) {
			do_job(&jobs[i], !strcmp(argv[2], "linux"), argv + 3);
			return 0;
		}
	errx(1, "work prepare BYTES | work JOB linux | work JOB uos UOS [OPTION...]");
}
