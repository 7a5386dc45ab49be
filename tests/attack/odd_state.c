/* none: fails "32 times"; keys: fails "32 times"; full: fails "32 times" */
#include <uos/gate.h>

#include "attack.h"

/*
 * Enters by the gate and by a signal with direction, alignment, nested-task and trap flags in every combination, and with fs and gs in
 * kernel memory: a kernel that believed them would copy backwards, fault, or use a thread pointer of the attacker's. The trap flag is
 * the last, in a child: the gate does not single-step.
 */
static const uint32_t flags[] = { 1 << 10, 1 << 18, 1 << 14, 1 << 8 };

static void enter(uint32_t extra, int by_gate)
{
	static char path[64] = "/";
	static char out[256];
	uint64_t kernel = at("kernel_secret"), result;

	__asm__ volatile("rdfsbase %%r12\n\trdgsbase %%r13\n\twrfsbase %[kernel]\n\twrgsbase %[kernel]\n\tmov %%rsp, %%r14\n\t"
			 "test %[gate], %[gate]\n\tjz 1f\n\tlea 2f(%%rip), %%rcx\n\t"
			 "pushfq\n\tor %[extra], (%%rsp)\n\tpopfq\n\tjmp *%[gate]\n"
			 "1:\tpushfq\n\tor %[extra], (%%rsp)\n\tpopfq\n\tsyscall\n"
			 "2:\tpush $0x202\n\tpopfq\n\tmov %%r14, %%rsp\n\twrfsbase %%r12\n\twrgsbase %%r13"
			 : "=a"(result)
			 : "0"((long)SYS_stat), "D"(path), "S"(out), [kernel] "r"(kernel), [extra] "r"((uint64_t)extra),
			   [gate] "r"(by_gate ? uos_gate_address : 0)
			 : "rcx", "r11", "r12", "r13", "r14", "memory", "cc");
	_exit(result != 0);
}

int main(void)
{
	int times = 0, status;

	uos_gate_init();
	for (unsigned set = 0; set < 16; set++)
		for (int by_gate = 0; by_gate < 2; by_gate++) {
			uint32_t extra = 0;
			pid_t child;

			for (int i = 0; i < 4; i++)
				extra |= set >> i & 1 ? flags[i] : 0;
			child = fork();
			if (child == 0)
				enter(extra, by_gate);
			waitpid(child, &status, 0);
			times += (WIFEXITED(status) && WEXITSTATUS(status) == 0) || (set & 8 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP);
		}
	say("%d times\n", times);
	return 0;
}
