/* The list of the kernel's own policies. */
#include "kernel/sched/policies.h"
#include "kernel/kernel.h"

const struct uos_policy *kernel_policy(int n)
{
	static const struct uos_policy *const own[] = {
		&rr_policy, /* the default */
		&fifo_policy, &sjf_policy, &stcf_policy, &prio_policy, &mlfq_policy, &lottery_policy, &stride_policy, &fair_policy,
	};

	return n >= 0 && n < (int)(sizeof(own) / sizeof(own[0])) ? own[n] : NULL;
}
