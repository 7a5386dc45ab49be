/*
 * state SECONDS|stdin: (or until its standard input ends:) does everything of a process survive whatever happens to it? Again and again it fills all registers
 * with values of its own (window.S), then computes, makes calls by `syscall`, or calls by the gate, with the stack's
 * red zone in use or with rsp pointing anywhere, and looks whether each value is still there. It names the first that
 * is not and exits 1.
 */
#include <cpuid.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if __has_include(<uos/gate.h>)
#include <uos/gate.h>
#define HAVE_GATE 1
#endif

enum { RAX, RCX, RDX, RBX, RBP, RSI, RDI, RSP, R8, R9, R10, R11, R12, R13, R14, R15 };
static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "rsp",
                                    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
enum { AT_GATE = 32 /* AT_SYSINFO */, FLAGS = 0xcd5 /* OF DF SF ZF AF PF CF */ };

/* Shared with window.S. */
extern uint8_t window_vector_in[32][64], window_vector_out[32][64], window_fx_in[512], window_fx_out[512];
extern uint64_t window_in[16], window_out[16], window_mask_in[8], window_mask_out[8];
extern uint64_t window_red_in[16], window_red_out[16];
extern uint64_t window_flags_in, window_flags_out, window_fs_out, window_repeat;
extern void (*window_body)(void), (*window_gate)(void);
extern int window_level, window_red;
void state_window(void);
void body_compute(void), body_compute_red(void), body_syscall(void), body_gate(void), no_gate(void);

static uint64_t seed, rounds[3];
static const char *doing;
static __thread uint64_t local[16];
static uint64_t global[512], *heap;
static struct timespec now, moment = {0, 1};

static uint64_t random64(void)
{
	uint64_t x = seed += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void randomize(void *place, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 8)
		memcpy((char *)place + i, &(uint64_t){random64()}, 8);
}

__attribute__((noreturn, format(printf, 1, 2)))
static void wrong(const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	dprintf(2, "state: pid %d, round %lu, %s: %s\n", (int)getpid(), (unsigned long)(rounds[0] + rounds[1] + rounds[2]),
	        doing, what);
	_exit(1);
}

static void same(const void *seen, const void *wanted, size_t bytes, const char *what, int index)
{
	if (!memcmp(seen, wanted, bytes))
		return;
	for (size_t i = 0; i < bytes; i++)
		if (((const uint8_t *)seen)[i] != ((const uint8_t *)wanted)[i])
			wrong("%s%d: byte %zu is %02x, should be %02x", what, index, i, ((const uint8_t *)seen)[i],
			      ((const uint8_t *)wanted)[i]);
}

