/* unmasked: lets every floating-point exception trap, then calls getpid by the gate for ever. */
#include <fenv.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <uos/gate.h>

int main(void)
{
	uos_gate_init();
	if (!uos_gate_address)
		return 2;
	feenableexcept(FE_ALL_EXCEPT);
	dprintf(1, "unmasked\n");
	for (;;)
		uos_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
}
