/* Vector state: x87, SSE, AVX, AVX-512 (Intel SDM vol. 1, chapter 13). */
#define _GNU_SOURCE
#include <cpuid.h>
#include <string.h>

#include "machine/hw.h"

#define X87 0x1u
#define SSE 0x2u
#define GUEST_COMPONENTS 0xe7u /* x87, SSE, AVX, and AVX-512's three; not AMX, not PKRU */
#define PKRU_COMPONENT 9
#define MXCSR_AT 24
#define MXCSR_MASK_AT 28
#define MXCSR_MASK_OLD 0xffbfu /* of a CPU that does not tell: no denormals-are-zeros */

uint32_t cpu_xstate_mask;
static unsigned pkru_offset; /* in a signal frame; 0 without keys */
static unsigned guest_size;  /* of the guest's components, standard format */
static bool has_xsavec;
static uint32_t mxcsr_mask;  /* the bits that this CPU knows */

struct xsave_header {
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};

static const struct xsave_header *header(const void *area)
{
	return (const void *)((const char *)area + 512);
}

static void find_mxcsr_mask(void)
{
	static uint8_t area[XSTATE_MAX] __attribute__((aligned(64)));

	__asm__ volatile("xsave64 %0" : "+m"(area) : "a"(X87 | SSE), "d"(0));
	memcpy(&mxcsr_mask, area + MXCSR_MASK_AT, sizeof mxcsr_mask);
	if (!mxcsr_mask)
		mxcsr_mask = MXCSR_MASK_OLD;
}

/* NULL, or what the CPU lacks. */
const char *xstate_boot(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return "the CPU or the host kernel has no XSAVE";
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	cpu_xstate_mask = low & GUEST_COMPONENTS;
	guest_size = 576;
	for (unsigned i = 2; i < 32; i++) {
		__cpuid_count(0xd, i, a, b, c, d);
		if (cpu_xstate_mask & 1u << i && b + a > guest_size)
			guest_size = b + a;
		if (i == PKRU_COMPONENT && low & 1u << i)
			pkru_offset = b;
	}
	__cpuid_count(0xd, 1, a, b, c, d);
	has_xsavec = a & 2;
	find_mxcsr_mask();
	return guest_size <= XSTATE_MAX ? NULL : "the CPU's vector state is larger than uos knows";
}

/*
 * A component that is absent from XSTATE_BV is in its initial state: PKRU
 * initially opens every key.
 */
uint32_t xstate_signal_pkru(const ucontext_t *uc)
{
	const char *area = (const char *)uc->uc_mcontext.fpregs;
	uint32_t value = 0;

	if (pkru_offset && header(area)->xstate_bv & 1u << PKRU_COMPONENT)
		memcpy(&value, area + pkru_offset, sizeof value);
	return value;
}

void xstate_from_signal(struct frame *f, const ucontext_t *uc)
{
	memcpy(f->xstate, uc->uc_mcontext.fpregs, guest_size);
	f->vector_saved = 1;
}

/*
 * The host's code then runs with the control words that its compiler expects,
 * not with the guest's rounding mode or unmasked exceptions.
 */
static void reset_control_words(bool x87)
{
	static const uint32_t default_mxcsr = 0x1f80;

	if (x87)
		__asm__ volatile("fninit");
	__asm__ volatile("ldmxcsr %0" : : "m"(default_mxcsr));
}

void frame_save_vectors(struct frame *f)
{
	if (f->vector_saved)
		return;
	if (has_xsavec)
		__asm__ volatile("xsavec64 %0" : "+m"(f->xstate) : "a"(cpu_xstate_mask), "d"(0));
	else
		__asm__ volatile("xsave64 %0" : "+m"(f->xstate) : "a"(cpu_xstate_mask), "d"(0));
	reset_control_words(header(f->xstate)->xstate_bv & X87); /* else it is as fninit leaves it, and that takes 25 ns */
	f->vector_saved = 1;
}

void frame_clear(struct frame *f)
{
	static const uint32_t default_mxcsr = 0x1f80;

	memset(f, 0, sizeof *f);
	memcpy(f->xstate + 24, &default_mxcsr, sizeof default_mxcsr);
	f->vector_saved = 1;
	f->cs = USER_CS;
	f->ss = USER_SS;
	f->rflags = 0x202;
}

size_t vectors_size(void)
{
	return guest_size;
}

uint64_t vectors_components(void)
{
	return cpu_xstate_mask;
}

/* A guest may jump to the XRSTOR with a mask of its own: if that named PKRU, nothing follows. */
__attribute__((noinline, noclone)) static void load_vectors(const struct frame *f)
{
	__asm__ volatile("xrstor64 (%%rdi)\n\t"
			 ".globl vectors_restored, vectors_checked\n"
			 "vectors_restored:\n\t"
#if BREAK_RULE != 9 /* rule 9: as on the way out */
			 "test %2, %%eax\n\t"
			 "jz vectors_checked\n\t"
			 "ud2\n"
#endif
			 "vectors_checked:"
			 :
			 : "m"(f->xstate), "D"(f->xstate), "i"(XSTATE_PKRU), "a"(cpu_xstate_mask), "d"(0)
			 : "cc");
}

/* The frame's may be compacted, and lack what is as at reset: the CPU itself says what that means. */
void vectors_save(const struct frame *f, void *image)
{
	struct image { uint8_t bytes[XSTATE_MAX]; } *out = image;

	load_vectors(f);
	__asm__ volatile("xsave64 %0" : "+m"(*out) : "a"(cpu_xstate_mask), "d"(0));
	reset_control_words(true);
}

/* XRSTOR would fault on the way out, in kernel mode, by what is refused here; components that are not the guest's are left out. */
bool vectors_load(struct frame *f, const void *image, size_t size)
{
	static const uint32_t default_mxcsr = 0x1f80;
	struct xsave_header h = { .xstate_bv = X87 | SSE };
	uint32_t mxcsr = default_mxcsr;

	if (size)
		memcpy(&mxcsr, (const uint8_t *)image + MXCSR_AT, sizeof mxcsr);
	if (size >= VECTORS_LEGACY + sizeof h)
		memcpy(&h, header(image), sizeof h);
	h.xstate_bv &= cpu_xstate_mask;
	if (mxcsr & ~mxcsr_mask || h.xcomp_bv || h.reserved[0])
		return false;
	memset(f->xstate, 0, sizeof f->xstate);
	memcpy(f->xstate + MXCSR_AT, &default_mxcsr, sizeof default_mxcsr);
	f->vector_saved = 1;
	if (!size)
		return true;
	memcpy(f->xstate, image, size < guest_size ? size : guest_size);
	memset(h.reserved, 0, sizeof h.reserved);
	memcpy(f->xstate + VECTORS_LEGACY, &h, sizeof h);
	return true;
}
