/* where say | exit N | stderr: on Linux and in uos it says different things, or fails in uos only; there the vDSO is absent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

int main(int argc, char **argv)
{
	int in_uos = !getauxval(AT_SYSINFO_EHDR);

	if (argc > 1 && !strcmp(argv[1], "say"))
		dprintf(1, "this is %s\n", in_uos ? "uos" : "\033[1mLinux");
	if (argc > 1 && !strcmp(argv[1], "stderr"))
		return dprintf(2, "where: for once\n"), 1;
	return argc > 2 && in_uos ? atoi(argv[2]) : 0;
}
