/* exit: the smallest process; what uos's and Linux's births and deaths are measured with. */
#include "guest.h"

int guest_main(int argc, char **argv)
{
	(void)argc, (void)argv;
	return 0;
}
