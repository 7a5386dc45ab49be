/* What a file of the host says of its functions. */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/elf.h"
#include "kernel/functions.h"
#include "machine/disk.h"

#define BY_HAND 16u
#define PART_MAX (32u << 20) /* of a table: none is larger but by mistake */

static void *read_part(int host, uint64_t offset, uint64_t length)
{
	void *p = length && length <= PART_MAX ? malloc(length) : NULL;

	if (p && disk_read(host, p, length, offset) == (ssize_t)length)
		return p;
	free(p);
	return NULL;
}

/* Its sections; how many in *count. NULL: it tells of none. */
static Elf64_Shdr *read_sections(int host, const char *head, size_t head_length, uint64_t size, size_t *count)
{
	uint64_t offset, length;

	if (!elf_section_headers(head, head_length, size, &offset, &length))
		return NULL;
	*count = length / sizeof(Elf64_Shdr);
	return read_part(host, offset, length);
}

/* A section is known by its type, the unwind tables by their name alone. NULL: there is none. */
static const Elf64_Shdr *find_unwind(const Elf64_Shdr *sections, size_t count, const char *name, const char *names, size_t length)
{
	for (const Elf64_Shdr *s = sections; s < sections + count; s++)
		if ((s->sh_type == SHT_PROGBITS || s->sh_type == SHT_X86_64_UNWIND) && s->sh_name < length &&
		    length - s->sh_name > strlen(name) && strcmp(names + s->sh_name, name) == 0)
			return s;
	return NULL;
}

/* The linker's table, if there is one, saves to sort them. */
static bool add_unwind(int host, const Elf64_Shdr *unwind, const Elf64_Shdr *table, struct functions *out)
{
	void *bytes = unwind ? read_part(host, unwind->sh_offset, unwind->sh_size) : NULL;
	void *index = bytes && table ? read_part(host, table->sh_offset, table->sh_size) : NULL;
	bool added = true;

	if (index)
		added = functions_from_table(out, index, table->sh_size, table->sh_addr, bytes, unwind->sh_size, unwind->sh_addr);
	if (bytes && added && out->count == 0)
		added = functions_from_unwind(out, bytes, unwind->sh_size, unwind->sh_addr);
	free(index);
	free(bytes);
	return added;
}

/* A file has one table of each type. */
static bool add_symbols(int host, const Elf64_Shdr *sections, size_t count, uint32_t type, struct functions *out)
{
	const Elf64_Shdr *s = sections;
	void *bytes;
	bool added;

	while (s < sections + count && s->sh_type != type)
		s++;
	bytes = s < sections + count ? read_part(host, s->sh_offset, s->sh_size) : NULL;
	added = !bytes || functions_from_symbols(out, bytes, s->sh_size);
	free(bytes);
	return added;
}

/* The unwind tables, whose borders are the compiler's own; symbols where there are none but of what somebody wrote by hand. */
static bool add_all(int host, const Elf64_Shdr *sections, size_t count, const Elf64_Shdr *names, struct functions *out)
{
	char *text = read_part(host, names->sh_offset, names->sh_size);
	bool enough = true;

	if (text)
		enough = add_unwind(host, find_unwind(sections, count, ".eh_frame", text, names->sh_size),
				    find_unwind(sections, count, ".eh_frame_hdr", text, names->sh_size), out);
	free(text);
	if (out->count >= BY_HAND)
		return enough;
	return enough && add_symbols(host, sections, count, SHT_SYMTAB, out) && add_symbols(host, sections, count, SHT_DYNSYM, out);
}

static bool functions_of_head(int host, const char *head, size_t length, uint64_t size, struct functions *out)
{
	Elf64_Ehdr eh;
	size_t count = 0;
	Elf64_Shdr *sections = read_sections(host, head, length, size, &count);
	bool found = false;

	if (sections) {
		memcpy(&eh, head, sizeof eh);
		found = eh.e_shstrndx < count && add_all(host, sections, count, &sections[eh.e_shstrndx], out) && out->count > 0;
	}
	free(sections);
	return found;
}

bool functions_of_file(int host, struct functions *out)
{
	struct statx st;
	size_t length;
	char *head;
	bool found;

	if (disk_fstat(host, &st) != 0)
		return false;
	length = st.stx_size < ELF_HEAD_MAX ? st.stx_size : ELF_HEAD_MAX;
	head = read_part(host, 0, length);
	found = head && functions_of_head(host, head, length, st.stx_size, out);
	free(head);
	functions_sort(out);
	return found;
}
