/*
 * A program's first instruction, without a C library: every register goes to entry_..., untouched, then nolibc.c tells
 * what was in them and on the stack.
 */
	.text
	.globl	_start
_start:
	mov	%rax, entry_registers+8*0(%rip)
	mov	%rcx, entry_registers+8*1(%rip)
	mov	%rdx, entry_registers+8*2(%rip)
	mov	%rbx, entry_registers+8*3(%rip)
	mov	%rbp, entry_registers+8*4(%rip)
	mov	%rsi, entry_registers+8*5(%rip)
	mov	%rdi, entry_registers+8*6(%rip)
	mov	%rsp, entry_registers+8*7(%rip)
	mov	%r8, entry_registers+8*8(%rip)
	mov	%r9, entry_registers+8*9(%rip)
	mov	%r10, entry_registers+8*10(%rip)
	mov	%r11, entry_registers+8*11(%rip)
	mov	%r12, entry_registers+8*12(%rip)
	mov	%r13, entry_registers+8*13(%rip)
	mov	%r14, entry_registers+8*14(%rip)
	mov	%r15, entry_registers+8*15(%rip)
	pushfq				/* below argc: what is there is nobody's */
	popq	entry_flags(%rip)
	cld
	fxsave64 entry_fx(%rip)

	mov	$1, %eax		/* AVX state, if the CPU has it and the kernel has switched it on */
	xor	%ecx, %ecx
	cpuid
	and	$0x18000000, %ecx
	cmp	$0x18000000, %ecx
	jne	1f
	xor	%ecx, %ecx
	xgetbv
	mov	%eax, entry_xcr0(%rip)
	and	$6, %eax
	cmp	$6, %eax
	jne	1f
	.altmacro
	.macro	store n
	vextractf128 $1, %ymm\n, entry_upper+16*\n(%rip)
	.endm
	.set	i, 0
	.rept	16
	store	%i
	.set	i, i+1
	.endr
	testl	$0x20, entry_xcr0(%rip)	/* AVX-512 */
	jz	1f
	.macro	wide n
	vmovdqu64 %zmm\n, entry_wide+64*\n(%rip)
	.endm
	.set	i, 0
	.rept	32
	wide	%i
	.set	i, i+1
	.endr
	.macro	mask n
	kmovw	%k\n, entry_masks+8*\n(%rip)
	.endm
	.set	i, 0
	.rept	8
	mask	%i
	.set	i, i+1
	.endr
1:
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	nolibc_main
	mov	%eax, %edi
	mov	$231, %eax		/* exit_group */
	syscall
	hlt

	.bss
	.balign	64
	.macro	space name, bytes
	.globl	\name
	.hidden	\name
\name:	.zero	\bytes
	.endm
	space	entry_wide, 2048
	space	entry_fx, 512
	space	entry_upper, 256
	space	entry_registers, 128
	space	entry_masks, 64
	space	entry_flags, 8
	space	entry_xcr0, 8
	.section .note.GNU-stack, "", @progbits
