/* calls: mlock mlock2 munlock mlockall munlockall */
#include "say.h"

int main(void)
{
	char *p = edge_pages();

	TRY(mlock(p, PAGE));
	TRY(mlock(p + 1, 1));
	TRY(mlock(p, 0));
	TRY(mlock(p + HOLE, PAGE));
	TRY(mlock(p, 4 * PAGE));
	TRY(mlock(p + PAGE - 1, 2) == 0 || errno == ENOMEM); /* a page without rights: it depends on the host's version */
	TRY(mlock(p, -1));
	TRY(mlock(p, -PAGE));
	TRY(mlock(KERNEL_HALF, PAGE));
	TRY(munlock(p, PAGE));
	TRY(munlock(p + HOLE, PAGE));
	TRY(munlock(p, -PAGE));
	TRY(munlock(p, 0));
	CALL(mlock2, p, PAGE, 0);
	CALL(mlock2, p, PAGE, MLOCK_ONFAULT);
	CALL(mlock2, p, PAGE, 2);
	CALL(mlock2, p + HOLE, PAGE, 2);
	TRY(mlockall(0));
	TRY(mlockall(8));
	TRY(mlockall(MCL_ONFAULT));
	TRY(mlockall(MCL_CURRENT));
	TRY(munlockall());
	return 0;
}
