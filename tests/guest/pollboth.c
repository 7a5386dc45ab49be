/* pollboth: fills the pipe that is its standard output, says "full", waits for it to be readable or writable; 60 s at most. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	static const char bytes[4096];
	struct pollfd p = {.fd = 1, .events = POLLOUT};
	int ready;

	while (poll(&p, 1, 0) == 1)
		if (write(1, bytes, sizeof bytes) < 0)
			return 2;
	p.events = POLLIN | POLLOUT;
	dprintf(2, "full\n");
	ready = poll(&p, 1, 60000);
	dprintf(2, "pollboth: %d, %s\n", ready, p.revents == POLLOUT ? "writable" : "something else");
	return ready != 1;
}
