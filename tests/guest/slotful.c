/* slotful FILE: a page of a file's code at 3,000 places, each with slots below it; then at none. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#define PAGE 4096ul
#define PLACES 3000
#define STRIDE (16 * PAGE)

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1, mapped = 0, gone = 0;
	char *room = mmap(NULL, PLACES * STRIDE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(room, PLACES * STRIDE);
	for (int i = 0; i < PLACES; i++) {
		char *at = room + i * STRIDE + 8 * PAGE, *code = mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, PAGE);

		mapped += code == at && ((int (*)(void))code)() == 7;
	}
	for (int i = 0; i < PLACES; i++)
		gone += munmap(room + i * STRIDE + 8 * PAGE, PAGE) == 0;
	printf("%d mapped and executed, %d gone\n", mapped, gone);
	return 0;
}
