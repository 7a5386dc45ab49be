/* still: says so, and waits for a byte; no C library, so that its mappings are all its own. */
#include "../../bench/guest.h"

int guest_main(int argc, char **argv)
{
	char byte;

	(void)argc, (void)argv;
	raw(SYS_write, 1, (long)"still\n", 6);
	return raw(SYS_read, 0, (long)&byte, 1) < 0;
}
