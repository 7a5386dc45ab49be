/* uos's own lines, and the two ways the machine ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/hw.h"
#include "machine/printable.h"

const char *(*machine_whoami)(void);
struct machine_blame machine_blame;

/*
 * A descriptor 0, 1 or 2 that uos was started without must not become one of
 * its own files by accident.
 */
void console_boot(void)
{
	for (int fd = 0; fd < 3; fd++) {
		machine_info.standard_fd[fd] = fcntl(fd, F_GETFD) >= 0;
		if (!machine_info.standard_fd[fd])
			(void)!open("/dev/null", O_RDWR); /* takes the lowest number: fd */
		else
			terminal_keep(fd);
	}
}

static void write_line(const char *lead, const char *format, va_list args)
{
	char line[1024];
	int n = snprintf(line, sizeof line, "uos: %s", lead);

	n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
	if (n > (int)sizeof line - 2)
		n = (int)sizeof line - 2;
	make_printable(line); /* names come from outside: no terminal is to obey them */
	line[n++] = '\n';
	(void)!write(2, line, (size_t)n); /* nowhere is left to report a failure to */
}

void console_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line("", format, args);
	va_end(args);
}

void machine_halt(int status)
{
	terminal_restore();
	disk_private_remove();
	_exit(status);
}

void machine_panic(const char *format, ...)
{
	static bool panicking;
	int status = machine_blame.who ? BLAME_STATUS : PANIC_STATUS;
	char lead[200] = "panic: ";
	va_list args;

	if (panicking)
		_exit(PANIC_STATUS);
	panicking = true;
	if (machine_blame.who)
		snprintf(lead, sizeof lead, "%.120s: in %.40s: ", machine_blame.who, machine_blame.where);
	va_start(args, format);
	write_line(lead, format, args);
	va_end(args);
	if (machine_whoami)
		console_line("%s: %s", machine_blame.who ? machine_blame.who : "panic", machine_whoami());
	if (!machine_blame.who)
		console_line("panic: %lu calls by signal, %lu ticks, pending 0x%x", trap_counts.sigsys,
			     trap_counts.ticks, cpu_pending);
	machine_halt(status);
}
