/* none: succeeds: victim; keys: fails "5 ended"; full: fails "5 ended" */
#include "attack.h"

/* Instructions that the host may do for the program (UMIP), and then writes where it is told to: to another guest's memory. */
int main(void)
{
	const uintptr_t victim = at("victim");
	int ended = 0;

	for (int which = 0; which < 5; which++) {
		pid_t child = fork();

		if (child == 0) {
			switch (which) {
			case 0: __asm__ volatile("sgdt (%0)" : : "r"(victim) : "memory"); break;
			case 1: __asm__ volatile("sidt (%0)" : : "r"(victim) : "memory"); break;
			case 2: __asm__ volatile("smsw (%0)" : : "r"(victim) : "memory"); break;
			case 3: __asm__ volatile("sldt (%0)" : : "r"(victim) : "memory"); break;
			default: __asm__ volatile("str (%0)" : : "r"(victim) : "memory");
			}
			_exit(0);
		}
		ended += waitpid(child, NULL, 0) == child;
	}
	say("%d ended\n", ended);
	return 0;
}
