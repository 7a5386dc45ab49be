/* calls: exit exit_group; runs: "0 0" "1 1" "0 255" "1 256" "0 -1" "1 0x100000003" "0 0x7fffffff" */
#include "say.h"

int main(int argc, char **argv)
{
	long status = strtol(argv[2], NULL, 0);

	say("%d arguments, exiting with %ld\n", argc, status);
	if (argv[1][0] == '0')
		syscall(SYS_exit, status);
	else
		syscall(SYS_exit_group, status);
	say("still here\n");
	return 99;
}
