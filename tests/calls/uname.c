/* calls: uname */
#include <sys/utsname.h>

#include "say.h"

int main(void)
{
	char *edge = edge_pages();
	struct utsname u;

	TRY(uname(&u));
	say("%s %s %s %s\n", u.sysname, u.nodename, u.release, u.machine);
	CALL(uname, 0);
	CALL(uname, BAD);
	CALL(uname, KERNEL_HALF);
	CALL(uname, edge + GUARD);
	CALL(uname, edge + READABLE);
	CALL(uname, edge + GUARD - sizeof u + 1);
	CALL(uname, edge + GUARD - sizeof u);
	return 0;
}
