/* libFuzzer target: the input is how a script begins. What is found lies within the line, in its order, and is found again where it stands alone. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *head = malloc(size + 1), line[2 * SCRIPT_LINE + 8];
	struct script s, again;
	size_t name, word;

	memcpy(head, data, size);
	if (script_parse(head, size, &s)) {
		name = strlen(s.interpreter);
		word = strlen(s.argument);
		require(script_begins(head, size) && name < SCRIPT_LINE && word < SCRIPT_LINE && name + word < SCRIPT_LINE);
		require(!strpbrk(s.interpreter, " \t\n") && !strchr(s.argument, '\n'));
		require(!word || !strchr(" \t", s.argument[0])); /* at its end there may be some, where no newline is */
		snprintf(line, sizeof line, "#!%s %s", s.interpreter, s.argument);
		if (name && strlen(line) < SCRIPT_LINE)
			require(script_parse(line, strlen(line), &again) && !strcmp(again.interpreter, s.interpreter) &&
				!strcmp(again.argument, s.argument));
	}
	free(head);
	return 0;
}
