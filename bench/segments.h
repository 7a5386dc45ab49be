/*
 * A program that only computes, and knows when it was interrupted: it reads
 * the TSC all the time, and a gap between two readings ends a segment.
 */
#ifndef UOS_BENCH_SEGMENTS_H
#define UOS_BENCH_SEGMENTS_H

#include <stdint.h>

#define SEGMENTS_MAX 4096
#define SEGMENTS_WRITE 127 /* records in a write: under 4,096 bytes, which a pipe takes whole */

/* One program's uninterrupted time, [first, last]. */
struct segment {
	uint64_t first, last;  /* the lowest bit of `last` says whose; of `first`, that it is late: see below */
	uint64_t others;       /* ns that others had had the CPU by `first` */
	uint64_t readings;     /* of the TSC: how fast the core was */
};


#define ASKING 16 /* gaps; so long may taken() take */

/*
 * Fills `s` until `cycles` have passed or it is full; a segment ends where
 * more than `gap` cycles passed between two readings. taken(): nanoseconds
 * that others had the CPU until now; it is asked after a gap, and the time
 * that asking takes counts as the program's own. Returns how many.
 */
static inline int segments_record(struct segment *s, unsigned who, uint64_t cycles, uint64_t gap, uint64_t (*taken)(void))
{
	uint64_t others = taken(), readings = 0, begin = __builtin_ia32_rdtsc(), last = begin, now;
	int n = 0;

	s[0].first = begin & ~1ul;
	s[0].others = others;
	while (last - begin < cycles) {
		now = __builtin_ia32_rdtsc();
		readings++;
		if (now - last > gap) {
			s[n].readings = readings;
			readings = 0;
			s[n++].last = (last & ~1ul) | who;
			if (n == SEGMENTS_MAX)
				return n;
			s[n].others = taken();
			s[n].first = now & ~1ul;
			last = now;
			now = __builtin_ia32_rdtsc();
			if (now - last > ASKING * gap) /* interrupted while asking: this begins too late */
				s[n].first = now | 1;
		}
		last = now;
	}
	s[n].readings = readings;
	s[n++].last = (last & ~1ul) | who;
	return n;
}

#endif
