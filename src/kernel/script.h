/* The first line of a script: "#!", blanks, its interpreter, and one argument at most (execve(2)). Pure: bytes in, strings out. */
#ifndef UOS_KERNEL_SCRIPT_H
#define UOS_KERNEL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_LINE 256 /* bytes of the file that count */

struct script {
	char interpreter[SCRIPT_LINE];
	char argument[SCRIPT_LINE]; /* all that follows, blanks between words included; "": none */
};

/* `head` is how the file begins, SCRIPT_LINE bytes or all there is. */
bool script_begins(const char *head, size_t length);
/* False: it names no interpreter, or one that is cut off. */
bool script_parse(const char *head, size_t length, struct script *out);

#endif
