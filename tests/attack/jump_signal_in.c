/* none: succeeds: panic; keys: fails "jumps ended"; full: fails "jumps ended" */
#include "jump.h"

int main(void)
{
	return jump_everywhere(at("signal_in_start"), at("signal_in_end"));
}
