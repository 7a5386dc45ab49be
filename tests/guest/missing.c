/* missing: calls that no version of uos will have: swapon three times, kexec_load once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_swapon, 8, 0x7f000000) == -1)
			dprintf(1, "swapon: %s\n", strerrorname_np(errno));
	if (syscall(SYS_kexec_load, 8, 99, 8, 0x7f) == -1)
		dprintf(1, "kexec_load: %s\n", strerrorname_np(errno));
	return 0;
}
