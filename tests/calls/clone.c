/* calls: clone */
#include <sched.h>
#include <sys/wait.h>

#include "say.h"

/* fs takes no address but of the lower half: who asks for another gets no child. */
static void with_tls(unsigned long tls)
{
	long pid = syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, tls);

	if (pid == 0)
		_exit(0);
	told("clone with TLS at %lx", pid > 0 ? 0 : pid, tls);
	while (pid > 0 && wait(NULL) > 0)
		;
}

int main(void)
{
	with_tls(0x10000);
	with_tls(0x800000000000);
	with_tls(0x8000000000000000);
	with_tls(-4096ul);
	return 0;
}
