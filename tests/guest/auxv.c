/* auxv: does the auxiliary vector tell the truth of this very program? One line for each part; nothing in them depends on addresses. */
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const char _start[];
extern const ElfW(Ehdr) __ehdr_start;

static void told(const char *what, int true)
{
	dprintf(1, "%s: %s\n", what, true ? "yes" : "no");
}

static const char *interpreter(const ElfW(Phdr) *ph, unsigned long n, const char *base)
{
	for (unsigned long i = 0; i < n; i++)
		if (ph[i].p_type == PT_INTERP)
			return base + ph[i].p_vaddr;
	return "none";
}

int main(int argc, char **argv)
{
	const ElfW(Ehdr) *file = &__ehdr_start, *loader = (const void *)getauxval(AT_BASE);
	const ElfW(Phdr) *ph = (const void *)getauxval(AT_PHDR);
	const char *bias = file->e_type == ET_DYN ? (const char *)file : NULL;

	told("AT_PHDR is where the program headers are", (const char *)ph == (const char *)file + file->e_phoff);
	told("AT_PHNUM, AT_PHENT are theirs", getauxval(AT_PHNUM) == file->e_phnum && getauxval(AT_PHENT) == sizeof *ph);
	told("AT_ENTRY is the program's", getauxval(AT_ENTRY) == (unsigned long)_start);
	told("AT_BASE is an ELF file", loader && memcmp(loader, ELFMAG, SELFMAG) == 0);
	told("its interpreter's", loader && (unsigned long)loader != (unsigned long)file);
	dprintf(1, "interpreter: %s\n", interpreter(ph, getauxval(AT_PHNUM), bias));
	dprintf(1, "AT_EXECFN: %s, argv[0]: %s, arguments: %d\n", (const char *)getauxval(AT_EXECFN), argv[0], argc);
	told("AT_PAGESZ is 4096", getauxval(AT_PAGESZ) == 4096);
	told("not AT_SECURE", !getauxval(AT_SECURE));
	told("AT_RANDOM is there", getauxval(AT_RANDOM) > getauxval(AT_PAGESZ));
	return 0;
}
