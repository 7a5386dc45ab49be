/* none: succeeds: panic; keys: succeeds: panic; full: fails "jumps ended" */
#include "jump.h"

/* At keys: its WRPKRU opens the kernel's memory, and what follows believes what the attacker has put there. */
int main(void)
{
	return jump_everywhere(at("signal_in_start"), at("signal_in_end"));
}
