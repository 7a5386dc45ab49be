/* Instructions that have the bytes of WRPKRU or XRSTOR in them, or with the next: each long f(long) says something of its argument. */
#ifdef SECOND /* of two segments with code, at another distance from its place in the file than the first, and no page's beginning */
	.section .second, "ax", @progbits
#else
	.text
#endif
first:
	.macro begin name
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.endm
	.macro end name
	.cfi_endproc
	.size	\name, . - \name
	.endm

begin parted			/* f & 15, plus 7 */
	push	%rbp
	.cfi_adjust_cfa_offset 8
	mov	$7, %ebp
	and	$0x0f, %edi
	.byte	0x01, 0xef	/* add %ebp, %edi */
	mov	%edi, %eax
	pop	%rbp
	.cfi_adjust_cfa_offset -8
	ret
end parted

begin relative			/* where its operand is, from here */
	.byte	0x48, 0x8d, 0x05, 0x0f, 0xae, 0x2b, 0x00 /* lea 0x2bae0f(%rip), %rax */
1:	lea	1b(%rip), %rdx
	sub	%rdx, %rax
	add	%rdi, %rax
	ret
end relative

begin skips			/* 1 if the argument is 0, else what an addition leaves */
	mov	$1, %eax
	mov	$2, %edx
	test	%rdi, %rdi
	.byte	0x74, 0x0f	/* je 2f */
	.byte	0x01, 0xef	/* add %ebp, %edi */
	mov	%edx, %eax
	jmp	2f
	.skip	9, 0x90
2:	ret
end skips

begin calls			/* the address it comes back to, as the callee finds it, from here; and the flags across the call */
	stc
	.byte	0xe8, 0x0f, 0xae, 0x2b, 0x00
3:	lea	3b(%rip), %rdx
	setc	%cl
	sub	%rdx, %rax
	movzbl	%cl, %ecx
	lea	(%rax, %rcx, 2), %rax
	ret
end calls

begin words			/* as calls, by a word, where it may stand among code (not if programs are loaded anywhere) */
	mov	%rdi, %rax
#ifdef SECOND
	.byte	0xff, 0x15, 0x0f, 0xae, 0x2b, 0x00
4:	lea	4b(%rip), %rdx
	sub	%rdx, %rax
#endif
	ret
end words

begin asks			/* a system call */
	mov	$39, %eax
	syscall
	ret
end asks

	.org	3b - first + 0x2bae0f, 0xcc
begin called
	mov	(%rsp), %rax
	ret
end called
#ifdef SECOND
	.org	4b - first + 0x2bae0f, 0xcc
	.quad	called
#endif
	.section .note.GNU-stack, "", @progbits
