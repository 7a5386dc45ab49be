/*
 * Bytes that must not be executable where a guest could jump to them: what
 * sets PKRU. Pure: bytes in, a place out. An instruction can begin anywhere, so
 * every byte is looked at, and what stands before it (prefixes) does not matter:
 *
 *      0f 01 ef            WRPKRU
 *      0f ae /5, memory    XRSTOR, XRSTOR64; with a register it is LFENCE
 *
 * Intel SDM vol. 2. XRSTORS (0f c7 /3) faults in user mode whatever it finds,
 * so it may stand anywhere. So may all that only reads PKRU.
 */
#ifndef UOS_MACHINE_SCAN_H
#define UOS_MACHINE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#define SCAN_LENGTH 3 /* bytes that make it one */

/* The first such sequence that lies in [from, end) as a whole, or NULL. */
const uint8_t *scan_next(const uint8_t *from, const uint8_t *end);
/* Are the n bytes before a border the beginning of one, or those behind it its end? n is 1 or 2. */
bool scan_begins(const uint8_t *border, unsigned n);
bool scan_ends(const uint8_t *border, unsigned n);
/* What a sequence that was found is. */
const char *scan_name(const uint8_t *found);

#endif
