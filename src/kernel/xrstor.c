/* XRSTOR by hand (Intel SDM vol. 1, 13.8): from a guest's memory into its saved vector state, never into PKRU. */
#include <Zydis/Zydis.h>
#include <cpuid.h>
#include <string.h>

#include "kernel/vm.h"
#include "kernel/xrstor.h"

#define CPUID_XSTATE 0xd
#define ALIGNED 2u /* in ecx of a component's leaf: in the compacted format it begins at a multiple of 64 */
#define X87 1u
#define SSE 2u
#define AVX 4u
#define COMPACTED (1ul << 63)
#define X87_BEGIN 24ul  /* x87: bytes 0 to 23, and 32 to 159; between them MXCSR and its mask */
#define X87_REST 32ul
#define SSE_AT 160ul
#define SSE_LENGTH 256ul
#define ALIGNMENT 64ul
#define COMPONENTS 63u

/* As CPUID says, which costs a hypervisor's trap: asked once. */
static struct component {
	uint32_t size, at, flags, unused;
} components[COMPONENTS];

struct image {
	uint8_t bytes[XSTATE_MAX] __attribute__((aligned(64)));
};

struct header {
	uint64_t present, layout, reserved[6];
};

static uint64_t register_of(const struct frame *f, ZydisRegister r)
{
	const uint64_t values[] = { f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi,
				    f->r8, f->r9, f->r10, f->r11, f->r12, f->r13, f->r14, f->r15 };

	return values[ZydisRegisterGetId(r) & 15];
}

/* Where the operand is; false: nowhere that is to be had. */
static bool operand_of(const struct frame *f, const uint8_t *bytes, size_t length, uintptr_t *va)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT], *o = operands;
	ZydisDecodedInstruction i;
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, length, &i, operands)) || o->type != ZYDIS_OPERAND_TYPE_MEMORY ||
	    i.address_width != 64 || o->mem.segment == ZYDIS_REGISTER_GS)
		return false;
	*va = (uintptr_t)o->mem.disp.value;
	if (o->mem.base == ZYDIS_REGISTER_RIP)
		*va += f->rip + length;
	else if (o->mem.base != ZYDIS_REGISTER_NONE)
		*va += register_of(f, o->mem.base);
	if (o->mem.index != ZYDIS_REGISTER_NONE)
		*va += register_of(f, o->mem.index) * o->mem.scale;
	if (o->mem.segment == ZYDIS_REGISTER_FS)
		*va += f->fs;
	return *va % ALIGNMENT == 0;
}

static bool header_is_right(const struct header *h)
{
	for (unsigned i = 0; i < sizeof h->reserved / sizeof *h->reserved; i++)
		if (h->reserved[i])
			return false;
	if (!(h->layout & COMPACTED))
		return h->layout == 0;
	return (h->present & ~h->layout) == 0;
}

static void learn_components(void)
{
	if (components[2].size)
		return;
	for (unsigned k = 2; k < COMPONENTS && vectors_components() >> k; k++)
		__cpuid_count(CPUID_XSTATE, k, components[k].size, components[k].at, components[k].flags, components[k].unused);
}

static size_t align(size_t at, const struct component *c)
{
	return c->flags & ALIGNED ? (at + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : at;
}

/* Size and place of component `n`, in the standard format and in an image of this layout. */
static size_t place_of(unsigned n, uint64_t layout, size_t *standard, size_t *here)
{
	*here = VECTORS_LEGACY + sizeof(struct header);
	for (unsigned k = 2; k < n; k++)
		if (layout >> k & 1)
			*here = align(*here, &components[k]) + components[k].size;
	*standard = components[n].at;
	*here = layout & COMPACTED ? align(*here, &components[n]) : *standard;
	return components[n].size;
}

static void take_legacy(struct image *to, const struct image *from, uint64_t taken, uint64_t wanted, bool compacted)
{
	static const uint32_t default_mxcsr = 0x1f80;

	if (taken & X87) {
		memcpy(to->bytes, from->bytes, X87_BEGIN);
		memcpy(to->bytes + X87_REST, from->bytes + X87_REST, SSE_AT - X87_REST);
	}
	if (taken & SSE)
		memcpy(to->bytes + SSE_AT, from->bytes + SSE_AT, SSE_LENGTH);
	if (compacted && wanted & SSE && !(taken & SSE))
		memcpy(to->bytes + X87_BEGIN, &default_mxcsr, sizeof default_mxcsr);
	else if (compacted ? taken & SSE : wanted & (SSE | AVX))
		memcpy(to->bytes + X87_BEGIN, from->bytes + X87_BEGIN, sizeof default_mxcsr);
}

/* False: a component lies beyond what was read. */
static bool take(struct image *to, const struct image *from, uint64_t wanted, size_t length)
{
	struct header h, own;
	uint64_t taken;

	learn_components();
	memcpy(&h, from->bytes + VECTORS_LEGACY, sizeof h);
	memcpy(&own, to->bytes + VECTORS_LEGACY, sizeof own);
	taken = h.present & wanted;
	take_legacy(to, from, taken, wanted, h.layout & COMPACTED);
	for (unsigned n = 2; n < COMPONENTS; n++) {
		size_t standard, here, size;

		if (!(taken >> n & 1))
			continue;
		size = place_of(n, h.layout, &standard, &here);
		if (here + size > length || standard + size > sizeof to->bytes)
			return false;
		memcpy(to->bytes + standard, from->bytes + here, size);
	}
	own.present = (own.present & ~wanted) | taken;
	memcpy(to->bytes + VECTORS_LEGACY, &own, sizeof own);
	return true;
}

bool state_restore(struct frame *f, const uint8_t *bytes, size_t length)
{
	uint64_t wanted = (f->rdx << 32 | (f->rax & UINT32_MAX)) & vectors_components();
	const size_t least = VECTORS_LEGACY + sizeof(struct header);
	struct image from = { 0 }, own = { 0 };
	size_t there = vectors_size();
	struct header h;
	uintptr_t va;

	if (!operand_of(f, bytes, length, &va) || copy_in(from.bytes, va, least) != 0)
		return false;
	memcpy(&h, from.bytes + VECTORS_LEGACY, sizeof h);
	if (!header_is_right(&h))
		return false;
	while (there > least && copy_in(from.bytes + least, va + least, there - least) != 0)
		there -= ALIGNMENT < there - least ? ALIGNMENT : there - least;
	vectors_save(f, own.bytes);
	if (!take(&own, &from, wanted, there) || !vectors_load(f, own.bytes, vectors_size()))
		return false;
	f->rip += length;
	return true;
}
