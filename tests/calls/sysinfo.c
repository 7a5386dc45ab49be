/* calls: sysinfo */
#include <sys/sysinfo.h>

#include "say.h"

int main(void)
{
	char *edge = edge_pages();
	struct sysinfo info;

	memset(&info, 0xee, sizeof info);
	TRY(sysinfo(&info));
	say("up: %d, memory: %d, some free: %d, processes: %d, unit: %d\n", info.uptime >= 0, info.totalram * info.mem_unit > 1 << 20,
	    info.freeram > 0 && info.freeram <= info.totalram, info.procs > 0, info.mem_unit > 0);
	CALL(sysinfo, 0);
	CALL(sysinfo, BAD);
	CALL(sysinfo, KERNEL_HALF);
	CALL(sysinfo, edge + READABLE);
	CALL(sysinfo, edge + GUARD - sizeof info + 1);
	return 0;
}
