/*
 * A terminal's line discipline, as termios(3) describes Linux's N_TTY: what is
 * typed becomes lines, echo and signals; what programs write becomes what the
 * terminal shows. Bytes in, bytes out: it knows no process and waits for nobody.
 */
#ifndef UOS_KERNEL_TTY_LINE_H
#define UOS_KERNEL_TTY_LINE_H

#include <asm/termbits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LINE_TYPED 4096u  /* bytes of input that wait to be read at most, as Linux's MAX_CANON says it */
#define LINE_SHOWN 65536u /* and of output that the terminal has not taken */

struct line {
	struct termios2 modes;
	uint16_t typed[LINE_TYPED]; /* a ring of bytes, with marks where lines end */
	unsigned first, count;
	unsigned ready;             /* of the count: those of whole lines, or in raw mode all */
	unsigned char shown[LINE_SHOWN];
	unsigned shown_first, shown_count;
	unsigned column, line_column; /* where the cursor is, and was when the line began */
	bool literal;               /* VLNEXT was typed */
	bool stopped;               /* VSTOP was */
	unsigned before_stop;       /* of what is to be shown: what was there then; the echo that follows waits */
	bool erasing;               /* ECHOPRT's backslash stands, its slash does not yet */
	uint64_t signals;           /* bit n: the foreground is to get signal n; whoever sends it clears it */
};

void line_init(struct line *l);
void line_set(struct line *l, const struct termios2 *modes);
/* What is typed; how many bytes were taken: all, unless nobody reads. */
size_t line_type(struct line *l, const void *bytes, size_t n);
/* What a reader gets: a line or what there is of it; 0: the end of the file was typed; -EAGAIN: nothing yet. */
ssize_t line_read(struct line *l, void *to, size_t room);
/* Is there something to be read, of at least so many bytes in raw mode? */
bool line_readable(const struct line *l, unsigned least);
unsigned line_waiting(const struct line *l); /* FIONREAD: bytes that could be read */
/* What a program writes; how many bytes were taken. */
size_t line_write(struct line *l, const void *bytes, size_t n);
bool line_writable(const struct line *l);
size_t line_show(struct line *l, void *to, size_t room); /* takes what the terminal is to show */
void line_forget_typed(struct line *l);
void line_forget_shown(struct line *l);
void line_stop(struct line *l, bool stop); /* as VSTOP and VSTART */
bool line_can_show(const struct line *l);

/* Between its files. tty_echo.c: what the terminal shows, for a program or as an echo. */
void line_put(struct line *l, unsigned char c);         /* raw */
void line_echo(struct line *l, unsigned char c);        /* control characters as ^X */
void line_echo_raw(struct line *l, unsigned char c);
void line_erase(struct line *l, unsigned char key);     /* VERASE, VWERASE or VKILL was typed */
void line_finish_erasing(struct line *l);

static inline unsigned char line_byte(const struct line *l, unsigned n) /* the n-th of those that are typed */
{
	return (unsigned char)l->typed[(l->first + n) % LINE_TYPED];
}

static inline bool line_echoes(const struct line *l)
{
	return l->modes.c_lflag & ECHO;
}

/* Letters as far as Linux's terminals know them: Latin 1's. */
static inline bool line_is_upper(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static inline bool line_is_lower(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
}

static inline bool line_is_control(unsigned char c)
{
	return c < ' ' || c == 127;
}

#endif
