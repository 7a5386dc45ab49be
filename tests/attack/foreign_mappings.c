/* none: fails "all refused"; keys: fails "all refused"; full: fails "all refused" */
#include "attack.h"

/* Memory calls with addresses that are the kernel's, the host's libraries', the gate's or another guest's. */
static int granted;

static void try(const char *what, const char *where, long nr, long a, long b, long c, long d, long e, long f)
{
	long result = raw(nr, a, b, c, d, e, f);

	if (result >= 0)
		say("granted: %s of %s\n", what, where), granted++;
}

static void all_of(const char *where)
{
	long p = (long)(at(where) & -PAGE), mine = (long)map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int all = PROT_READ | PROT_WRITE | PROT_EXEC;

	try("mmap", where, SYS_mmap, p, PAGE, all, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	try("mmap of a file", where, SYS_mmap, p, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, open("/proc/self/exe", O_RDONLY), 0);
	raw(SYS_munmap, p, PAGE, 0, 0, 0, 0); /* of what one does not have, that is no error: whose it is will see */
	try("mprotect", where, SYS_mprotect, p, PAGE, all, 0, 0, 0);
	try("mremap from", where, SYS_mremap, p, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0, 0);
	try("mremap to", where, SYS_mremap, mine, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p, 0);
	try("mremap of nothing", where, SYS_mremap, p, 0, PAGE, MREMAP_MAYMOVE, 0, 0);
	try("madvise", where, SYS_madvise, p, PAGE, MADV_DONTNEED, 0, 0, 0);
	try("msync", where, SYS_msync, p, PAGE, MS_SYNC | MS_INVALIDATE, 0, 0, 0);
	try("mlock", where, SYS_mlock, p, PAGE, 0, 0, 0, 0);
	try("mincore", where, SYS_mincore, p, PAGE, mine, 0, 0, 0);
	if ((uintptr_t)raw(SYS_brk, p, 0, 0, 0, 0, 0) >= (uintptr_t)p && p > mine)
		say("granted: brk of %s\n", where), granted++;
	raw(SYS_munmap, mine, PAGE, 0, 0, 0, 0);
}

int main(void)
{
	static const char *const places[] = { "victim", "kernel_secret", "physical", "user_page", "user_page_alias", "way_in_start", "kernel_stack",
					      "landing_pad", "libc_syscall" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		all_of(places[i]);
	say(granted ? "%d granted\n" : "all refused\n", granted);
	return 0;
}
