/* none: fails "no slots there"; keys: fails "no slots there"; full: fails "no slots there" */
#include <elf.h>

#include "chance.h"

/*
 * The text mapped over slots that are its own, so that one of its pages, which ends in 0f, is followed by one of slots, which begins
 * with 01 ef: an instruction that was moved there has them in its middle. A page of the middle mapped first, by itself, was to
 * bring the slots so near to it that they would lie where the text before it is mapped next.
 */
#define SLOTS_PAGES 4
#define NEXT "\x01\xef\x00\x0f\xe9" /* how the second page of the slots begins, and the jump back */
#define ROOM (64ul << 20)

__asm__(".pushsection .text\n.balign 4096\n.type many, @function\nmany:\t.cfi_startproc\n"
	"\t.rept 4\n\tand $15, %edx\n\tadd %ebp, %edi\n\t.endr\n" /* short ones, so that the long ones lie as they are wanted */
	"\t.rept 300\n\t.byte 0x48, 0xb8, 1, 0xef, 1, 0xef, 1, 0xef, 0, 0x0f, 1, 0xef\n\t.endr\n" /* movabs, add */
	"\tret\n\t.cfi_endproc\n.size many, . - many\n.skip 32768, 0x90\n"
	".balign 4096, 0x90\nends_in_0f: .skip 4095, 0x90\n.byte 0x0f\n.skip 65536, 0x90\n.popsection");
extern const char ends_in_0f[], __executable_start[];

/* Of its own, so that nobody has mapped it before. */
static int copy_self(void)
{
	int in = open("/proc/self/exe", O_RDONLY), out = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0755);
	char buffer[65536];
	ssize_t n;

	while ((n = read(in, buffer, sizeof buffer)) > 0)
		if (write(out, buffer, (size_t)n) != n)
			say("write: %s\n", strerrorname_np(errno)), exit(0);
	close(out);
	return open("copy", O_RDONLY);
}

static char *map_page(char *at, int fd, uint64_t offset)
{
	char *page = mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, (off_t)offset);

	if (page == MAP_FAILED)
		say("mmap: %s\n", strerrorname_np(errno)), exit(0);
	return page;
}

int main(void)
{
	uint64_t at = (uint64_t)(ends_in_0f - __executable_start); /* offset and address are one in this file */
	char *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *first, *text, *after;
	unsigned char resident;
	int32_t distance;
	int fd = copy_self();

	munmap(room, ROOM);
	first = map_page(room + ROOM / 8, fd, at + SLOTS_PAGES * PAGE);
	if (mincore(first - SLOTS_PAGES * PAGE, PAGE, &resident) != 0)
		return say("no slots there\n"), 0;
	if (memcmp(first - (SLOTS_PAGES - 1) * PAGE, NEXT, sizeof NEXT - 1) != 0)
		return say("no such slots\n"), 0;
	memcpy(&distance, first - (SLOTS_PAGES - 1) * PAGE + sizeof NEXT - 1, sizeof distance);
	text = room + ROOM / 2;
	after = text + PAGE + sizeof NEXT - 1 + 4 + distance;
	room = (char *)((uintptr_t)after & -PAGE);
	mmap(room, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(room, 0xc3, 2 * PAGE);
	protect(room, 2, PROT_READ | PROT_EXEC);
	((void (*)(void))after)();
	map_page(text, fd, at);
	if (memcmp(text + PAGE, NEXT, sizeof NEXT - 1) != 0)
		return say("nothing joined\n"), 0;
	steal_after((void *)(text + PAGE - 1), 0);
	return 0;
}
