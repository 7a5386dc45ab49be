/* none: fails "0 of 2096"; keys: fails "0 of 2096"; full: fails "0 of 2096" */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "attack.h"

/* Guesses descriptors: of uos's own, of which physical memory is one, and large and negative ones, by number and by name. */
static int reached;

static void try(long fd)
{
	static char text[SECRET + 1];
	char name[64];
	struct stat st;
	off_t secret = (off_t)(at("victim") - GUESTS_BASE);
	void *p;

	reached += fstat((int)fd, &st) == 0;
	reached += fcntl((int)fd, F_GETFD) >= 0;
	if (pread((int)fd, text, SECRET, secret) > 0)
		say("stolen: %s\n", text), reached++;
	reached += pwrite((int)fd, "!!!!", 4, secret) > 0;
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, (int)fd, secret);
	if (p != MAP_FAILED)
		memcpy(text, p, SECRET), say("stolen: %s\n", text), reached++;
	for (int parent = 0; parent < 2; parent++) {
		snprintf(name, sizeof name, parent ? "/proc/1/fd/%ld" : "/proc/self/fd/%ld", fd);
		reached += open(name, O_RDONLY) >= 0;
	}
}

int main(void)
{
	int tried = 0;

	for (long fd = 3; fd < 2048; fd++, tried++)
		try(fd);
	for (long fd = -25; fd < 0; fd++, tried++)
		try(fd);
	for (int bit = 5; bit < 31; bit++, tried++)
		try((1l << bit) + 2048);
	say("%d of %d\n", reached, tried);
	return 0;
}
