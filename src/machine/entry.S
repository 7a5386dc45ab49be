/*
 * The ways in and out of the kernel: limited direct execution's trap and
 * return-from-trap. docs/stacks.md draws the stacks on each of them.
 *
 * Two ranges, way_in and way_out, are restartable: an interrupt that lands
 * inside is undone (cpu.c, rollback) instead of being handled half way. That
 * is why neither needs a lock, a mask, or a variable that says "in kernel".
 */
#include "machine/frame.h"

/*
 * The gate. A guest jumps to way_in_start (AT_SYSINFO) with the call's
 * registers as for `syscall` and the return address in rcx; its stack is not
 * touched: compilers keep locals in the red zone across a system call. WRPKRU
 * needs eax, ecx and edx, so those three wait in the scratch page of the
 * address space. Before: guest's PKRU, fs, rsp and selector BLOCK. After:
 * kernel's, and a whole frame on the thread's kernel stack. No instruction up
 * to the pushfq changes a flag: a system call preserves them.
 */
	.section .text.way_in, "ax", @progbits
	.globl way_in_start, way_in_end, gate_stored, gate_keys, gate_opened, gate_open, gate_stacked
way_in_start:
	mov	user_page + PAGE_SCRATCH(%rip), %r11
	mov	%rax, SLOT_RAX(%r11)
	mov	%rdx, SLOT_RDX(%r11)
	mov	%rcx, SLOT_RCX(%r11)
gate_stored:
	mov	user_page + PAGE_PKRU(%rip), %ecx
	jrcxz	gate_open		/* level none never writes it */
gate_keys:
	mov	$0, %ecx
	mov	$0, %edx
	mov	$KERNEL_PKRU, %eax
	wrpkru				/* from here on kernel memory is open */
gate_opened:
#if BREAK_RULE != 10			/* rule 10: else jumped to the wrpkru, forged eax */
	lea	-KERNEL_PKRU(%rax), %ecx
	jrcxz	gate_open
	ud2
#endif
gate_open:
	movb	$SELECTOR_ALLOW, user_page_alias + PAGE_SELECTOR(%rip)
	mov	%rsp, %r11
	mov	cpu_kstack(%rip), %rsp	/* guest stack -> kernel stack */
gate_stacked:				/* here the guest's rsp is in r11 */
	push	$USER_SS
	push	%r11
	pushfq
	push	$USER_CS
	mov	cpu_scratch(%rip), %rcx	/* never through a guest's register */
	push	SLOT_RCX(%rcx)		/* rip: where the guest goes on */
	push	$0			/* vector registers are live */
	rdfsbase %rax
	push	%rax
	push	%rdi
	push	%rsi
	push	SLOT_RDX(%rcx)
	push	SLOT_RCX(%rcx)
	push	SLOT_RAX(%rcx)
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
way_in_end:				/* the frame is whole: kernel mode */
	mov	cpu_host_fs(%rip), %rax
	wrfsbase %rax
	testl	$RFLAGS_UNRULY, FRAME_RFLAGS(%rsp)
	jnz	3f
1:	mov	%rsp, %rdi
	call	*cpu_vectors + VECTOR_SYSCALL_OFFSET(%rip)
	jmp	way_out
3:	push	$2			/* the guest set DF, AC, NT or TF */
	popfq
	jmp	1b

/*
 * Every signal of the host lands here, on the landing pad (the alternate
 * stack, which delivery has disarmed): rdi signal, rsi siginfo, rdx ucontext.
 * Before: delivery's PKRU at level keys (key 0 open, key 1 closed), selector
 * and fs of whoever was interrupted. The first acts, in this order: PKRU (or
 * the first host call dies without a report), selector, fs.
 * A guest may jump here, with a frame of its own making: it cannot read the
 * secret, for it has key 0 closed, and behind the wrpkru must have known it.
 * landing() returns only if the kernel was interrupted.
 */
	.section .text.signal_in, "ax", @progbits
	.globl signal_in_start, signal_in_keys, signal_in_opened, signal_in_open, signal_in_return, signal_in_end
signal_in_start:
	mov	%rdx, %r8
	cmpb	$0, cpu_keys(%rip)
	je	signal_in_open
signal_in_keys:
	mov	cpu_secret(%rip), %r9
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$KERNEL_PKRU, %eax
	wrpkru
signal_in_opened:
#if BREAK_RULE != 7			/* rule 7: else jumped to the wrpkru */
	cmp	cpu_secret(%rip), %r9
	je	signal_in_open
	ud2
#endif
signal_in_open:
	movb	$SELECTOR_ALLOW, user_page_alias + PAGE_SELECTOR(%rip)
	rdfsbase %rbx
	mov	cpu_host_fs(%rip), %rax
	wrfsbase %rax
	push	$2			/* the guest's AC flag came along */
	popfq
	mov	%r8, %rdx
	mov	%rbx, %rcx
	sub	$8, %rsp
	call	landing
signal_in_return:			/* the kernel was interrupted */
	add	$16, %rsp		/* as a `ret` to the restorer would */
#if BREAK_RULE != 4
	wrfsbase %rbx			/* rule 4: the kernel gets back the fs it had */
#endif
	mov	$15, %eax		/* rt_sigreturn, towards the kernel only */
	syscall
	ud2				/* where a guest's jump to the syscall traps: not yet in what follows */
