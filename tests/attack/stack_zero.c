/* none: ends "SIGSEGV"; keys: ends "SIGSEGV"; full: ends "SIGSEGV" */
#include "stacks.h"

int main(void)
{
	enter_with(0);
	push_with(0);
	return 0;
}
