/*
 * libFuzzer target: the input is the word after -s, for as many programs as its last byte says. What is accepted must be within its
 * limits; what is refused must be explained in one line. Files are left alone: the word before the first colon gets no slash and no .so.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/some_policies.h"
#include "cli/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static bool is_file(const char *word)
{
	size_t length = strcspn(word, ":");

	return memchr(word, '/', length) || (length > 3 && !memcmp(word + length - 3, ".so", 3));
}

static void check_program(const struct policy_choice *c, int index)
{
	struct program p = {.weight = 1};

	require(!policy_program(c, index, &p));
	require(p.weight >= 1 && p.weight <= 1000 && p.length <= INT64_MAX);
	if (index >= c->programs || c->policy != &shares)
		require(p.length == 0 && p.weight == 1 && p.priority == 0);
}

static void check_line(const char *line)
{
	size_t length = strlen(line);

	require(length > 0 && length < 1024 && strncmp(line, "uos: ", 5));
	for (size_t i = 0; i < length; i++)
		require((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int programs = size ? data[size - 1] % 5 : 0;
	char *word = strndup((const char *)data, size), *before = strdup(word);
	struct policy_choice c;
	const char *wrong;

	queues = boost = 0;
	if (!is_file(word)) {
		wrong = policy_choose(word, programs, &c);
		if (wrong) {
			check_line(wrong);
		} else {
			require(c.policy && !c.plug_in && c.programs == programs);
			require(!queues || queues <= 16);
			require(!boost || (boost >= 1000000 && boost <= 60000000000));
			for (int i = 0; i < programs + 2; i++)
				check_program(&c, i);
		}
	}
	require(!strcmp(word, before));
	free(word);
	free(before);
	return 0;
}
