#include <stdbool.h>
#include <string.h>

#include "machine/scan.h"

#define ESCAPE 0x0f /* of two-byte opcodes */
#define MODRM_MOD 0xc0
#define MODRM_REG 0x38

static bool is_wrpkru(const uint8_t *at)
{
	return at[1] == 0x01 && at[2] == 0xef;
}

static bool is_xrstor(const uint8_t *at)
{
	return at[1] == 0xae && (at[2] & MODRM_REG) == 5 << 3 && (at[2] & MODRM_MOD) != MODRM_MOD;
}

const uint8_t *scan_next(const uint8_t *from, const uint8_t *end)
{
	for (; end - from >= SCAN_LENGTH; from++) {
		from = memchr(from, ESCAPE, (size_t)(end - from) - SCAN_LENGTH + 1);
		if (!from || is_wrpkru(from) || is_xrstor(from))
			return from;
	}
	return NULL;
}

const char *scan_name(const uint8_t *found)
{
	return is_wrpkru(found) ? "WRPKRU" : "XRSTOR";
}
