#include <string.h>

#include "machine/scan.h"

#define ESCAPE 0x0f /* of two-byte opcodes */
#define PIECE 4096
#define MODRM_MOD 0xc0
#define MODRM_REG 0x38

static bool is_wrpkru(const uint8_t *at)
{
	return at[1] == 0x01 && at[2] == 0xef;
}

static bool is_xrstors_operand(uint8_t modrm)
{
	return (modrm & MODRM_REG) == 5 << 3 && (modrm & MODRM_MOD) != MODRM_MOD;
}

static bool is_xrstor(const uint8_t *at)
{
	return at[1] == 0xae && is_xrstors_operand(at[2]);
}

/* The first in [from, end) whose rarest byte is `byte`, at index `at`: code is full of the first byte. */
static const uint8_t *find(uint8_t byte, int at, bool (*is_it)(const uint8_t *), const uint8_t *from, const uint8_t *end)
{
	end -= SCAN_LENGTH - 1 - at;
	for (from += at; from < end; from++) {
		from = memchr(from, byte, (size_t)(end - from));
		if (!from)
			return NULL;
		if (from[-at] == ESCAPE && is_it(from - at))
			return from - at;
	}
	return NULL;
}

/* In pieces: else many of the one, and none of the other, would have all of it looked through each time. */
const uint8_t *scan_next(const uint8_t *from, const uint8_t *end)
{
	const uint8_t *stop, *xrstor, *wrpkru;

	for (; end - from >= SCAN_LENGTH; from = stop - (SCAN_LENGTH - 1)) {
		stop = end - from > PIECE ? from + PIECE : end;
		xrstor = find(0xae, 1, is_xrstor, from, stop);
		wrpkru = find(0xef, 2, is_wrpkru, from, xrstor ? xrstor + SCAN_LENGTH - 1 : stop);
		if (wrpkru || xrstor)
			return wrpkru ? wrpkru : xrstor;
	}
	return NULL;
}

bool scan_begins(const uint8_t *border, unsigned n)
{
	return n == 1 ? border[-1] == ESCAPE : border[-2] == ESCAPE && (border[-1] == 0x01 || border[-1] == 0xae);
}

bool scan_ends(const uint8_t *border, unsigned n)
{
	if (n == 1)
		return border[0] == 0xef || is_xrstors_operand(border[0]);
	return (border[0] == 0x01 && border[1] == 0xef) || (border[0] == 0xae && is_xrstors_operand(border[1]));
}

const char *scan_name(const uint8_t *found)
{
	return is_wrpkru(found) ? "WRPKRU" : "XRSTOR";
}
