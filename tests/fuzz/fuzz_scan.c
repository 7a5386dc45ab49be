/* The scan for what sets PKRU, against one that looks at one bit after another; as a whole, and in two pieces whose border is anywhere. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "machine/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t slowly(const uint8_t *data, size_t size, size_t from)
{
	for (size_t i = from; i + 2 < size; i++) {
		unsigned opcode = data[i] << 8 | data[i + 1], mod = data[i + 2] >> 6, reg = data[i + 2] >> 3 & 7, rm = data[i + 2] & 7;

		if (opcode == 0x0f01 && mod == 3 && reg == 5 && rm == 7)
			return i;
		if (opcode == 0x0fae && mod < 3 && reg == 5)
			return i;
	}
	return size;
}

static size_t quickly(const uint8_t *data, size_t size, size_t from)
{
	const uint8_t *found = scan_next(data + from, data + size);

	return found ? (size_t)(found - data) : size;
}

/* Pages that are looked at one by one: each, and then what lies across their border. */
static size_t in_pieces(const uint8_t *data, size_t size, size_t border)
{
	size_t from = border < SCAN_LENGTH - 1 ? 0 : border - SCAN_LENGTH + 1;
	size_t to = size - border < SCAN_LENGTH - 1 ? size : border + SCAN_LENGTH - 1;
	size_t first = quickly(data, border, 0), across = quickly(data, to, from);

	if (first < border)
		return first;
	return across < to ? across : quickly(data, size, border);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first = slowly(data, size, 0);

	for (size_t from = 0; from <= size; from++)
		if (quickly(data, size, from) != slowly(data, size, from))
			abort();
	for (size_t border = 0; border <= size; border++)
		if (in_pieces(data, size, border) != first)
			abort();
	return 0;
}
