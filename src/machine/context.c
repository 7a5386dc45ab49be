/*
 * The context switch. A kernel stack, from its top:
 *
 *      higher  | ucontext_t                |  backend ucontext only
 *              | trap frame, vector state  |  context.frame
 *              | the kernel's calls ...    |
 *      lower   | guard page                |  overflow faults, and panics
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine/hw.h"

#define KSTACK_SIZE (64 * 1024ul)
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static void *spare; /* freed stacks, linked through their highest word */

static void **link_of(void *stack)
{
	return (void **)((char *)stack + KSTACK_SIZE - sizeof(void *));
}

/* A guard by mprotect splits the mapping, and the host allows 65,530 of them. */
static bool guard(void *stack)
{
	return madvise(stack, PAGE_SIZE, MADV_GUARD_INSTALL) == 0 || mprotect(stack, PAGE_SIZE, PROT_NONE) == 0;
}

static void *stack_alloc(void)
{
	void *stack = spare;

	if (stack) {
		spare = *link_of(stack);
		return stack;
	}
	stack = mmap(NULL, KSTACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED)
		return NULL;
	if (!guard(stack)) {
		munmap(stack, KSTACK_SIZE);
		return NULL;
	}
	return stack;
}

bool context_create(struct context *c, void (*entry)(void))
{
	char *stack = stack_alloc();
	uintptr_t top, bottom = (uintptr_t)stack;
	ucontext_t *uc;
	void **sp;

	if (!stack)
		return false;
	top = (bottom + KSTACK_SIZE - sizeof(void *) - sizeof(ucontext_t)) & ~63ul;
	uc = (ucontext_t *)top;
	c->frame = (struct frame *)(top - sizeof(struct frame));
	c->ucontext = uc;
	c->stack = stack;
	c->gs = 0;
	c->user = false;
	frame_clear(c->frame);

	getcontext(uc);
	uc->uc_stack.ss_sp = stack + PAGE_SIZE;
	uc->uc_stack.ss_size = (uintptr_t)c->frame - bottom - PAGE_SIZE;
	uc->uc_link = NULL;
	makecontext(uc, entry, 0);

	sp = (void **)c->frame; /* as swtch leaves it: six registers, then where to go */
	*--sp = NULL;           /* entry() starts as after a call */
	*--sp = (void *)entry;
	for (int i = 0; i < 6; i++)
		*--sp = NULL;
	c->sp = sp;
	return true;
}

void context_free(struct context *c)
{
	*link_of(c->stack) = spare;
	spare = c->stack;
	c->stack = NULL;
}

uint64_t cpu_gs(void)
{
	uint64_t gs;

	__asm__ volatile("rdgsbase %0" : "=r"(gs));
	return gs;
}

void cpu_set_gs(uint64_t base)
{
	__asm__ volatile("wrgsbase %0" : : "r"(base));
}

static void load(struct context *to, uint64_t gs)
{
	cpu_kstack = (uintptr_t)to->frame + FRAME_PUSHED;
	if (to->gs != gs) /* hardly ever; the write takes longer than the switch */
		cpu_set_gs(to->gs);
}

void context_switch(struct context *from, struct context *to)
{
	from->gs = cpu_gs();
	load(to, from->gs);
	if (machine_info.backend == SWITCH_ASM)
		swtch(&from->sp, to->sp);
	else if (swapcontext(from->ucontext, to->ucontext) != 0)
		machine_panic("swapcontext failed");
	/* continues here when another thread switches back to `from` */
}

void context_start(struct context *first)
{
	void *nowhere;

	load(first, cpu_gs());
	if (machine_info.backend == SWITCH_ASM)
		swtch(&nowhere, first->sp);
	setcontext(first->ucontext);
	machine_panic("setcontext failed");
}
