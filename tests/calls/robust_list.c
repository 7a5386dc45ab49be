/* calls: set_robust_list */
#include "say.h"

int main(void)
{
	long list[3] = {(long)list, 0, 0};

	CALL(set_robust_list, list, 24);
	CALL(set_robust_list, list, 23);
	CALL(set_robust_list, list, 0);
	CALL(set_robust_list, list, -1l);
	CALL(set_robust_list, BAD, 24);	/* nobody looks before the end */
	CALL(set_robust_list, BAD, 8);
	CALL(set_robust_list, 0, 24);
	return 0;
}
