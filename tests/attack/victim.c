/*
 * victim SECRET PROGRAM: has the secret on a page of its own; reads one line that tells where things lie, NAME=VALUE words; starts
 * the program with them in its environment; says how it ended, and whether the page is as it was; and waits for one more line.
 */
#include "attack.h"

extern const char __executable_start[], etext[];
static char page[PAGE] __attribute__((aligned(PAGE)));

static void take_words(char *line)
{
	for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
		putenv(word);
}

static char *secret_in_code(const char *secret)
{
	char *code = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	put_secret_code(code, secret);
	return code;
}

__attribute__((noinline)) static uint64_t secret_in_memory(void)
{
	return *(volatile uint64_t *)page;
}

static void tell(const char *name, const void *address)
{
	char text[32];

	snprintf(text, sizeof text, "%p", address);
	setenv(name, text, 1);
}

static size_t read_line(char *line, size_t room)
{
	size_t n = 0;

	while (n < room - 1 && read(0, line + n, 1) == 1 && line[n++] != '\n')
		;
	line[n] = 0;
	return n;
}

int main(int argc, char **argv)
{
	static char line[8192];
	int status = 0;
	pid_t child;

	if (argc < 3)
		return 2;
	for (size_t i = 0; i < PAGE; i++)
		page[i] = argv[1][i % SECRET];
	say("victim: %p\n", (void *)page);
	if (!read_line(line, sizeof line))
		return 2;
	take_words(line);
	tell("victim", page);
	tell("victim_code", secret_in_code(argv[1]));
	tell("victim_reader", (const void *)secret_in_memory);
	tell("victim_text", __executable_start);
	tell("victim_text_end", etext);
	child = vfork();
	if (child == 0) {
		execv(argv[2], argv + 2);
		_exit(errno == EACCES ? 126 : 127);
	}
	while (waitpid(child, &status, 0) != child && errno == EINTR)
		;
	say("attacker: %s %d\n", WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (size_t i = 0; i < PAGE; i++)
		if (page[i] != argv[1][i % SECRET]) {
			say("victim: harmed\n");
			break;
		}
	say("victim: done\n");
	read_line(line, sizeof line);
	return 0;
}
