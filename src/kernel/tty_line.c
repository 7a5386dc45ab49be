/* What is typed: lines, special characters, signals; and what readers get of it. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "kernel/tty_line.h"

#define END 0x100u    /* a line ends with this byte */
#define NO_BYTE 0x200u /* it is no byte, but the end of the file */

void line_init(struct line *l)
{
	static const struct termios2 standard = {
		.c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR, .c_cflag = B38400 | CS8 | CREAD,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = { [VINTR] = 'C' & 31, [VQUIT] = '\\' & 31, [VERASE] = 127, [VKILL] = 'U' & 31, [VEOF] = 'D' & 31,
			  [VMIN] = 1, [VSTART] = 'Q' & 31, [VSTOP] = 'S' & 31, [VSUSP] = 'Z' & 31, [VREPRINT] = 'R' & 31,
			  [VDISCARD] = 'O' & 31, [VWERASE] = 'W' & 31, [VLNEXT] = 'V' & 31 },
		.c_ispeed = 38400, .c_ospeed = 38400
	};

	memset(l, 0, sizeof *l);
	l->modes = standard;
}

void line_forget_typed(struct line *l)
{
	l->count = l->ready = 0;
	l->literal = false;
}

static bool is_canonical(const struct line *l)
{
	return l->modes.c_lflag & ICANON;
}

/* What was typed in raw mode is a line of its own afterwards; the line being typed can be read at once in raw mode. */
void line_set(struct line *l, const struct termios2 *modes)
{
	bool was_canonical = is_canonical(l);

	l->modes = *modes;
	if (!is_canonical(l))
		l->ready = l->count;
	else if (!was_canonical && l->count)
		l->typed[(l->first + l->count - 1) % LINE_TYPED] |= END;
	if (!(modes->c_iflag & IXON))
		line_stop(l, false);
}

/* ---- Typing ----------------------------------------------------------- */

/* Is it that special character? One that is 0 is none. */
static bool is(const struct line *l, unsigned char c, int special)
{
	return c && c == l->modes.c_cc[special];
}

static void queue(struct line *l, unsigned char c, unsigned marks)
{
	l->typed[(l->first + l->count++) % LINE_TYPED] = (uint16_t)(c | marks);
	if (marks & END || !is_canonical(l))
		l->ready = l->count;
}

static void send_signal(struct line *l, int signal, unsigned char c)
{
	if (!(l->modes.c_lflag & NOFLSH)) {
		line_forget_typed(l);
		line_forget_shown(l);
	}
	l->signals |= 1ul << signal;
	if (l->modes.c_iflag & IXON)
		line_stop(l, false);
	if (line_echoes(l))
		line_echo(l, c);
}

static bool takes_flow(struct line *l, unsigned char c)
{
	if (!(l->modes.c_iflag & IXON))
		return false;
	if (!is(l, c, VSTART) && !is(l, c, VSTOP))
		return false;
	line_stop(l, !is(l, c, VSTART));
	return true;
}

static bool takes_signal(struct line *l, unsigned char c)
{
	int signal = !(l->modes.c_lflag & ISIG) ? 0 : is(l, c, VINTR) ? SIGINT : is(l, c, VQUIT) ? SIGQUIT :
		     is(l, c, VSUSP) ? SIGTSTP : 0;

	if (signal)
		send_signal(l, signal, c);
	return signal;
}

static void reprint(struct line *l, unsigned char c)
{
	line_finish_erasing(l);
	line_echo(l, c);
	line_echo_raw(l, '\n');
	for (unsigned n = l->ready; n < l->count; n++)
		line_echo(l, line_byte(l, n));
}

/* The next character is to be taken as it is. */
static void begin_literal(struct line *l)
{
	l->literal = true;
	if (!line_echoes(l))
		return;
	line_finish_erasing(l);
	if (l->modes.c_lflag & ECHOCTL) {
		line_echo_raw(l, '^');
		line_echo_raw(l, '\b');
	}
}

static bool takes_editing(struct line *l, unsigned char c)
{
	bool extended = l->modes.c_lflag & IEXTEN;

	if (is(l, c, VERASE) || is(l, c, VKILL) || (extended && is(l, c, VWERASE)))
		line_erase(l, c);
	else if (extended && is(l, c, VLNEXT))
		begin_literal(l);
	else if (extended && line_echoes(l) && is(l, c, VREPRINT))
		reprint(l, c);
	else
		return false;
	return true;
}

