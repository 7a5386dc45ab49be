/* Text from outside, before a terminal gets it. Header only: who prints before there is a machine uses it, too. */
#ifndef UOS_MACHINE_PRINTABLE_H
#define UOS_MACHINE_PRINTABLE_H

#include <stddef.h>

/* How long the character is, in UTF-8, if a terminal only shows it; 0: it may obey it (C0, DEL, C1 in either form), or it is none. */
static inline size_t printable_length(const unsigned char *c)
{
	size_t length = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;

	if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Each byte that is not part of such a character becomes '?'. */
static inline void make_printable(char *text)
{
	for (size_t n; *text; text += n) {
		n = printable_length((unsigned char *)text);
		if (!n) {
			*text = '?';
			n = 1;
		}
	}
}

#endif
