/*
 * Physical memory: one sparse file, mapped once for the kernel. Offsets cost
 * nothing until touched, so a window's memory needs no allocator: a hole
 * punched in the file frees pages and makes them zero again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "machine/hw.h"
#include "machine/phys.h"

#define MACHINE_PAGES 1 /* the user page */
#define LOOK_PAGES 32   /* looked at by one call of the host */
#define SWAP_UNASKED 4  /* pages that are copied whether touched or not: to ask costs more */
#define SWAP_PAGES 32   /* at most: a new mapping, and the faults after it, cost as much as fifty that are the same */

int phys_file;
static char *alias;
static bool taken[WINDOW_COUNT];
static unsigned last_taken;

const char *phys_boot(void)
{
	struct sysinfo si;
	size_t size = WINDOW_COUNT * WINDOW_SIZE;

	phys_file = memfd_create("uos-memory", MFD_CLOEXEC);
	if (phys_file < 0 || ftruncate(phys_file, (off_t)size) != 0)
		return "the host gives no 32 TiB of sparse shared memory: is there a limit? (ulimit -f)";
	alias = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, phys_file, 0);
	if (alias == MAP_FAILED)
		return "the host gives no 32 TiB of addresses: is there a limit? (ulimit -v)";
	/* mapped from the bottom up, the host's libraries would lie where guests go */
	if ((uintptr_t)alias < GUEST_END || (uintptr_t)&memcpy < GUEST_END)
		return "the host maps its libraries from below: ulimit -s is unlimited; type: ulimit -s 8192";
	madvise(alias, size, MADV_DONTDUMP);
	sysinfo(&si);
	machine_info.memory = (uint64_t)si.totalram * si.mem_unit;
	taken[0] = true;
	return NULL;
}

unsigned phys_window_alloc(void)
{
	for (unsigned n = 0; n < WINDOW_COUNT; n++) {
		unsigned w = (last_taken + 1 + n) % WINDOW_COUNT;

		if (!taken[w]) {
			taken[w] = true;
			last_taken = w;
			return w;
		}
	}
	return 0;
}

void phys_window_free(unsigned window)
{
	if (window == 0 || window >= WINDOW_COUNT || !taken[window])
		machine_panic("window %u freed but not taken", window);
	phys_discard(window * WINDOW_SIZE, WINDOW_SIZE);
	taken[window] = false;
}

void phys_discard(phys_t at, size_t length)
{
	if (fallocate(phys_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)length) != 0)
		machine_panic("physical memory at 0x%lx is not to be freed: %s", at, strerror(errno));
}

/*
 * What holds data from `at` on, before `end`: so many pages, at most, are told
 * one by one, and *at is where they begin. The host finds the beginning of data
 * quickly, but its end by looking at each page; and reading a hole through the
 * alias would fill it with one. 0: no more.
 */
static size_t next_data(phys_t *at, phys_t end, uint8_t *present)
{
	off_t data = *at < end ? lseek(phys_file, (off_t)*at, SEEK_DATA) : -1;
	size_t length;

	if (data < 0 || (phys_t)data >= end)
		return 0;
	*at = (phys_t)data;
	length = end - *at < LOOK_PAGES * PAGE_SIZE ? end - *at : LOOK_PAGES * PAGE_SIZE;
	if (mincore(alias + data, length, present) != 0)
		machine_panic("mincore of physical memory: %s", strerror(errno));
	return length / PAGE_SIZE;
}

/* By the host's hand: through the alias each new page would be a fault, and be cleared before it is overwritten. */
static void copy_pages(phys_t to, phys_t from, size_t length)
{
	ssize_t n;

	for (; length > 0; to += (phys_t)n, from += (phys_t)n, length -= (size_t)n) {
		n = pwrite(phys_file, alias + from, length, (off_t)to);
		if (n <= 0)
			machine_panic("physical memory cannot be copied: %s", strerror(errno));
	}
}

void phys_copy(phys_t to, phys_t from, size_t length)
{
	uint8_t present[LOOK_PAGES];
	phys_t at = from;

	for (size_t n; (n = next_data(&at, from + length, present)); at += n * PAGE_SIZE)
		for (size_t i = 0, k; i < n; i = k) {
			for (k = i + 1; k < n && (present[k] & 1) == (present[i] & 1); k++)
				;
			if (present[i] & 1)
				copy_pages(to + (at - from) + i * PAGE_SIZE, at + i * PAGE_SIZE, (k - i) * PAGE_SIZE);
		}
}

