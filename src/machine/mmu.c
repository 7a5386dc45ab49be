/* The MMU: guest addresses onto physical memory, and protection keys. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/hw.h"
#include "machine/mapping.h"
#include "machine/phys.h"

#define KEY_USER_PAGE 1
#define KEYS 16

static bool key_free[KEYS];

int mmu_key_alloc(void)
{
	for (int k = KEY_USER_PAGE + 1; k < KEYS; k++)
		if (key_free[k]) {
			key_free[k] = false;
			return k;
		}
	return -1;
}

void mmu_key_free(int key)
{
	key_free[key] = true;
}

/* Two bits a key: 1 no access, 2 no writing (Intel SDM vol. 3, 4.6.2). */
static uint32_t guest_pkru(int key)
{
	return 0x55555555u ^ 1u << 2 ^ 2u << 2 ^ 1u << 2 * key;
}

int mmu_map(const struct space *s, uintptr_t va, size_t length, int prot, phys_t at)
{
	return mmu_map_file(s, va, length, prot, true, phys_file, at);
}

int mmu_protect(const struct space *s, uintptr_t va, size_t length, int prot)
{
	int failed = s->key < 0 ? mprotect((void *)va, length, prot)
				: pkey_mprotect((void *)va, length, prot, s->key);

	return failed ? -errno : 0;
}

int mmu_unmap(uintptr_t va, size_t length)
{
	return munmap((void *)va, length) ? -errno : 0;
}

int mmu_move(uintptr_t va, size_t length, uintptr_t to)
{
	void *p = mremap((void *)va, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to);

	return p == MAP_FAILED ? -errno : 0;
}

void mmu_activate(const struct space *s)
{
	cpu_scratch = s->scratch;
	page_write(PAGE_SCRATCH, s->scratch_at);
	if (s->key >= 0)
		page_write(PAGE_PKRU, guest_pkru(s->key));
}

uintptr_t mmu_gate(void)
{
	return (uintptr_t)way_in_start;
}

/* Boot's own, and no way for guests: level full overwrites it when boot is done (host_text.c). */
__attribute__((noinline, noclone)) static void write_pkru(uint32_t value)
{
	__asm__ volatile(".globl boot_wrpkru\nboot_wrpkru: wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
}

/*
 * Can a signal be delivered while key 0 is closed? Linux 6.12 and later can;
 * before, the frame could not be written and the process died. Tried in a
 * child, because a version number does not tell.
 */
static void probe_survived(int sig)
{
	(void)sig;
	write_pkru(0x55555554); /* harmless where delivery has opened it already */
	_exit(0);
}

static bool keys_survive_signals(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		static char stack[65536];
		stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };
		struct sigaction action = { .sa_handler = probe_survived, .sa_flags = SA_ONSTACK };

		sigaltstack(&ss, NULL);
		sigaction(SIGSEGV, &action, NULL);
		write_pkru(0x55555555); /* and the return from it faults: the stack is shut */
	}
	if (child < 0)
		machine_panic("fork: %s", strerror(errno)); /* a probe that cannot run proves nothing */
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Takes every key, so that none is the host's own; NULL or why there are none. */
static const char *take_keys(void)
{
	if (pkey_alloc(0, 0) != KEY_USER_PAGE)
		return "the CPU or the host kernel has no protection keys";
	if (!keys_survive_signals())
		return "the host kernel cannot deliver a signal while key 0 is closed (Linux 6.12 can)";
	for (int k; (k = pkey_alloc(0, PKEY_DISABLE_ACCESS)) >= 0;)
		key_free[k] = true;
	return NULL;
}

static const char *map_machine_page(volatile void *at, int prot, phys_t from)
{
	void *p = mmap((void *)at, PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, phys_file, (off_t)from);

	return p == MAP_FAILED ? "the machine's pages cannot be mapped" : NULL;
}

const char *mmu_boot(enum protect want)
{
	const char *lacks = want == PROTECT_NONE ? NULL : take_keys();

	if (lacks && want != PROTECT_BEST)
		return lacks;
	machine_info.why_not_higher = lacks;
	cpu_keys = want != PROTECT_NONE && !lacks;
	machine_info.protect = !cpu_keys ? PROTECT_NONE : want == PROTECT_KEYS ? PROTECT_KEYS : PROTECT_FULL;
	lacks = map_machine_page(user_page_alias, PROT_READ | PROT_WRITE, PHYS_USER_PAGE);
	if (!lacks)
		lacks = map_machine_page(user_page, PROT_READ, PHYS_USER_PAGE);
	if (lacks)
		return lacks;
	page_write(PAGE_SELECTOR, SELECTOR_ALLOW);
	if (cpu_keys) {
		if (pkey_mprotect((void *)user_page, PAGE_SIZE, PROT_READ, KEY_USER_PAGE) != 0)
			return "the page that guests read cannot be given its key";
		write_pkru(KERNEL_PKRU);
	}
	return NULL;
}
