/* answer [NAME]: says that it waits, reads one line from standard input byte by byte, says it back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "answer";
	char line[128];
	size_t length = 0;
	ssize_t got = 0;

	dprintf(1, "%s: waiting\n", name);
	while (length < sizeof line - 1 && (got = read(0, line + length, 1)) == 1 && line[length] != '\n')
		length++;
	line[length] = '\0';
	if (got < 0)
		dprintf(1, "%s: %s\n", name, strerrorname_np(errno));
	else if (!got)
		dprintf(1, "%s: end of file after '%s'\n", name, line);
	else
		dprintf(1, "%s: got '%s'\n", name, line);
	return got != 1;
}
