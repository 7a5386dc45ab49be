/* calls: close_range */
#include <linux/close_range.h>

#include "say.h"

static void state(void)
{
	for (int fd = 10; fd < 20; fd++)
		say("%d: %d\n", fd, fcntl(fd, F_GETFD));
}

int main(void)
{
	for (int fd = 10; fd < 20; fd++)
		dup2(0, fd);
	CALL(close_range, 12, 11, 0);
	CALL(close_range, 12, 13, 1);
	CALL(close_range, 12, 13, 8);
	CALL(close_range, -1, 13, 0);
	state();
	CALL(close_range, 12, 13, CLOSE_RANGE_CLOEXEC);
	CALL(close_range, 15, 15, 0);
	CALL(close_range, 1000, 2000, 0);
	CALL(close_range, 100000, 0xffffffffl, 0);
	state();
	CALL(close_range, 12, 13, CLOSE_RANGE_UNSHARE);
	CALL(close_range, 17 | 1ul << 40, 0xffffffffl | 1ul << 50, 0);
	state();
	TRY(dup(0));
	CALL(close_range, 3, 0xffffffffl, CLOSE_RANGE_CLOEXEC);
	TRY(fcntl(3, F_GETFD));
	CALL(close_range, 0, 0, 0);
	TRY(fcntl(0, F_GETFD));
	TRY(open("file", O_RDONLY));
	TRY(fcntl(0, F_GETFD));
	CALL(close_range, 0, 0, 0);
	return 0;
}