signal_in_end:

/*
 * land(frame, then): leaves the landing pad for the kernel stack.
 * Before: rsp on the pad. After: rsp = frame, then(frame) has returned and we
 * leave by the way out.
 */
	.text
	.globl land
land:
	mov	%rdi, %rsp
	call	*%rsi
	jmp	way_out

/* trap_return(frame): a thread's first departure to user mode. */
	.globl trap_return
trap_return:
	mov	%rdi, %rsp
	jmp	way_out

way_out_pending:
	mov	%rsp, %rdi
	call	cpu_take_interrupts	/* may switch; comes back on this stack */
	jmp	way_out

/*
 * Return-from-trap. Before: rsp = frame, kernel PKRU and fs, selector ALLOW.
 * After: the guest goes on with every register as the frame says. Makes no
 * host call, writes nothing but the page, never writes below the guest's rsp.
 * The frame stays whole until the last jump, so that an interrupt anywhere
 * here simply starts over (rule 3) and finds its bit in cpu_pending.
 */
	.section .text.way_out, "ax", @progbits
	.globl way_out, way_out_restored, way_out_vectors, way_out_keys, way_out_set, way_out_closed
	.globl way_out_jump, way_out_step, way_out_iretq, way_out_end
way_out:
	cmpl	$0, cpu_pending(%rip)
	jne	way_out_pending
	movb	$SELECTOR_BLOCK, user_page_alias + PAGE_SELECTOR(%rip)
	cmpb	$0, FRAME_VECTOR_SAVED(%rsp)
	je	way_out_vectors
	mov	cpu_xstate_mask(%rip), %eax	/* never with PKRU */
	xor	%edx, %edx
	xrstor64 FRAME_XSTATE(%rsp)
way_out_restored:
#if BREAK_RULE != 8			/* rule 8: else jumped to the xrstor, forged eax and rsp */
	test	$XSTATE_PKRU, %eax
	jz	way_out_vectors
	ud2
#endif
way_out_vectors:
	mov	FRAME_FS(%rsp), %rax
	wrfsbase %rax

	mov	FRAME_RAX(%rsp), %rax	/* the last registers, for after WRPKRU */
	mov	%rax, user_page_alias + PAGE_RAX(%rip)
	mov	FRAME_RCX(%rsp), %rax
	mov	%rax, user_page_alias + PAGE_RCX(%rip)
	mov	FRAME_RDX(%rsp), %rax
	mov	%rax, user_page_alias + PAGE_RDX(%rip)
	mov	FRAME_RIP(%rsp), %rax
	mov	%rax, user_page_alias + PAGE_RIP(%rip)
	mov	FRAME_RFLAGS(%rsp), %rax
	mov	%rax, user_page_alias + PAGE_RFLAGS(%rip)
	mov	FRAME_RSP(%rsp), %rax
	mov	%rax, user_page_alias + PAGE_RSP(%rip)

	mov	FRAME_R15(%rsp), %r15
	mov	FRAME_R14(%rsp), %r14
	mov	FRAME_R13(%rsp), %r13
	mov	FRAME_R12(%rsp), %r12
	mov	FRAME_RBP(%rsp), %rbp
	mov	FRAME_RBX(%rsp), %rbx
	mov	FRAME_R11(%rsp), %r11
	mov	FRAME_R10(%rsp), %r10
	mov	FRAME_R9(%rsp), %r9
	mov	FRAME_R8(%rsp), %r8
	mov	FRAME_RSI(%rsp), %rsi
	mov	FRAME_RDI(%rsp), %rdi

	cmpb	$0, cpu_keys(%rip)
	je	way_out_closed
way_out_keys:
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	user_page_alias + PAGE_PKRU(%rip), %eax
	wrpkru				/* from here on kernel memory is closed */
way_out_set:
#if BREAK_RULE != 11			/* rule 11: else jumped to the wrpkru, forged eax */
	cmp	user_page + PAGE_PKRU(%rip), %eax
	je	way_out_closed
	ud2
#endif
way_out_closed:
	testl	$RFLAGS_TF, user_page + PAGE_RFLAGS(%rip)
	jnz	way_out_step
	mov	user_page + PAGE_RAX(%rip), %rax
	mov	user_page + PAGE_RCX(%rip), %rcx
	mov	user_page + PAGE_RDX(%rip), %rdx
	lea	user_page + PAGE_RFLAGS(%rip), %rsp
	popfq
	mov	user_page + PAGE_RSP(%rip), %rsp
way_out_jump:
	jmp	*user_page + PAGE_RIP(%rip)

way_out_step:				/* a guest that single-steps itself */
	mov	user_page + PAGE_RAX(%rip), %rax
	mov	user_page + PAGE_RCX(%rip), %rcx
	mov	user_page + PAGE_RDX(%rip), %rdx
	lea	user_page + PAGE_RIP(%rip), %rsp
way_out_iretq:
	iretq
way_out_end:

/*
 * The page that guests read and the kernel's alias of it; boot maps one page
 * of memory over both.
 */
	.section .bss.pages, "aw", @nobits
	.balign 4096
	.globl user_page, user_page_alias
user_page:
	.skip 4096
user_page_alias:
	.skip 4096
	.section .note.GNU-stack, "", @progbits
