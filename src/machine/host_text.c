/*
 * The host process's own executable memory. Protection keys do not hold
 * execution, so a guest can jump to any byte of it: at level full nothing there
 * may open memory but what is checked right behind. Level none asks it whose an
 * instruction is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/hw.h"
#include "machine/scan.h"

#define TEXTS_MAX 64
#define USER_LIMIT (1ul << 47) /* above: the vsyscall page, whose calls write with the rights of the guest that makes them */

/* Found once, at boot. */
static struct text {
	uintptr_t start, end;
	unsigned long offset; /* in its file */
	char file[128];
} texts[TEXTS_MAX];
static int count;

void host_text_find(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps)
		machine_panic("/proc/self/maps cannot be read: %s", strerror(errno));
	while (fgets(line, sizeof line, maps)) {
		struct text t = { 0 };
		char prot[5];

		if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %127s", &t.start, &t.end, prot, &t.offset, t.file) < 4 ||
		    prot[2] != 'x' || t.start >= USER_LIMIT)
			continue;
		if (count == TEXTS_MAX)
			machine_panic("more than %d executable mappings in the host process", TEXTS_MAX);
		texts[count++] = t;
	}
	fclose(maps);
}

static const struct text *text_at(uintptr_t va)
{
	for (int i = 0; i < count; i++)
		if (va >= texts[i].start && va < texts[i].end)
			return &texts[i];
	return NULL;
}

bool host_text_has(uintptr_t rip)
{
	return text_at(rip);
}

/* ---- What writes PKRU ------------------------------------------------- */

/*
 * The checked ones. From `behind` up to `checked` PKRU is what a guest that
 * jumped there likes, and nothing is done but to find that out.
 */
static const struct {
	const char *behind, *checked;
	int length; /* of the instruction, without prefixes */
	const char *name;
} gates[] = {
	{ gate_opened, gate_open, 3, "WRPKRU" },
	{ signal_in_opened, signal_in_open, 3, "WRPKRU" },
	{ way_out_set, way_out_closed, 3, "WRPKRU" },
	{ way_out_restored, way_out_vectors, 8, "XRSTOR" },
	{ vectors_restored, vectors_checked, 3, "XRSTOR" },
};
#define GATES (sizeof gates / sizeof *gates)

const char *host_text_forged(uintptr_t rip)
{
	for (unsigned i = 0; i < GATES; i++)
		if (rip >= (uintptr_t)gates[i].behind && rip < (uintptr_t)gates[i].checked)
			return gates[i].name;
	return NULL;
}

static bool is_checked(const uint8_t *at)
{
	for (unsigned i = 0; i < GATES; i++)
		if ((const char *)at + gates[i].length == gates[i].behind)
			return true;
	return false;
}

/*
 * What is known not to be needed. Boot's WRPKRU, and pkey_set's, become
 * breakpoints. The XRSTOR behind lazy binding becomes nothing: it gives a
 * function's arguments back to it, and none that is bound lazily here has any in
 * vector registers (uos, Zydis and plug-ins are bound when they are loaded).
 */
static const uint8_t breakpoints[] = { 0xcc, 0xcc, 0xcc }, nothing[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
#define PKEY_SET_MAX 128 /* bytes */

static bool is_unused(const uint8_t *at)
{
	const uint8_t *set = (const uint8_t *)(uintptr_t)pkey_set;

	return at == (const uint8_t *)boot_wrpkru || (at >= set && at < set + PKEY_SET_MAX);
}

static bool is_lazy_binding(const uint8_t *at)
{
	static const uint8_t xrstor[] = { 0x31, 0xd2, 0x0f, 0xae, 0x6c, 0x24 }; /* xor %edx,%edx; xrstor disp8(%rsp) */

	return host_text_has((uintptr_t)at - 7) && at[-7] == 0xb8 /* mov $mask,%eax */ &&
	       !memcmp(at - 2, xrstor, sizeof xrstor);
}

/* Text is not writable, and stays so: through the file that shows all of one's own memory. */
static bool overwrite(int memory, const uint8_t *at)
{
	if (is_unused(at))
		return pwrite(memory, breakpoints, sizeof breakpoints, (off_t)(uintptr_t)at) == sizeof breakpoints;
	return is_lazy_binding(at) && pwrite(memory, nothing, sizeof nothing, (off_t)(uintptr_t)at) == sizeof nothing;
}

static const char *refuse(const uint8_t *at)
{
	static char line[256];
	const struct text *t = text_at((uintptr_t)at);

	snprintf(line, sizeof line, "at 0x%lx in %s are the bytes of %s, which opens memory, and they cannot be overwritten",
		 t->offset + ((uintptr_t)at - t->start), *t->file ? t->file : "memory", scan_name(at));
	return line;
}

/* From start to end, which may be several mappings: bytes in two of them can make one instruction. */
static const char *disarm(int memory, const uint8_t *start, const uint8_t *end)
{
	for (const uint8_t *at = start; (at = scan_next(at, end)); at++)
		if (!is_checked(at) && !overwrite(memory, at))
			return refuse(at);
	return NULL;
}

const char *host_text_disarm(void)
{
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	const char *lacks = memory < 0 ? "/proc/self/mem cannot be opened" : NULL;

	for (int i = 0; i < count && !lacks; i++) {
		const uint8_t *start = (const uint8_t *)texts[i].start;

		while (i + 1 < count && texts[i + 1].start == texts[i].end)
			i++;
		lacks = disarm(memory, start, (const uint8_t *)texts[i].end);
	}
	if (memory >= 0)
		close(memory);
	return lacks;
}
