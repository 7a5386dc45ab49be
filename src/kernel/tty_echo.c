/* What a terminal shows: programs' output, and the echo of what is typed and erased. */
#include "kernel/tty_line.h"

#define TAB 8u
#define UNTOUCHED 0xff /* a byte whose echo is never upper case, for a reason of Linux's own */
#define FOR_ECHO 4096u /* room that programs' output leaves */

void line_put(struct line *l, unsigned char c)
{
	if (l->shown_count == LINE_SHOWN)
		return; /* nobody looks; as on Linux, echo is then lost */
	l->shown[(l->shown_first + l->shown_count++) % LINE_SHOWN] = c;
}

bool line_can_show(const struct line *l)
{
	return l->stopped ? l->before_stop : l->shown_count;
}

size_t line_show(struct line *l, void *to, size_t room)
{
	unsigned char *out = to;
	size_t n = 0;

	for (; n < room && line_can_show(l); n++, l->shown_count--) {
		out[n] = l->shown[l->shown_first];
		l->shown_first = (l->shown_first + 1) % LINE_SHOWN;
		l->before_stop -= l->stopped;
	}
	return n;
}

/* But not what the other side, on Linux, would have in a buffer of its own by now. */
void line_forget_shown(struct line *l)
{
	unsigned there = l->stopped ? l->before_stop : l->shown_count;

	l->shown_count = there < LINE_TYPED ? there : LINE_TYPED;
	l->before_stop = l->shown_count;
}

void line_stop(struct line *l, bool stop)
{
	if (stop && !l->stopped)
		l->before_stop = l->shown_count;
	l->stopped = stop;
}

/* ---- Output ----------------------------------------------------------- */

/* The second and later bytes of a character of UTF-8 take no column. */
static bool continues(const struct line *l, unsigned char c)
{
	return l->modes.c_iflag & IUTF8 && (c & 0xc0) == 0x80;
}

static void put_newline(struct line *l)
{
	if (l->modes.c_oflag & ONLRET)
		l->column = 0;
	if (l->modes.c_oflag & ONLCR) {
		l->column = 0;
		line_put(l, '\r');
	}
	l->line_column = l->column;
	line_put(l, '\n');
}

static void put_return(struct line *l)
{
	bool becomes_newline = l->modes.c_oflag & OCRNL;

	if (l->modes.c_oflag & ONOCR && l->column == 0)
		return;
	if (!becomes_newline || l->modes.c_oflag & ONLRET)
		l->line_column = l->column = 0;
	line_put(l, becomes_newline ? '\n' : '\r');
}

static void put_tab(struct line *l)
{
	unsigned n = TAB - l->column % TAB;

	l->column += n;
	if ((l->modes.c_oflag & TABDLY) != XTABS)
		line_put(l, '\t');
	else
		while (n--)
			line_put(l, ' ');
}

static void put_other(struct line *l, unsigned char c)
{
	if (c == '\b')
		l->column -= l->column > 0;
	else if (!line_is_control(c))
		l->column += !continues(l, c);
	if (l->modes.c_oflag & OLCUC && line_is_lower(c))
		c = (unsigned char)(c - 'a' + 'A');
	line_put(l, c);
}

/* As OPOST and its like say. */
static void process(struct line *l, unsigned char c)
{
	if (!(l->modes.c_oflag & OPOST))
		line_put(l, c);
	else if (c == '\n')
		put_newline(l);
	else if (c == '\r')
		put_return(l);
	else if (c == '\t')
		put_tab(l);
	else
		put_other(l, c);
}

bool line_writable(const struct line *l)
{
	return !l->stopped && l->shown_count + FOR_ECHO + TAB <= LINE_SHOWN;
}

size_t line_write(struct line *l, const void *bytes, size_t n)
{
	const unsigned char *from = bytes;
	size_t done = 0;

	while (done < n && line_writable(l))
		process(l, from[done++]);
	return done;
}

/* ---- Echo ------------------------------------------------------------- */

