/*
 * The line discipline, given anything: a list of things to do to it. Its counts must stay within their
 * bounds, and a reader may never get more than there is room for.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/tty_line.h"

enum { TYPE, WRITE, READ, SHOW, SET_INPUT, SET_OUTPUT, SET_LOCAL, SET_KEY, FLUSH, COMMANDS };

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check(const struct line *l)
{
	require(l->first < LINE_TYPED && l->count <= LINE_TYPED && l->ready <= l->count);
	require(l->shown_first < LINE_SHOWN && l->shown_count <= LINE_SHOWN);
	require(!l->stopped || l->before_stop <= l->shown_count);
	require(line_waiting(l) <= l->ready);
}

static void set(struct line *l, int command, const uint8_t *data, size_t size)
{
	struct termios2 modes = l->modes;
	unsigned bits = 0;

	memcpy(&bits, data, size < sizeof bits ? size : sizeof bits);
	if (command == SET_INPUT)
		modes.c_iflag ^= bits;
	else if (command == SET_OUTPUT)
		modes.c_oflag ^= bits;
	else if (command == SET_LOCAL)
		modes.c_lflag ^= bits;
	else if (size >= 2)
		modes.c_cc[data[0] % sizeof modes.c_cc] = data[1];
	line_set(l, &modes);
}

static void act(struct line *l, int command, const uint8_t *data, size_t size)
{
	uint8_t room[256];
	ssize_t n;

	switch (command) {
	case TYPE:
		require(line_type(l, data, size) <= size);
		break;
	case WRITE:
		require(line_write(l, data, size) <= size);
		break;
	case READ:
		n = line_read(l, room, size);
		require(n == -EAGAIN || (n >= 0 && (size_t)n <= size));
		break;
	case SHOW:
		require(line_show(l, room, size) <= size);
		break;
	case FLUSH:
		line_forget_typed(l);
		line_forget_shown(l);
		break;
	default:
		set(l, command, data, size);
	}
	check(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each command: what, how many bytes, the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct line l;

	line_init(&l);
	for (size_t at = 0; at + 2 <= size;) {
		size_t n = data[at + 1];
		int command = data[at] % COMMANDS;

		at += 2;
		n = n < size - at ? n : size - at;
		act(&l, command, data + at, n);
		at += n;
	}
	return 0;
}
