/* holes PAGES: maps that many pages, then unmaps every other one; what is left must hold what was written to it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

int main(int argc, char **argv)
{
	long pages = argc > 1 ? atol(argv[1]) : 2, unmapped = 0;
	const char *why = "all";
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		dprintf(1, "holes: mmap: %s\n", strerrorname_np(errno));
		return 2;
	}
	for (long i = 0; i < pages; i += 1000) /* touched now, so that nothing else moves later */
		p[i * PAGE] = (char)(i / 1000);
	for (; unmapped < pages / 2; unmapped++)
		if (munmap(p + (2 * unmapped + 1) * PAGE, PAGE)) {
			why = strerrorname_np(errno);
			break;
		}
	for (long i = 0; i < pages; i += 1000)
		if (p[i * PAGE] != (char)(i / 1000)) {
			dprintf(1, "holes: page %ld holds %d\n", i, p[i * PAGE]);
			return 1;
		}
	dprintf(1, "holes: %ld unmapped: %s\n", unmapped, why);
	return 0;
}