static void echo_typed(struct line *l, unsigned char c, bool was_return)
{
	if (!line_echoes(l))
		return;
	line_finish_erasing(l);
	if (l->ready == l->count)
		l->line_column = l->column;
	if (was_return && c == '\n')
		line_echo_raw(l, c);
	else
		line_echo(l, c);
}

static bool takes_end(struct line *l, unsigned char c)
{
	if (c == '\n') {
		if (l->modes.c_lflag & (ECHO | ECHONL))
			line_echo_raw(l, c);
		queue(l, c, END);
	} else if (is(l, c, VEOF)) {
		queue(l, 0, END | NO_BYTE);
	} else if (is(l, c, VEOL) || (l->modes.c_lflag & IEXTEN && is(l, c, VEOL2))) {
		echo_typed(l, c, false);
		queue(l, c, END);
	} else {
		return false;
	}
	return true;
}

static void type_plain(struct line *l, unsigned char c, bool was_return)
{
	echo_typed(l, c, was_return);
	if (c == 0xff && l->modes.c_iflag & PARMRK && l->count + 1 < LINE_TYPED)
		queue(l, c, 0);
	queue(l, c, 0);
}

static void type(struct line *l, unsigned char c)
{
	unsigned flags = l->modes.c_iflag;
	bool was_return;

	if (flags & ISTRIP)
		c &= 0x7f;
	if (flags & IUCLC && l->modes.c_lflag & IEXTEN && line_is_upper(c))
		c = (unsigned char)(c - 'A' + 'a');
	if (l->literal) {
		l->literal = false;
		type_plain(l, c, false);
		return;
	}
	if (takes_flow(l, c) || takes_signal(l, c))
		return;
	if (flags & IXON && flags & IXANY)
		line_stop(l, false);
	was_return = c == '\r';
	if (was_return && flags & IGNCR)
		return;
	if (was_return && flags & ICRNL)
		c = '\n';
	else if (c == '\n' && flags & INLCR)
		c = '\r';
	if (!is_canonical(l) || !(takes_editing(l, c) || takes_end(l, c)))
		type_plain(l, c, was_return);
}

/* Room for one more. A line too long is typed on at its last place: its end must get in. */
static bool has_room(struct line *l)
{
	if (l->count + 1 < LINE_TYPED)
		return true;
	if (!is_canonical(l) || l->ready)
		return false;
	if (l->count == LINE_TYPED)
		l->count--;
	return true;
}

size_t line_type(struct line *l, const void *bytes, size_t n)
{
	const unsigned char *from = bytes;
	size_t done = 0;

	for (; done < n && has_room(l); done++)
		type(l, from[done]);
	return done;
}

/* ---- Reading ---------------------------------------------------------- */

bool line_readable(const struct line *l, unsigned least)
{
	return is_canonical(l) ? l->ready > 0 : l->count >= (least ? least : 1);
}

unsigned line_waiting(const struct line *l)
{
	unsigned n = l->ready;

	for (unsigned i = 0; i < l->ready && is_canonical(l); i++)
		n -= !!(l->typed[(l->first + i) % LINE_TYPED] & NO_BYTE);
	return n;
}

static uint16_t take(struct line *l)
{
	uint16_t c = l->typed[l->first];

	l->first = (l->first + 1) % LINE_TYPED;
	l->count--;
	l->ready--;
	return c;
}

/* A reader who gets just what stands before the end of the file has had that, too. */
ssize_t line_read(struct line *l, void *to, size_t room)
{
	unsigned char *out = to;
	bool canonical = is_canonical(l);
	size_t done = 0;
	uint16_t c = 0;

	if (!l->ready)
		return -EAGAIN;
	while (done < room && l->ready && !(canonical && c & END)) {
		c = take(l);
		if (!(c & NO_BYTE) || !canonical)
			out[done++] = (unsigned char)c;
	}
	if (canonical && done && done == room && !(c & END) && l->ready && l->typed[l->first] & NO_BYTE)
		take(l);
	return (ssize_t)done;
}
