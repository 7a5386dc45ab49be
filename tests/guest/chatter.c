/* chatter [LINES]: writes that many lines, one call each; exits 1, with the error on stderr, if one is not taken. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long lines = argc > 1 ? atol(argv[1]) : 1000000;
	char line[32];

	for (long k = 1; k <= lines; k++) {
		int length = snprintf(line, sizeof line, "chatter %ld\n", k);

		if (write(1, line, (size_t)length) != length) {
			dprintf(2, "chatter: %s\n", strerrorname_np(errno));
			return 1;
		}
	}
	return 0;
}
