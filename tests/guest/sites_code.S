/*
 * System calls in every surrounding that matters for rewriting. All are called as C functions
 * site_NAME(a, b, c), the call's own arguments where they are; each says what it returns.
 */
	.macro	site name
	.globl	site_\name
	.type	site_\name, @function
site_\name:
	.cfi_startproc
	.endm
	.macro	end name
	.cfi_endproc
	.size	site_\name, . - site_\name
	.balign	16
	.endm

	.set	READ, 0
	.set	WRITE, 1
	.set	GETPPID, 110
	.text

	site before		/* getppid() */
	mov	$GETPPID, %eax
	syscall
	ret
	end before

	site behind		/* read(a, b, c) */
	xor	%eax, %eax
	syscall
	cmp	$-4096, %rax
	ja	1f
	ret
1:	neg	%eax
	ret
	end behind

	site looped		/* a times getppid() by one instruction, which is jumped to: their sum */
	push	%rbx
	xor	%ebx, %ebx
	mov	$GETPPID, %eax
1:	syscall
	add	%rax, %rbx
	mov	$GETPPID, %eax
	dec	%edi
	jnz	1b
	mov	%rbx, %rax
	pop	%rbx
	ret
	end looped

	site looped_behind	/* likewise, of one whose followers go along; the way in jumps, too */
	push	%rbx
	mov	$GETPPID, %ebx
	xor	%esi, %esi
	jmp	2f
1:	nop
2:	mov	%ebx, %eax
	syscall
	add	%rax, %rsi
	dec	%edi
	jnz	1b
	mov	%rsi, %rax
	pop	%rbx
	ret
	end looped_behind

	site red_zone		/* what 128 bytes below the stack pointer held is still there: their xor, 0 */
	mov	$-128, %rdx
1:	mov	%rdx, (%rsp, %rdx)
	add	$8, %rdx
	jnz	1b
	mov	$GETPPID, %eax
	syscall
	mov	$GETPPID, %r8d
	mov	%r8d, %eax
	syscall
	xor	%eax, %eax
	mov	$-128, %rdx
1:	mov	(%rsp, %rdx), %rcx
	xor	%rdx, %rcx
	or	%rcx, %rax
	add	$8, %rdx
	jnz	1b
	ret
	end red_zone

	site flags		/* flags a before, both ways: those after, or'ed with what differed between the two */
	push	%rdi
	popfq
	mov	$GETPPID, %eax
	syscall
	pushfq
	pop	%r8
	mov	$GETPPID, %r9d
	push	%rdi
	popfq
	mov	%r9d, %eax
	syscall
	pushfq
	pop	%r9
	pushq	$0x202
	popfq
	xor	%r8, %r9
	shl	$32, %r9
	or	%r8, %r9
	mov	%r9, %rax
	ret
	end flags

	site relative_before	/* write(1, word, 5) */
	mov	$1, %edi
	mov	$5, %edx
	mov	$WRITE, %eax
	lea	word(%rip), %rsi
	syscall
	ret
	end relative_before

	site relative_behind	/* getppid(), by way of memory */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
	mov	%eax, result(%rip)
	xor	%eax, %eax
	mov	result(%rip), %eax
	ret
	end relative_behind

	site branch_behind	/* getppid(), if it is not 0 */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
	test	%eax, %eax
	je	1f
	ret
1:	ud2
	end branch_behind

	site jump_behind	/* getppid() */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
	nop
	jmp	1f
	ud2
1:	ret
	end jump_behind

	site return_behind	/* getppid() */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
	ret
	end return_behind

	site call_behind	/* getppid(); not rewritten */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
	call	1f
	ret
1:	ret
	end call_behind

	site table		/* getppid(), jumped to behind the call by a table; not rewritten */
	mov	$GETPPID, %edx
	lea	1f(%rip), %r8
	xor	%eax, %eax
	jmp	*%r8
2:	mov	%edx, %eax
	syscall
1:	test	%eax, %eax
	je	2b
	ret
	end table

	site entered		/* getppid(); another function may jump behind the call; not rewritten */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	syscall
entry:	test	%eax, %eax
	nop
	ret
	end entered
	site enters		/* a */
	mov	%edi, %eax
	jmp	entry
	end enters

	.balign	4096
	.skip	4096 - 3
	site page_end		/* getppid(), what is replaced lies in two pages */
	mov	$GETPPID, %eax
	syscall
	ret
	end page_end
	.balign	4096
	.skip	4096 - 6
	site page_end_behind	/* likewise, the call itself does */
	mov	$GETPPID, %edx
	mov	%edx, %eax
	.byte	0x0f, 0x05
	nop
	nop
	nop
	ret
	end page_end_behind

	.section .rodata
word:	.ascii	"word\n"
	.bss
result:	.long	0
	.section .note.GNU-stack, "", @progbits
