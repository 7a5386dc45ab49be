#include "cli/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/complaint.h"

#define DIGITS "0123456789"

/* The nanoseconds in one UNIT, 0 if it is none. The micro sign has two encodings. */
static uint64_t unit_ns(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{"us", 1000}, {"\u00b5s", 1000}, {"\u03bcs", 1000},
		{"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	return 0;
}

/* NUMBER times UNIT nanoseconds, what is below one dropped; false if over INT64_MAX. */
static bool scale(const char *number, uint64_t unit, uint64_t *ns)
{
	uint64_t total = 0;

	for (; isdigit((unsigned char)*number); number++)
		if (__builtin_mul_overflow(total, 10, &total) ||
		    __builtin_add_overflow(total, (uint64_t)(*number - '0'), &total))
			return false;
	if (__builtin_mul_overflow(total, unit, &total))
		return false;
	if (*number == '.')
		for (number++; isdigit((unsigned char)*number); number++) {
			unit /= 10;
			if (__builtin_add_overflow(total, (uint64_t)(*number - '0') * unit, &total))
				return false;
		}
	*ns = total;
	return total <= INT64_MAX;
}

int duration_parse(const char *text, uint64_t *ns, char *err, size_t errlen)
{
	size_t whole = strspn(text, DIGITS), fraction = 0, end = whole;
	uint64_t unit;

	if (text[0] == '-' && text[1] && strchr("." DIGITS, text[1]))
		return complain(err, errlen, "'%.60s': a duration cannot be negative", text);
	if (text[whole] == '.') {
		fraction = strspn(text + whole + 1, DIGITS);
		end += 1 + fraction;
	}
	if (!whole && !fraction)
		return complain(err, errlen, "'%.60s': not a duration: write %s", text, DURATIONS);
	if (!text[end])
		return complain(err, errlen, "'%.60s': a duration needs a unit: %s", text, DURATIONS);
	unit = unit_ns(text + end);
	if (!unit)
		return complain(err, errlen, "'%.60s': '%.60s' is no unit: us, ms, s or m", text, text + end);
	if (!scale(text, unit, ns))
		return complain(err, errlen, "'%.60s': too long a time", text);
	return 0;
}

const char *duration_text(uint64_t ns, char *out)
{
	if (ns && ns % 1000000000 == 0)
		snprintf(out, 24, "%" PRIu64 "s", ns / 1000000000);
	else if (ns && ns % 1000000 == 0)
		snprintf(out, 24, "%" PRIu64 "ms", ns / 1000000);
	else if (ns % 1000 == 0)
		snprintf(out, 24, "%" PRIu64 "us", ns / 1000);
	else
		snprintf(out, 24, "%" PRIu64 ".%03uus", ns / 1000, (unsigned)(ns % 1000));
	return out;
}
