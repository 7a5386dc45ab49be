/* none: fails "EROFS"; keys: fails "EROFS"; full: fails "EROFS" */
#include "attack.h"

int main(void)
{
	return breach();
}
