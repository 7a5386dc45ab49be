/* compute WHO CYCLES GAP: a guest that computes and then writes its segments (segments.h) to standard output. */
#include "guest.h"
#include "segments.h"

static struct segment segments[SEGMENTS_MAX];

int guest_main(int argc, char **argv)
{
	int n;

	if (argc < 4)
		return 2;
	for (int i = 0; i < SEGMENTS_MAX; i++)
		segments[i].first = 1; /* its memory is there from now on */
	n = segments_record(segments, (unsigned)parse(argv[1]), parse(argv[2]), parse(argv[3]), host_delay);
	for (int i = 0; i < n; i += SEGMENTS_WRITE) {
		long bytes = (n - i < SEGMENTS_WRITE ? n - i : SEGMENTS_WRITE) * (long)sizeof *segments;

		if (gate(SYS_write, 1, (long)&segments[i], bytes) != bytes)
			return 1;
	}
	return 0;
}