bool phys_copy_few(phys_t to, phys_t from, size_t length)
{
	uint8_t present[LOOK_PAGES];
	phys_t pages[PHYS_FEW], at = from;
	size_t count = 0;

	for (size_t n; (n = next_data(&at, from + length, present)); at += n * PAGE_SIZE)
		for (size_t i = 0; i < n; i++) {
			if (!(present[i] & 1))
				continue;
			if (count == PHYS_FEW)
				return false;
			pages[count++] = at + i * PAGE_SIZE;
		}
	for (size_t i = 0, k; i < count; i = k) {
		for (k = i + 1; k < count && pages[k] == pages[k - 1] + PAGE_SIZE; k++)
			;
		copy_pages(to + (pages[i] - from), pages[i], (k - i) * PAGE_SIZE);
	}
	return true;
}

/* The pages that hold data, as offsets; how many, or more than there is room for. A few are not worth asking about. */
static size_t touched(phys_t start, size_t length, size_t *pages)
{
	uint8_t present[LOOK_PAGES];
	size_t count = 0;
	phys_t at = start;

	if (length <= SWAP_UNASKED * PAGE_SIZE) {
		for (; count < length / PAGE_SIZE; count++)
			pages[count] = count * PAGE_SIZE;
		return count;
	}
	for (size_t n; at < start + length; at += n * PAGE_SIZE) {
		if (length > LOOK_PAGES * PAGE_SIZE)
			n = next_data(&at, start + length, present);
		else if (mincore(alias + at, length, present) == 0)
			n = length / PAGE_SIZE;
		else
			machine_panic("mincore of physical memory: %s", strerror(errno));
		if (!n)
			break;
		for (size_t i = 0; i < n; i++)
			if (present[i] & 1) {
				if (count == SWAP_PAGES)
					return count + 1;
				pages[count++] = at + i * PAGE_SIZE - start;
			}
	}
	return count;
}

static void swap_page(char *a, char *b)
{
	static char kept[PAGE_SIZE];

	if (memcmp(a, b, PAGE_SIZE) == 0)
		return; /* neither has written there since they were one */
	memcpy(kept, a, PAGE_SIZE);
	memcpy(a, b, PAGE_SIZE);
	memcpy(b, kept, PAGE_SIZE);
}

bool phys_swap(phys_t a, phys_t b, size_t length)
{
	size_t in_a[SWAP_PAGES], in_b[SWAP_PAGES], n = touched(a, length, in_a), m = n > SWAP_PAGES ? n : touched(b, length, in_b);

	if (n > SWAP_PAGES || m > SWAP_PAGES)
		return false;
	for (size_t i = 0, k = 0; i < n || k < m;) {
		size_t offset = k == m || (i < n && in_a[i] < in_b[k]) ? in_a[i] : in_b[k];

		i += i < n && in_a[i] == offset;
		k += k < m && in_b[k] == offset;
		swap_page(alias + a + offset, alias + b + offset);
	}
	return true;
}

void *phys_pointer(phys_t at)
{
	return alias + at;
}

/*
 * A jump to where nothing is yet makes the host allocate a page there before it
 * finds that the memory is not executable: zeros, which nobody misses, but a
 * guest could use up all memory with them, and protection keys do not hold it.
 */
void phys_forget_jump(uintptr_t to)
{
	static const char zeros[PAGE_SIZE];
	phys_t at = (to - (uintptr_t)alias) & ~(PAGE_SIZE - 1);

	if (to >= (uintptr_t)alias && at < PHYS_END && !memcmp(alias + at, zeros, PAGE_SIZE))
		phys_discard(at, PAGE_SIZE);
}

uint64_t phys_pages_used(void)
{
	struct stat st;

	if (fstat(phys_file, &st) != 0)
		machine_panic("fstat of physical memory: %s", strerror(errno));
	return (uint64_t)st.st_blocks * 512 / PAGE_SIZE - MACHINE_PAGES;
}

uint64_t phys_bytes(phys_t from, size_t length)
{
	uint8_t present[LOOK_PAGES];
	uint64_t pages = 0;
	phys_t at = from;

	for (size_t n; (n = next_data(&at, from + length, present)); at += n * PAGE_SIZE)
		for (size_t i = 0; i < n; i++)
			pages += present[i] & 1;
	return pages * PAGE_SIZE;
}
