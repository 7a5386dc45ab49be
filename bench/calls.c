/*
 * calls WHICH: calls within a program. "direct"; "indirect same", "indirect
 * differing": by a pointer that is always the same, or one of eight in an order
 * that repeats after 4,096; "table same", "table differing": by a number, which
 * is checked, as a trap table is used.
 */
#include <stdio.h>
#include <string.h>

#include "measure.h"

#define ORDER 4096
#define FUNCTIONS 8

typedef long function(long a);

#define FUNCTION(n) __attribute__((noipa)) static long function_##n(long a) { return a + n; }
FUNCTION(0) FUNCTION(1) FUNCTION(2) FUNCTION(3) FUNCTION(4) FUNCTION(5) FUNCTION(6) FUNCTION(7)

static function *volatile const table[FUNCTIONS] = {
	function_0, function_1, function_2, function_3, function_4, function_5, function_6, function_7
};
static function *pointers[ORDER];
static unsigned numbers[ORDER];

static long direct(long n)
{
	long a = 0;

	for (long i = 0; i < n; i++)
		a = function_0(a);
	return n;
}

static long indirect(long n)
{
	long a = 0;

	for (long i = 0; i < n; i++)
		a = pointers[i % ORDER](a);
	return n;
}

static long by_table(long n)
{
	long a = 0;

	for (long i = 0; i < n; i++) {
		unsigned number = numbers[i % ORDER];

		a = number < FUNCTIONS ? table[number](a) : -1;
	}
	return n;
}

int main(int argc, char **argv)
{
	int differing = argc > 2 && !strcmp(argv[2], "differing");
	uint64_t random = 88172645463325252u; /* xorshift; any order without a pattern does */

	for (int i = 0; i < ORDER; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		numbers[i] = differing ? random % FUNCTIONS : 0;
		pointers[i] = table[numbers[i]];
	}
	if (argc < 2)
		return 2;
	measure(!strcmp(argv[1], "direct") ? direct : !strcmp(argv[1], "indirect") ? indirect : by_table);
	return 0;
}
