/*
 * Does to names what its arguments say, and tells what came of it, a line each:
 * names write FILE read FILE list DIR cwd go DIR mkdir DIR move FROM TO remove NAME wait -
 * (wait: for a line on standard input)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *answer(long result)
{
	return result < 0 ? strerrorname_np(errno) : "done";
}

static const char *write_to(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT, 0666);

	return fd < 0 ? answer(fd) : answer(write(fd, "written\n", 8) + close(fd));
}

static const char *read_from(const char *file)
{
	static char line[100];
	FILE *in = fopen(file, "r");

	return in && fgets(line, sizeof line, in) ? strtok(line, "\n") : answer(-1);
}

static int shown(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static const char *list(const char *name)
{
	static char text[4096];
	struct dirent **entries;
	int n = scandir(name, &entries, shown, alphasort);

	*text = 0;
	for (int i = 0; i < n; i++)
		strcat(strcat(text, i ? " " : ""), entries[i]->d_name);
	return n < 0 ? answer(n) : text;
}

int main(int argc, char **argv)
{
	static char where[PATH_MAX];

	for (int i = 1; i < argc; i++) {
		const char *what = argv[i], *name = strcmp(what, "cwd") ? argv[++i] : "";

		if (!strcmp(what, "move")) {
			const char *to = argv[++i];

			dprintf(1, "move %s %s: %s\n", name, to, answer(rename(name, to)));
			continue;
		}
		dprintf(1, "%s%s%s: %s\n", what, *name ? " " : "", name,
			!strcmp(what, "cwd") ? getcwd(where, sizeof where) ? where : answer(-1)
			: !strcmp(what, "write") ? write_to(name)
			: !strcmp(what, "read") ? read_from(name)
			: !strcmp(what, "list") ? list(name)
			: !strcmp(what, "go") ? answer(chdir(name))
			: !strcmp(what, "wait") ? answer(read(0, where, 1))
			: !strcmp(what, "mkdir") ? answer(mkdir(name, 0777))
			: !strcmp(what, "remove") ? answer(remove(name)) : "?");
	}
}
