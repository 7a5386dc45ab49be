/* ptyflood MIB: types so much into a pseudo-terminal that nobody reads. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t length = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 20;
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char *bytes = malloc(length);
	ssize_t n;

	for (size_t i = 0; i < length; i++)
		bytes[i] = 'x';
	n = write(master, bytes, length);
	printf("typed: %d\n", n == (ssize_t)length);
	return 0;
}
