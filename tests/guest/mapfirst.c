/*
 * mapfirst FILE HOW BYTES: maps a part of a program's code, as no loader does, then runs it. HOW is page: one page, so many bytes
 * behind the code's beginning; or below: all of it, with so many bytes of the file's other pages right below.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul

/* Where the file has its code, and how much. */
static uint64_t find_code(int fd, size_t *length)
{
	Elf64_Phdr headers[32];
	Elf64_Ehdr eh;
	int i = 0;

	if (pread(fd, &eh, sizeof eh, 0) != sizeof eh || eh.e_phnum > 32 ||
	    pread(fd, headers, eh.e_phnum * sizeof *headers, (off_t)eh.e_phoff) < 0)
		exit(2);
	while (headers[i].p_type != PT_LOAD || !(headers[i].p_flags & PF_X))
		i++;
	*length = headers[i].p_offset % PAGE + headers[i].p_filesz;
	return headers[i].p_offset & -PAGE;
}

static void map(char *at, size_t length, int prot, int fd, uint64_t offset)
{
	if (mmap(at, length, prot, MAP_PRIVATE | MAP_FIXED, fd, (off_t)offset) == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	size_t bytes, length, room;
	uint64_t code;
	char *at;
	int fd;

	if (argc != 4 || (fd = open(argv[1], O_RDONLY)) < 0)
		return 2;
	bytes = strtoul(argv[3], NULL, 0);
	code = find_code(fd, &length);
	room = bytes + length + 64 * PAGE;
	at = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	munmap(at, room);
	at += 32 * PAGE;
	if (!strcmp(argv[2], "page")) {
		map(at, PAGE, PROT_READ | PROT_EXEC, fd, code + bytes);
	} else {
		map(at, bytes, PROT_READ, fd, 0);
		map(at + bytes, length, PROT_READ | PROT_EXEC, fd, code);
	}
	execv(argv[1], argv + 3);
	return 2;
}
