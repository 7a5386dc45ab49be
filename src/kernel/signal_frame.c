/*
 * A handler's frame on the guest's stack, as Linux lays it out (x86-64), and
 * the way back from it. From higher addresses to lower:
 *
 *	| red zone, 128 bytes            |  not on an alternate stack
 *	| vector state, XSAVE, standard  |  64-byte aligned; ends with a magic word
 *	| siginfo                        |
 *	| ucontext: registers, mask      |
 *	| where the handler returns to   |  <- rsp; 8 less than a multiple of 16, as after a call
 *
 * All of it is the guest's to read and change: what comes back is what may be
 * put into a user's registers and no more.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "kernel/signal_parts.h"
#include "kernel/sites.h"

#define RED_ZONE 128
#define SA_RESTORER_FLAG 0x04000000
#define STACK_LEAST 2048 /* MINSIGSTKSZ, whatever the C library says today */

#define UC_FP_XSTATE 1         /* the vector state is in XSAVE's format */
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4
#define MAGIC1 0x46505853u
#define MAGIC2 0x46505845u

#define RFLAGS_OF_USER 0x50dd5ul /* what rt_sigreturn may set: AC RF OF DF TF SF ZF AF PF CF */
#define RFLAGS_ALWAYS 0x202ul
#define RFLAGS_CLEARED 0x10500ul /* in a handler: RF DF TF */

struct registers {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, trap, old_mask, cr2, vectors, reserved[8];
};

struct handler_frame {
	uint64_t restorer;
	uint64_t flags, link;
	stack_t stack;
	struct registers registers;
	uint64_t mask;
	siginfo_t info;
};

/* In the legacy part of the vector state, where the CPU leaves room for software. */
struct software_words {
	uint32_t magic1, extended_size;
	uint64_t components;
	uint32_t size, padding[7];
};

struct vector_image {
	uint8_t bytes[XSTATE_MAX + sizeof(uint32_t)];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct registers) == 256 && sizeof(struct handler_frame) == 440, "as Linux has it");

/* ---- The alternate stack ---------------------------------------------- */

static bool within(const stack_t *s, uint64_t rsp)
{
	return rsp > (uint64_t)s->ss_sp && rsp - (uint64_t)s->ss_sp <= s->ss_size;
}

static bool is_on(const stack_t *s, uint64_t rsp)
{
	return !(s->ss_flags & SS_AUTODISARM_FLAG) && within(s, rsp);
}

stack_t signal_stack_told(void)
{
	stack_t s = current->signal_stack;

	s.ss_flags &= SS_AUTODISARM_FLAG;
	if (s.ss_size == 0)
		s.ss_flags |= SS_DISABLE;
	else if (is_on(&current->signal_stack, current->context.frame->rsp))
		s.ss_flags |= SS_ONSTACK;
	return s;
}

