/* calls: connect accept accept4 bind listen getsockname getpeername setsockopt getsockopt sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown */
#include "say.h"

/* On descriptors that are none, and on none at all. */
static void refusals(long fd)
{
	char bytes[128] = {0};
	int length = 0;

	CALL(connect, fd, bytes, 16);
	CALL(accept, fd, 0, 0);
	CALL(accept4, fd, 0, 0, 0);
	CALL(bind, fd, bytes, 16);
	CALL(listen, fd, 5);
	CALL(getsockname, fd, bytes, &length);
	CALL(getpeername, fd, bytes, &length);
	CALL(setsockopt, fd, 1, 2, bytes, 4);
	CALL(getsockopt, fd, 1, 2, bytes, &length);
	CALL(sendto, fd, bytes, 4, 0, 0, 0);
	CALL(recvfrom, fd, bytes, 4, 0, 0, 0);
	CALL(sendmsg, fd, bytes, 0);
	CALL(recvmsg, fd, bytes, 0);
	CALL(sendmmsg, fd, bytes, 1, 0);
	CALL(recvmmsg, fd, bytes, 1, 0, 0);
	CALL(shutdown, fd, 2);
}

int main(void)
{
	refusals(0);
	refusals(NO_FD);
	refusals(-1);
	return 0;
}
