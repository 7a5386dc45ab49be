/*
 * state_window(): loads every register from window_in, runs the code at window_body, stores every register to
 * window_out. Called by state.c. In the body nothing but the body touches a register, so whatever differs afterwards
 * was done by the kernel.
 *
 *   higher   | caller's frame, callee-saved registers | <- window_stack
 *            |                                        |
 *            | 16 words of red zone, if window_rsp is | <- window_stack - 512 = rsp in the body, or
 *   lower    | this stack                             |    anything at all
 */
#define IN(n) window_in+8*n(%rip)
#define OUT(n) window_out+8*n(%rip)

	.text
	.globl	state_window
	.type	state_window, @function
state_window:
	endbr64
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, window_stack(%rip)

	fxrstor64 window_fx_in(%rip)
	lea	window_vector_in(%rip), %rsi
	cmpl	$1, window_level(%rip)
	jb	2f
	ja	1f
	.set	i, 0
	.rept	16
	.altmacro
	.macro	avx_load n
	vmovdqu	64*\n(%rsi), %ymm\n
	.endm
	avx_load %i
	.purgem	avx_load
	.set	i, i+1
	.endr
	jmp	2f
1:
	.set	i, 0
	.rept	32
	.macro	avx512_load n
	vmovdqu64 64*\n(%rsi), %zmm\n
	.endm
	avx512_load %i
	.purgem	avx512_load
	.set	i, i+1
	.endr
	.set	i, 0
	.rept	8
	.macro	mask_load n
	kmovq	window_mask_in+8*\n(%rip), %k\n
	.endm
	mask_load %i
	.purgem	mask_load
	.set	i, i+1
	.endr
2:
	cmpl	$0, window_red(%rip)
	je	3f
	lea	-512(%rsp), %rax
	mov	%rax, IN(7)
	.set	i, 1
	.rept	16
	mov	window_red_in+8*(i-1)(%rip), %rbx
	mov	%rbx, -8*i(%rax)
	.set	i, i+1
	.endr
3:
	pushq	window_flags_in(%rip)
	popfq
	mov	IN(0), %rax
	mov	IN(1), %rcx
	mov	IN(2), %rdx
	mov	IN(3), %rbx
	mov	IN(4), %rbp
	mov	IN(5), %rsi
	mov	IN(6), %rdi
	mov	IN(8), %r8
	mov	IN(9), %r9
	mov	IN(10), %r10
	mov	IN(11), %r11
	mov	IN(12), %r12
	mov	IN(13), %r13
	mov	IN(14), %r14
	mov	IN(15), %r15
	mov	IN(7), %rsp
	jmp	*window_body(%rip)

body_end:
	mov	%rax, OUT(0)
	mov	%rcx, OUT(1)
	mov	%rdx, OUT(2)
	mov	%rbx, OUT(3)
	mov	%rbp, OUT(4)
	mov	%rsi, OUT(5)
	mov	%rdi, OUT(6)
	mov	%rsp, OUT(7)
	mov	%r8, OUT(8)
	mov	%r9, OUT(9)
	mov	%r10, OUT(10)
	mov	%r11, OUT(11)
	mov	%r12, OUT(12)
	mov	%r13, OUT(13)
	mov	%r14, OUT(14)
	mov	%r15, OUT(15)
	mov	%fs:0, %rax
	mov	%rax, window_fs_out(%rip)
	mov	window_stack(%rip), %rsp
	pushfq
	popq	window_flags_out(%rip)
	pushq	$0x202
	popfq
	cmpl	$0, window_red(%rip)
	je	4f
	.set	i, 1
	.rept	16
	mov	-512-8*i(%rsp), %rbx
	mov	%rbx, window_red_out+8*(i-1)(%rip)
	.set	i, i+1
	.endr
4:
	fxsave64 window_fx_out(%rip)
	lea	window_vector_out(%rip), %rsi
	cmpl	$1, window_level(%rip)
	jb	6f
	ja	5f
	.set	i, 0
	.rept	16
	.macro	avx_store n
	vmovdqu	%ymm\n, 64*\n(%rsi)
	.endm
	avx_store %i
	.purgem	avx_store
	.set	i, i+1
	.endr
	vzeroupper
	jmp	6f
5:
	.set	i, 0
	.rept	32
	.macro	avx512_store n
	vmovdqu64 %zmm\n, 64*\n(%rsi)
	.endm
	avx512_store %i
	.purgem	avx512_store
	.set	i, i+1
	.endr
	.set	i, 0
	.rept	8
	.macro	mask_store n
	kmovq	%k\n, window_mask_out+8*\n(%rip)
	.endm
	mask_store %i
	.purgem	mask_store
	.set	i, i+1
	.endr
	vzeroupper
6:
	fninit
	ldmxcsr	usual_mxcsr(%rip)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	state_window, . - state_window

/* The bodies. Computing counts rcx down to 0; no instruction here changes a flag. */
	.globl	body_compute, body_compute_red, body_syscall, body_gate
body_compute_red:
	mov	%r8, -64(%rsp)		/* alive in the red zone for a moment, not in its register */
	lea	1(%r8), %r8
	mov	-64(%rsp), %r8
	loop	body_compute_red
	jmp	body_end

body_compute:
	lea	3(%r9), %r9
	lea	-3(%r9), %r9
	loop	body_compute
	jmp	body_end

body_syscall:				/* window_repeat times: a tick is to come on the ways in and out */
	syscall
	mov	window_repeat(%rip), %rcx
	lea	-1(%rcx), %rcx
	mov	%rcx, window_repeat(%rip)
	jrcxz	1f
	mov	IN(0), %rax
	jmp	body_syscall
1:	jmp	body_end

body_gate:				/* by a jump, the return address in rcx; r11 is free */
	lea	1f(%rip), %rcx
	jmp	*window_gate(%rip)
1:	mov	window_repeat(%rip), %rcx
	lea	-1(%rcx), %rcx
	mov	%rcx, window_repeat(%rip)
	jrcxz	2f
	mov	IN(0), %rax
	jmp	body_gate
2:	jmp	body_end

/* What stands for the gate where there is none. */
	.globl	no_gate
no_gate:
	mov	%rcx, no_gate_return(%rip)
	syscall
	jmp	*no_gate_return(%rip)

	.data
	.balign	64
	.macro	space name, bytes
	.globl	\name
	.hidden	\name
\name:	.zero	\bytes
	.endm
	space	window_vector_in, 2048
	space	window_vector_out, 2048
	space	window_fx_in, 512
	space	window_fx_out, 512
	space	window_in, 128
	space	window_out, 128
	space	window_mask_in, 64
	space	window_mask_out, 64
	space	window_red_in, 128
	space	window_red_out, 128
	space	window_flags_in, 8
	space	window_flags_out, 8
	space	window_fs_out, 8
	space	window_repeat, 8
	space	window_body, 8
	space	window_gate, 8
	space	window_stack, 8
	space	no_gate_return, 8
	space	window_level, 4
	space	window_red, 4
usual_mxcsr:
	.long	0x1f80
	.section .note.GNU-stack, "", @progbits
