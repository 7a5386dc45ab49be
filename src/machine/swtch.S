/* swtch(void **save, void *load): one kernel stack to another, as the book's. */
	.text
	.globl swtch
swtch:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, (%rdi)	/* continues in whoever loads this */
	mov	%rsi, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	pop	%rcx		/* not `ret`: it mispredicts after a switch */
	jmp	*%rcx
	.section .note.GNU-stack, "", @progbits