long signal_stack_set(const stack_t *given)
{
	int flags = given->ss_flags & SS_AUTODISARM_FLAG, mode = given->ss_flags & ~SS_AUTODISARM_FLAG;

	if (is_on(&current->signal_stack, current->context.frame->rsp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE)
		current->signal_stack = (stack_t){ .ss_flags = flags };
	else if (given->ss_size < STACK_LEAST)
		return -ENOMEM;
	else
		current->signal_stack = (stack_t){ .ss_sp = given->ss_sp, .ss_size = given->ss_size, .ss_flags = flags };
	return 0;
}

/* ---- To the handler --------------------------------------------------- */

/* Where the frame's top is. */
static uint64_t top_for(const struct frame *f, const struct sigaction_record *action, bool *must_fit)
{
	const stack_t *s = &current->signal_stack;

	*must_fit = is_on(s, f->rsp);
	if (*must_fit || !(action->flags & SA_ONSTACK) || !s->ss_size || within(s, f->rsp - RED_ZONE))
		return f->rsp - RED_ZONE;
	*must_fit = true;
	return (uint64_t)s->ss_sp + s->ss_size;
}

static void registers_out(struct registers *r, const struct frame *f)
{
	*r = (struct registers){ .r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11, .r12 = f->r12, .r13 = f->r13, .r14 = f->r14,
				 .r15 = f->r15, .rdi = f->rdi, .rsi = f->rsi, .rbp = f->rbp, .rbx = f->rbx, .rdx = f->rdx,
				 .rax = f->rax, .rcx = f->rcx, .rsp = f->rsp, .rip = sites_original(f), .rflags = f->rflags,
				 .cs = USER_CS, .ss = USER_SS, .error = current->fault.error, .trap = current->fault.trap,
				 .old_mask = current->mask_is_lent ? current->saved_mask : current->signal_mask, .cr2 = current->fault.cr2 };
}

static long vectors_out(uint64_t at, const struct frame *f)
{
	uint32_t size = (uint32_t)vectors_size(), magic2 = MAGIC2;
	struct software_words words = { MAGIC1, size + (uint32_t)sizeof magic2, vectors_components(), size, { 0 } };
	struct vector_image image;

	memset(&image, 0, sizeof image);
	vectors_save(f, image.bytes);
	memcpy(image.bytes + VECTORS_SOFTWARE, &words, sizeof words);
	memcpy(image.bytes + size, &magic2, sizeof magic2);
	return copy_out(at, &image, size + sizeof magic2);
}

static void enter(struct frame *f, const struct sigaction_record *action, const siginfo_t *info, uint64_t at)
{
	f->rdi = (uint64_t)info->si_signo;
	f->rsi = at + offsetof(struct handler_frame, info);
	f->rdx = at + offsetof(struct handler_frame, flags);
	f->rax = 0;
	f->rip = action->handler;
	f->rsp = at;
	f->rflags &= ~RFLAGS_CLEARED;
}

/* While it runs, what its action says is blocked, and itself. */
static void begin(struct sigaction_record *action, int signal)
{
	uint64_t mask = current->signal_mask | action->mask | (action->flags & SA_NODEFER ? 0 : signal_bit(signal));

	current->mask_is_lent = false;
	signal_mask_set(mask);
	if (current->signal_stack.ss_flags & SS_AUTODISARM_FLAG)
		current->signal_stack = (stack_t){ .ss_flags = SS_DISABLE };
	if (action->flags & SA_RESETHAND)
		action->handler = (uint64_t)SIG_DFL;
}

bool signal_frame_push(struct frame *f, const siginfo_t *info)
{
	struct sigaction_record *action = &current_proc()->actions[info->si_signo], taken = *action;
	struct handler_frame h = { .restorer = action->restorer, .flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
				   .stack = current->signal_stack, .info = *info };
	bool must_fit;
	uint64_t at = top_for(f, action, &must_fit);

	registers_out(&h.registers, f);
	h.mask = h.registers.old_mask;
	h.registers.vectors = (at - vectors_size() - sizeof(uint32_t)) & ~63ul;
	at = ((h.registers.vectors - sizeof h) & ~15ul) - sizeof(uint64_t);
	if (!(action->flags & SA_RESTORER_FLAG) || (must_fit && !within(&current->signal_stack, at)) ||
	    vectors_out(h.registers.vectors, f) != 0 || copy_out(at, &h, sizeof h) != 0)
		return false;
	begin(action, info->si_signo);
	enter(f, &taken, info, at);
	return true;
}

/* ---- And back --------------------------------------------------------- */

static void registers_in(struct frame *f, const struct registers *r)
{
	f->r8 = r->r8;
	f->r9 = r->r9;
	f->r10 = r->r10;
	f->r11 = r->r11;
	f->r12 = r->r12;
	f->r13 = r->r13;
	f->r14 = r->r14;
	f->r15 = r->r15;
	f->rdi = r->rdi;
	f->rsi = r->rsi;
	f->rbp = r->rbp;
	f->rbx = r->rbx;
	f->rdx = r->rdx;
	f->rax = r->rax;
	f->rcx = r->rcx;
	f->rsp = r->rsp;
	f->rip = sites_resume(current_proc()->vm, r->rip);
	f->rflags = (f->rflags & ~RFLAGS_OF_USER) | (r->rflags & RFLAGS_OF_USER) | RFLAGS_ALWAYS;
}

/* Without XSAVE's part, which the magic words promise, x87 and SSE are all that is there; without anything, all is as at reset. */
static bool vectors_in(struct frame *f, uint64_t at)
{
	struct software_words words;
	struct vector_image image;
	uint32_t magic2 = 0;
	size_t size = VECTORS_LEGACY;

	if (!at)
		return vectors_load(f, NULL, 0);
	if (at % 64 || copy_in(image.bytes, at, VECTORS_LEGACY) != 0)
		return false;
	memcpy(&words, image.bytes + VECTORS_SOFTWARE, sizeof words);
	if (words.magic1 == MAGIC1 && words.size >= VECTORS_LEGACY && words.size <= vectors_size() &&
	    copy_in(&magic2, at + words.size, sizeof magic2) == 0 && magic2 == MAGIC2)
		size = words.size;
	if (size > VECTORS_LEGACY && copy_in(image.bytes, at, size) != 0)
		return false;
	return vectors_load(f, image.bytes, size);
}

bool signal_frame_pop(struct frame *f)
{
	struct handler_frame h;

	if (copy_in(&h, f->rsp - sizeof h.restorer, sizeof h - sizeof h.info) != 0)
		return false;
	if (!vectors_in(f, h.registers.vectors))
		return false;
	registers_in(f, &h.registers);
	signal_mask_set(h.mask);
	signal_stack_set(&h.stack); /* as Linux: what cannot be is not done */
	return true;
}
