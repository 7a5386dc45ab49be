#ifndef UOS_CLI_CMDLINE_H
#define UOS_CLI_CMDLINE_H

/*
 * Splits one command line, such as the PROG of `uos "primes 5000"`, into words
 * by the quoting rules of the POSIX shell (XCU 2.2). Quoting only: `$`, `*`,
 * `|`, `#` and the rest stand for themselves.
 *
 *   blank, tab, newline   separate words
 *   'text'                text as it is
 *   "text"                text; a backslash quotes " \ $ ` and joins lines
 *   \c                    c as it is; before a newline, joins lines
 *
 * An empty word that was quoted ('' or "") is a word.
 *
 * Returns a NULL-terminated vector of at least one word, in one block: release
 * it by a single free(). On error returns NULL and points *why to a string
 * that is never freed: "unbalanced quote", "nothing to run" (no word at all),
 * "nothing after the last backslash", or "out of memory". On success *why is
 * NULL. No global state is used.
 */
char **cmdline_split(const char *text, const char **why);

#endif
