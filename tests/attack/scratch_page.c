/* none: fails "through the gate"; keys: fails "through the gate"; full: fails "through the gate" */
#include <uos/gate.h>

#include "attack.h"

/* The page where the gate keeps three registers is the guest's: taken away, protected or exchanged, the way in must not fail in the kernel. */
#define PAGE_SCRATCH 80 /* in the page that guests read: where it is */

int main(void)
{
	char *scratch = *(char **)(at("user_page") + PAGE_SCRATCH);
	int all = PROT_READ | PROT_WRITE, ways = 0;

	uos_gate_init();
	for (int way = 0; way < 7; way++) {
		pid_t child = fork();

		if (child == 0) {
			if (way == 0)
				munmap(scratch, PAGE);
			if (way == 1)
				mprotect(scratch, PAGE, PROT_READ);
			if (way == 2)
				mprotect(scratch, PAGE, PROT_NONE);
			if (way == 3)
				mmap(scratch, PAGE, all, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			if (way == 4)
				madvise(scratch, PAGE, MADV_DONTNEED);
			if (way == 5)
				mremap(scratch, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map(1, all, MAP_PRIVATE | MAP_ANONYMOUS, -1));
			if (way == 6)
				mmap(scratch, PAGE, all, MAP_SHARED | MAP_FIXED, open("/proc/self/exe", O_RDONLY), 0);
			for (int k = 0; k < 100; k++)
				uos_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
			uos_syscall6(SYS_exit_group, 0, 0, 0, 0, 0, 0);
		}
		ways += waitpid(child, NULL, 0) == child;
	}
	say("%d times through the gate\n", ways);
	return 0;
}
