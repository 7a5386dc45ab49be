/* xrstor: saves vector state in both formats, restores parts of it in every way, and says what the registers hold then. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ROOM 16384 /* more than any CPU's vector state */
#define X87 1u
#define SSE 2u
#define AVX 4u
#define AVX512 0xe0u
#define PKRU (1u << 9)

static uint8_t image[ROOM] __attribute__((aligned(64)));

struct state {
	double st0;
	uint64_t ymm0[4], ymm15[4];
	uint32_t mxcsr;
	uint64_t k1, zmm1[8], zmm31[8]; /* AVX-512: 0 where the CPU has none */
};

static int has_avx512(void)
{
	return __builtin_cpu_supports("avx512bw");
}

static void load(const struct state *s)
{
	__asm__ volatile("fninit; fldl %0" : : "m"(s->st0));
	__asm__ volatile("vmovdqu %0, %%ymm0; vmovdqu %1, %%ymm15; ldmxcsr %2" : : "m"(s->ymm0), "m"(s->ymm15), "m"(s->mxcsr));
	if (has_avx512())
		__asm__ volatile("kmovq %0, %%k1; vmovdqu64 %1, %%zmm1; vmovdqu64 %2, %%zmm31"
				 : : "m"(s->k1), "m"(s->zmm1), "m"(s->zmm31));
}

static void store(struct state *s)
{
	__asm__ volatile("vmovdqu %%ymm0, %0; vmovdqu %%ymm15, %1; stmxcsr %2" : "=m"(s->ymm0), "=m"(s->ymm15), "=m"(s->mxcsr));
	if (has_avx512())
		__asm__ volatile("kmovq %%k1, %0; vmovdqu64 %%zmm1, %1; vmovdqu64 %%zmm31, %2"
				 : "=m"(s->k1), "=m"(s->zmm1), "=m"(s->zmm31));
	__asm__ volatile("fninit" : : : "memory");
}

static const struct state first = { 1.5, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, 0x1f80, 21, { 22, 23, 24, 25, 26, 27, 28, 29 }, { 31, 32, 33, 34, 35, 36, 37, 38 } };
static const struct state second = { 2.5, { 11, 12, 13, 14 }, { 15, 16, 17, 18 }, 0x3f80, 41, { 42, 43, 44, 45, 46, 47, 48, 49 }, { 51, 52, 53, 54, 55, 56, 57, 58 } };

static void show(const char *how, unsigned saved, unsigned restored, uint16_t depth)
{
	struct state now = { 0 };

	store(&now);
	printf("%s %x %x: %u ymm0 %lu %lu %lu %lu ymm15 %lu %lu %lu %lu mxcsr %x\n", how, saved, restored, depth, now.ymm0[0], now.ymm0[1],
	       now.ymm0[2], now.ymm0[3], now.ymm15[0], now.ymm15[1], now.ymm15[2], now.ymm15[3], now.mxcsr);
	printf("  k1 %lu zmm1 %lu %lu %lu zmm31 %lu %lu\n", now.k1, now.zmm1[0], now.zmm1[3], now.zmm1[7], now.zmm31[0], now.zmm31[7]);
}

static uint16_t x87_status(void)
{
	uint16_t status;

	__asm__ volatile("fnstsw %0" : "=a"(status));
	return status;
}

/* What the second left is replaced by as much of the first as `restored` says, of what `saved` says was kept. */
static void go_through(bool compacted, unsigned saved, unsigned restored)
{
	memset(image, 0, sizeof image);
	load(&first);
	if (compacted)
		__asm__ volatile("xsavec64 %0" : "+m"(image) : "a"(saved), "d"(0));
	else
		__asm__ volatile("xsave64 %0" : "+m"(image) : "a"(saved), "d"(0));
	load(&second);
	if (compacted)
		__asm__ volatile("xrstor %0" : : "m"(image), "a"(restored), "d"(0));
	else
		__asm__ volatile("xrstor64 %0" : : "m"(image), "a"(restored), "d"(0));
	show(compacted ? "compacted" : "standard", saved, restored, x87_status());
}

/* Its operand by base, index and displacement; and relative to rip, above. */
static void by_index(void)
{
	memset(image, 0, sizeof image);
	load(&first);
	__asm__ volatile("xsave64 %0" : "+m"(image) : "a"(SSE | AVX), "d"(0));
	load(&second);
	__asm__ volatile("xrstor64 -64(%0,%1,8)" : : "r"(image), "r"(8ul), "a"(SSE | AVX), "d"(0) : "memory");
	show("indexed", SSE | AVX, SSE | AVX, x87_status());
}

int main(void)
{
	static const unsigned masks[] = { X87, SSE, AVX, SSE | AVX, X87 | SSE | AVX, X87 | SSE | AVX | AVX512, AVX512, 0x20, 0x80, X87 | SSE | AVX | AVX512 | PKRU };

	for (unsigned i = 0; i < sizeof masks / sizeof *masks; i++)
		for (unsigned k = 0; k < sizeof masks / sizeof *masks; k++) {
			go_through(false, masks[i], masks[k]);
			go_through(true, masks[i], masks[k]);
		}
	by_index();
	return 0;
}
