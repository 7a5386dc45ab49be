/* There are no sockets (socket(2) is refused), so no descriptor is one. */
#include <errno.h>

#include "kernel/file.h"
#include "kernel/syscall.h"

static long no_socket(const uint64_t *a)
{
	return file_get((int)a[0]) ? -ENOTSOCK : -EBADF;
}

#define NEEDS_A_SOCKET(name)                                                                                           \
	long sys_##name(const uint64_t *a)                                                                             \
	{                                                                                                              \
		return no_socket(a);                                                                                   \
	}

NEEDS_A_SOCKET(accept)
NEEDS_A_SOCKET(accept4)
NEEDS_A_SOCKET(bind)
NEEDS_A_SOCKET(connect)
NEEDS_A_SOCKET(getpeername)
NEEDS_A_SOCKET(getsockname)
NEEDS_A_SOCKET(getsockopt)
NEEDS_A_SOCKET(listen)
NEEDS_A_SOCKET(recvfrom)
NEEDS_A_SOCKET(recvmmsg)
NEEDS_A_SOCKET(recvmsg)
NEEDS_A_SOCKET(sendmmsg)
NEEDS_A_SOCKET(sendmsg)
NEEDS_A_SOCKET(sendto)
NEEDS_A_SOCKET(setsockopt)
NEEDS_A_SOCKET(shutdown)
