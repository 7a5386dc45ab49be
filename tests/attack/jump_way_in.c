/* none: succeeds: panic; keys: fails "jumps ended"; full: fails "jumps ended" */
#include "jump.h"

int main(void)
{
	return jump_everywhere(at("way_in_start"), at("way_in_end"));
}
