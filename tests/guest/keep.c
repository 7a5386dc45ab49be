/* keep ID ROUNDS: fills memory of every kind with values of its own and yields; does anyone change them? */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 4096 };
static uint64_t global[WORDS];
static __thread uint64_t local[64];

static void fill(uint64_t *words, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++)
		words[i] = (seed + i) * 0x9e3779b97f4a7c15u;
}

static int kept(const uint64_t *words, size_t count, uint64_t seed, const char *what)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] != (seed + i) * 0x9e3779b97f4a7c15u) {
			dprintf(2, "keep %lu: %s[%zu] is %#lx\n", (unsigned long)(seed >> 32), what, i, (unsigned long)words[i]);
			return 0;
		}
	return 1;
}

int main(int argc, char **argv)
{
	uint64_t seed = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 32, stack[WORDS / 4];
	long rounds = argc > 2 ? atol(argv[2]) : 10;
	uint64_t *heap = malloc(100 * 4096 * sizeof *heap); /* large enough to be a mapping of its own */

	if (!heap)
		return 2;
	fill(heap, 100 * 4096, seed);
	for (long k = 0; k < rounds; k++) {
		fill(global, WORDS, seed + (uint64_t)k);
		fill(local, 64, seed + (uint64_t)k);
		fill(stack, WORDS / 4, seed + (uint64_t)k);
		sched_yield();
		if (!kept(global, WORDS, seed + (uint64_t)k, "global") || !kept(local, 64, seed + (uint64_t)k, "local") ||
		    !kept(stack, WORDS / 4, seed + (uint64_t)k, "stack"))
			return 1;
	}
	if (!kept(heap, 100 * 4096, seed, "heap"))
		return 1;
	dprintf(1, "keep %lu: kept\n", (unsigned long)(seed >> 32));
	return 0;
}
