/* fixedmap: linked at a fixed address; maps all over what its address space has elsewhere, and looks whether its own data stay. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW (32ul << 30)
#define PAGE 4096ul

static volatile char kept[16 * PAGE] __attribute__((aligned(4096))) = { 1, 2, 3 };

int main(void)
{
	char here;
	uintptr_t window = (uintptr_t)&here & ~(WINDOW - 1), places = 0;

	for (size_t i = 0; i < sizeof kept; i++)
		kept[i] = (char)(i * 7);
	for (uintptr_t at = window; at < window + 4096 * PAGE; at += PAGE) {
		char *p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (p == MAP_FAILED)
			continue;
		places++;
		memset(p, 'x', PAGE);
		madvise(p, PAGE, MADV_DONTNEED);
		munmap(p, PAGE);
	}
	for (size_t i = 0; i < sizeof kept; i++)
		if (kept[i] != (char)(i * 7)) {
			dprintf(1, "fixedmap: byte %zu is lost\n", i);
			return 1;
		}
	dprintf(1, "fixedmap: kept, %s\n", places ? "mapped" : "nothing mapped");
	return 0;
}
