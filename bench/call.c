/* call gate|syscall CALLS BATCHES [WARMUP]: the null call, getppid, by the gate or by the raw instruction. */
#include "guest.h"

static void by_gate(long calls)
{
	while (calls--)
		gate(SYS_getppid, 0, 0, 0);
}

static void by_syscall(long calls)
{
	while (calls--)
		raw(SYS_getppid, 0, 0, 0);
}

int guest_main(int argc, char **argv)
{
	long calls;

	if (argc < 4)
		return 2;
	calls = (long)parse(argv[2]);
	if (argc > 4) /* until the event ring is full and its memory is there */
		by_gate((long)parse(argv[4]));
	guest_measure(argv[1][0] == 'g' ? by_gate : by_syscall, calls, (uint64_t)calls, (int)parse(argv[3]), 50);
	return 0;
}
