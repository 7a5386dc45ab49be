/* wildptr: reads one byte at an address that is not its own, or writes one there. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *end = "", line[64];
	unsigned long address = argc > 1 ? strtoul(argv[1], &end, 0) : 0;
	volatile unsigned char *wild = (volatile unsigned char *)(uintptr_t)address;
	int n;

	if (argc > 3 || *end || errno || end == argv[1] || (argc > 2 && strcmp(argv[2], "w"))) {
		dprintf(STDERR_FILENO, "usage: wildptr [ADDR [w]]\n");
		return 2;
	}
	if (argc > 2) {
		*wild = 0x2a;
		n = snprintf(line, sizeof line, "wrote 0x2a to 0x%lx\n", address);
	} else {
		n = snprintf(line, sizeof line, "read 0x%02x from 0x%lx\n", *wild, address);
	}
	return write(STDOUT_FILENO, line, (size_t)n) == n ? 0 : 1;
}