void line_echo_raw(struct line *l, unsigned char c)
{
	if (c != UNTOUCHED) {
		process(l, c);
		return;
	}
	line_put(l, c);
	l->column++;
}

void line_echo(struct line *l, unsigned char c)
{
	if (l->modes.c_lflag & ECHOCTL && line_is_control(c) && c != '\t') {
		line_put(l, '^');
		line_put(l, c ^ 0100);
		l->column += 2;
	} else {
		line_echo_raw(l, c);
	}
}

void line_finish_erasing(struct line *l)
{
	if (l->erasing)
		line_echo_raw(l, '/');
	l->erasing = false;
}

/* Back over a tab that is gone: how far depends on what is left before it, from the last tab or the line's beginning on. */
static void back_over_tab(struct line *l)
{
	unsigned before = 0, n;
	bool after_tab = false;

	for (n = l->count; n > l->ready && !after_tab; n--) {
		unsigned char c = line_byte(l, n - 1);

		after_tab = c == '\t';
		if (line_is_control(c))
			before += !after_tab && l->modes.c_lflag & ECHOCTL ? 2 : 0;
		else
			before += !continues(l, c);
	}
	if (!after_tab)
		before += l->line_column;
	for (n = TAB - before % TAB; n > 0; n--) {
		line_put(l, '\b');
		l->column -= l->column > 0;
	}
}

static void wipe(struct line *l)
{
	line_echo_raw(l, '\b');
	line_echo_raw(l, ' ');
	line_echo_raw(l, '\b');
}

/* The character that began with `c` and had `length` bytes is gone from the line. */
static void echo_erased(struct line *l, unsigned char key, unsigned char c, unsigned length)
{
	unsigned flags = l->modes.c_lflag;

	if (flags & ECHOPRT) {
		if (!l->erasing)
			line_echo_raw(l, '\\');
		l->erasing = true;
		line_echo(l, c);
		for (unsigned n = 1; n < length; n++)
			line_echo_raw(l, line_byte(l, l->count + n));
	} else if (key == l->modes.c_cc[VERASE] && !(flags & ECHOE)) {
		line_echo(l, key);
	} else if (c == '\t') {
		back_over_tab(l);
	} else {
		if (line_is_control(c) && flags & ECHOCTL)
			wipe(l);
		if (!line_is_control(c) || flags & ECHOCTL)
			wipe(l);
	}
}

static bool is_of_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || c == '_' || line_is_upper(c) || line_is_lower(c);
}

/* The bytes of the line's last character; 0: there is only the rest of one. */
static unsigned last_length(const struct line *l)
{
	unsigned n = 1;

	while (continues(l, line_byte(l, l->count - n)) && l->count - n > l->ready)
		n++;
	return continues(l, line_byte(l, l->count - n)) ? 0 : n;
}

static void erase_characters(struct line *l, unsigned char key)
{
	bool word = false, one = key == l->modes.c_cc[VERASE], kill = key == l->modes.c_cc[VKILL];

	do {
		unsigned length = last_length(l);
		unsigned char c;

		if (!length)
			return;
		c = line_byte(l, l->count - length);
		if (!one && !kill && word && !is_of_word(c))
			return;
		word |= is_of_word(c);
		l->count -= length;
		if (line_echoes(l))
			echo_erased(l, key, c, length);
	} while (!one && l->count > l->ready);
}

void line_erase(struct line *l, unsigned char key)
{
	const unsigned wiping = ECHOK | ECHOKE | ECHOE;
	bool one = key == l->modes.c_cc[VERASE], kill = !one && key == l->modes.c_cc[VKILL];

	if (l->count == l->ready)
		return;
	if (kill && (!line_echoes(l) || (l->modes.c_lflag & wiping) != wiping)) {
		l->count = l->ready;
		if (!line_echoes(l))
			return;
		line_finish_erasing(l);
		line_echo(l, key);
		if (l->modes.c_lflag & ECHOK)
			line_echo_raw(l, '\n');
		return;
	}
	erase_characters(l, key);
	if (l->count == l->ready && line_echoes(l))
		line_finish_erasing(l);
}
