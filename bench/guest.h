/*
 * Guests that measure: no C library, so that a thousand load fast. They also
 * run on plain Linux, where calls by the gate become `syscall`.
 *
 * A guest cannot see whether the host took the CPU from uos meanwhile, unless
 * it is told: `uos bench` opens uos's own /proc/thread-self/schedstat as
 * standard input, whose second number grows whenever uos had to wait.
 */
#ifndef UOS_BENCH_GUEST_H
#define UOS_BENCH_GUEST_H

#include <stdint.h>
#include <sys/syscall.h>
#include <uos/gate.h>

#define BATCHES_MAX 32

static inline uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline long raw(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long gate(long number, long a, long b, long c)
{
	return uos_syscall6(number, a, b, c, 0, 0, 0);
}

static inline uint64_t parse(const char *text)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = 10 * n + (uint64_t)(*text - '0');
	return n;
}

/* Nanoseconds that uos waited for the CPU; 0 if standard input does not say. */
static inline uint64_t host_delay(void)
{
	char text[128];
	long n = 0, at = 0;

	for (int i = 0; i < 3 && n <= 0; i++) { /* another guest may have read in between */
		gate(SYS_lseek, 0, 0, 0);
		n = gate(SYS_read, 0, (long)text, sizeof text - 1);
	}
	text[n > 0 ? n : 0] = 0;
	while (text[at] && text[at] != ' ')
		at++;
	return text[at] ? parse(text + at + 1) : 0;
}

/* ---- Output: whole lines, by one write -------------------------------- */

static char line[256];
static long line_length;

static inline void put(const char *text)
{
	while (*text && line_length < (long)sizeof line)
		line[line_length++] = *text++;
}

static inline void put_number(uint64_t n)
{
	char digits[21];
	int at = 20;

	digits[at] = 0;
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	put(digits + at);
}

static inline void put_hundredths(uint64_t n)
{
	put_number(n / 100);
	put(n % 100 < 10 ? ".0" : ".");
	put_number(n % 100);
}

static inline void flush(void)
{
	gate(SYS_write, 1, (long)line, line_length);
	line_length = 0;
}

/* ---- Measuring -------------------------------------------------------- */

static inline void sort(uint64_t *v, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && v[j - 1] > v[j]; j--) {
			uint64_t swap = v[j];

			v[j] = v[j - 1];
			v[j - 1] = swap;
		}
}

/*
 * `batches` times work(arg), which does `operations`, and the cost, in cycles,
 * that `percent` of them were below: 50, the median, unless what disturbs can
 * only make it dearer; a batch in which the host took the CPU from uos does not
 * count. The number of batches is fixed: other guests of a ring do as many laps.
 */
static inline void guest_measure(void (*work)(long arg), long arg, uint64_t operations, int batches, int percent)
{
	uint64_t good[BATCHES_MAX], all[BATCHES_MAX];
	int count = 0;

	work(arg); /* warm from here on */
	for (int i = 0; i < batches; i++) {
		uint64_t delay = host_delay(), start = tsc();

		work(arg);
		all[i] = (tsc() - start) * 100 / operations;
		if (host_delay() == delay)
			good[count++] = all[i];
	}
	put("disturbed ");
	put_number((uint64_t)(batches - count));
	put(" of ");
	put_number((uint64_t)batches);
	put("\n");
	if (!count) /* then what there is must do; the line above says so */
		for (; count < batches; count++)
			good[count] = all[count];
	sort(good, count);
	put_hundredths(good[count * percent / 100]);
	put("\n");
	flush();
}

/* ---- The first instruction -------------------------------------------- */

int guest_main(int argc, char **argv);

__asm__(".text\n.globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall guest_start\n\thlt");

_Noreturn void guest_start(uint64_t *stack);
_Noreturn void guest_start(uint64_t *stack)
{
	uint64_t *aux = stack + stack[0] + 2;

	while (*aux++) /* past the environment */
		;
	for (; aux[0]; aux += 2)
		if (aux[0] == AT_SYSINFO)
			uos_gate_address = aux[1];
	raw(SYS_exit_group, guest_main((int)stack[0], (char **)(stack + 1)), 0, 0);
	__builtin_unreachable();
}

#endif
