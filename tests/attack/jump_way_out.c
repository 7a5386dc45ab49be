/* none: succeeds: panic; keys: fails "jumps ended"; full: fails "jumps ended" */
#include "jump.h"

int main(void)
{
	return jump_everywhere(at("way_out"), at("way_out_end"));
}