static int vector_level(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if ((low & 6) != 6)
		return 0;
	if ((low & 0xe6) != 0xe6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return 1;
	return b & bit_AVX512F && b & bit_AVX512BW ? 2 : 1;
}

/* One time in four a component is left as after boot: the CPU saves and restores that state in another way. */
static void fill_vectors(void)
{
	uint64_t choice = random64();

	randomize(window_vector_in, sizeof window_vector_in);
	randomize(window_mask_in, sizeof window_mask_in);
	for (int i = 0; i < 32; i++) {
		if (!(choice & 3))
			memset(window_vector_in[i], 0, 16);
		if (!(choice >> 2 & 3))
			memset(window_vector_in[i] + 16, 0, 16);
		if (!(choice >> 4 & 3))
			memset(window_vector_in[i] + 32, 0, 32);
		if (i >= 16 && !(choice >> 6 & 3))
			memset(window_vector_in[i], 0, 64);
	}
	if (!(choice >> 8 & 3))
		memset(window_mask_in, 0, sizeof window_mask_in);
}

/* Control words that mask all exceptions, otherwise anything; eight numbers; FXSAVE's layout (Intel SDM 1, 10.5). */
static void fill_fx(void)
{
	uint64_t bits = random64();
	uint16_t control = 0x37f | (bits & 0xc00), status = bits >> 16 & 0x7f3f & ~0x80;
	uint32_t mxcsr = 0x1f80 | (bits >> 32 & 0xe07f);

	memset(window_fx_in, 0, sizeof window_fx_in);
	if (bits >> 60 == 0) {
		control = 0x37f, status = 0, mxcsr = 0x1f80;
	} else {
		window_fx_in[4] = 0xff;
		for (int i = 0; i < 8; i++) {
			randomize(window_fx_in + 32 + 16 * i, 8);
			window_fx_in[32 + 16 * i + 7] |= 0x80;
			window_fx_in[32 + 16 * i + 8] = (uint8_t)(bits >> i);
			window_fx_in[32 + 16 * i + 9] = 0x40;
		}
	}
	memcpy(window_fx_in, &control, 2);
	memcpy(window_fx_in + 2, &status, 2);
	memcpy(window_fx_in + 24, &mxcsr, 4);
	for (int i = 0; i < 16; i++)
		memcpy(window_fx_in + 160 + 16 * i, window_vector_in[i], 16);
}

/* counted: rcx was the counter of a computation, and no call was made. */
static void check(int counted)
{
	for (int i = 0; i < 16; i++) {
		uint64_t wanted = i == RCX && counted ? 0 : window_in[i];

		if (!counted && (i == RAX || i == RCX || i == R11))
			continue; /* a call changes these */
		if (window_out[i] != wanted)
			wrong("%s is %#lx, should be %#lx", names[i], (unsigned long)window_out[i], (unsigned long)wanted);
	}
	if ((window_flags_out & FLAGS) != (window_flags_in & FLAGS))
		wrong("flags are %#lx, should be %#lx", (unsigned long)window_flags_out, (unsigned long)window_flags_in);
	if (window_body == body_compute_red)
		window_red_in[7] = window_in[R8];
	for (int i = 0; window_red && i < 16; i++)
		same(&window_red_out[i], &window_red_in[i], 8, "red zone word ", i);
	same(window_fx_out, window_fx_in, 2, "x87 control word ", 0);
	same(window_fx_out + 2, window_fx_in + 2, 3, "x87 status and tag ", 0);
	same(window_fx_out + 24, window_fx_in + 24, 4, "mxcsr ", 0);
	for (int i = 0; i < 8; i++)
		same(window_fx_out + 32 + 16 * i, window_fx_in + 32 + 16 * i, 10, "st", i);
	for (int i = 0; i < 16; i++)
		same(window_fx_out + 160 + 16 * i, window_fx_in + 160 + 16 * i, 16, "xmm", i);
	for (int i = 0; i < (window_level == 2 ? 32 : window_level * 16); i++)
		same(window_vector_out[i], window_vector_in[i], window_level == 2 ? 64 : 32, "vector ", i);
	if (window_level == 2)
		for (int i = 0; i < 8; i++)
			same(&window_mask_out[i], &window_mask_in[i], 8, "k", i);
}

/* The calls that are made in a window: number, first two arguments, what they return, whether others run then. */
struct call {
	long number;
	uint64_t a, b;
	long result;
	int blocks;
};

static struct call choose_call(void)
{
	struct call calls[] = {
		{SYS_getpid, random64(), random64(), getpid(), 0},
		{SYS_write, 999, random64(), -EBADF, 0},
		{SYS_clock_gettime, CLOCK_MONOTONIC, (uint64_t)&now, 0, 0},
		{SYS_sched_yield, random64(), random64(), 0, 1},
		{SYS_nanosleep, (uint64_t)&moment, 0, 0, 1},
	};

	return calls[random64() % 16 ? random64() % 3 : random64() % 4 ? 3 : 4]; /* seldom: a tick is to come instead */
}

static void window(void)
{
	int way = random64() % 4 % 3, mistaken = (int)random64();
	uint64_t fs;
	struct call call = {0, 0, 0, 0, 0};

	doing = (const char *[]){"computing", "syscall", "gate"}[way];
	__asm__("mov %%fs:0, %0" : "=r"(fs));
	randomize(window_in, sizeof window_in);
	randomize(window_red_in, sizeof window_red_in);
	window_flags_in = (random64() & FLAGS) | 0x202;
	window_red = random64() % 4 != 0;
	fill_vectors();
	fill_fx();
	if (way == 0) {
		window_in[RCX] = random64() % 4 ? random64() % 2000 + 1 : random64() % 100000 + 1;
		window_body = window_red ? body_compute_red : body_compute;
	} else {
		call = choose_call();
		window_in[RAX] = (uint64_t)call.number;
		window_in[RDI] = call.a;
		window_in[RSI] = call.b;
		window_repeat = call.blocks ? 1 : random64() % 32 + 1;
		window_body = way == 1 ? body_syscall : body_gate;
	}
	errno = mistaken;
	state_window();
	if (errno != mistaken)
		wrong("errno is %d, should be %d", errno, mistaken);
	check(way == 0);
	if (way && (long)window_out[RAX] != call.result)
		wrong("call %ld returned %ld, should be %ld", call.number, (long)window_out[RAX], call.result);
	if (window_fs_out != fs)
		wrong("fs is %#lx, should be %#lx", (unsigned long)window_fs_out, (unsigned long)fs);
	rounds[way]++;
}

/* A leaf function, its locals in the red zone, that makes calls the way a program does. */
__attribute__((noinline)) static void leaf(void)
{
	volatile uint64_t words[12];
	uint64_t base = seed;
	long result;

	doing = "leaf";
	for (int i = 0; i < 12; i++)
		words[i] = base * (uint64_t)(i + 1);
	__asm__ volatile("syscall" : "=a"(result) : "0"(SYS_sched_yield) : "rcx", "r11", "memory");
#ifdef HAVE_GATE
	result |= uos_syscall6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
#endif
	for (int i = 0; i < 12; i++)
		if (words[i] != base * (uint64_t)(i + 1))
			wrong("leaf's local %d is %#lx, should be %#lx", i, (unsigned long)words[i],
			      (unsigned long)(base * (uint64_t)(i + 1)));
	if (result)
		wrong("sched_yield in leaf returned %ld", result);
}

static void memory(int fill)
{
	const struct {
		uint64_t *words;
		int count;
		const char *name;
	} kinds[] = {{local, 16, "thread-local word "}, {global, 512, "global word "}, {heap, 4096, "heap word "}};

	for (int k = 0; k < 3; k++)
		for (int i = 0; i < kinds[k].count; i++) {
			uint64_t value = ((uint64_t)getpid() << 32 | (uint64_t)(k << 16 | i)) * 0x9e3779b97f4a7c15u;

			if (fill)
				kinds[k].words[i] = value;
			same(&kinds[k].words[i], &value, 8, kinds[k].name, i);
		}
}

static double seconds(void)
{
	struct timespec t;

	__asm__ volatile("syscall" : : "a"(SYS_clock_gettime), "D"(CLOCK_MONOTONIC), "S"(&t) : "rcx", "r11", "memory");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int input_ended(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

int main(int argc, char **argv)
{
	int by_input = argc > 1 && !strcmp(argv[1], "stdin");
	double length = argc > 1 ? atof(argv[1]) : 1, end;
	unsigned long gate = getauxval(AT_GATE);

	seed = (uint64_t)getpid() << 40;
	heap = malloc(4096 * sizeof *heap);
	window_level = vector_level();
	window_gate = gate ? (void (*)(void))gate : no_gate;
#ifdef HAVE_GATE
	uos_gate_init();
#endif
	if (!heap)
		return 2;
	doing = "memory";
	memory(1);
	for (end = seconds() + length; by_input ? !input_ended() : seconds() < end;) {
		for (int i = 0; i < 200; i++) {
			window();
			if (i % 8 == 0)
				leaf();
		}
		doing = "memory";
		memory(0);
	}
	dprintf(1, "state: pid %d: ok, %s, %s, %lu computing, %lu syscall, %lu gate\n", (int)getpid(),
	        (const char *[]){"SSE", "AVX", "AVX-512"}[window_level], gate ? "with gate" : "without gate",
	        (unsigned long)rounds[0], (unsigned long)rounds[1], (unsigned long)rounds[2]);
	return 0;
}
