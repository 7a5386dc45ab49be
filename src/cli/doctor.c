#define _GNU_SOURCE
#include "cli/doctor.h"

#include <cpuid.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/host.h"
#include "cli/table.h"
#include "machine/disk.h"

#define SHOTS 200
#define SHOT_US 2000
#define FSGSBASE_BIT 2 /* of AT_HWCAP2 */
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

/* What children found out; in memory that they share with us. */
static struct findings {
	int keys;           /* that pkey_alloc gave */
	char lacks[200];    /* why the machine does not boot; else "" */
	enum protect level; /* of the machine that booted */
	char why[300];      /* why it is not full; else "" */
	const char *tmp;    /* what the programs' /tmp is; NULL: there is none */
	uint64_t floor[SHOTS], late[SHOTS], gap[SHOTS], arm[SHOTS]; /* ns, sorted */
	uint64_t took, waited; /* ns that this went on, and of them not on a CPU though runnable */
} *found;

/* ---- Measuring: in a child, because it changes the process ------------- */

/* False if it died. What it measures it computes for, so a limit of CPU time ends one that would not end. */
static bool in_child(void (*measure)(void))
{
	const struct rlimit seconds = {2, 2};
	int status;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CPU, &seconds);
		measure();
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void count_keys(void)
{
	while (pkey_alloc(0, 0) >= 0)
		found->keys++;
}

static const char *private_tmp(void)
{
	char link[32], place[32] = "";
	int fd = disk_private();

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (fd < 0 || readlink(link, place, sizeof place - 1) < 0)
		return NULL;
	return strncmp(place, "/dev/shm/", 9) ? "a file system of its own" : "a directory in /dev/shm";
}

static void boot_machine(void)
{
	const char *lacks = machine_boot(PROTECT_BEST, SWITCH_UCONTEXT);

	snprintf(found->lacks, sizeof found->lacks, "%s", lacks ? lacks : "");
	found->level = machine_info.protect;
	snprintf(found->why, sizeof found->why, "%s", machine_info.why_not_higher ? machine_info.why_not_higher : "");
	found->tmp = private_tmp();
	machine_halt(0);
}

static volatile uint64_t fired;

static void fire(int sig)
{
	(void)sig;
	fired = monotonic_ns();
}

/* One interrupt after `us`, taken by a loop that computes: how late it is, and how long the loop then stood still. */
static void shoot(unsigned us, uint64_t *arm, uint64_t *late, uint64_t *gap)
{
	const struct itimerval once = {.it_value = {.tv_usec = (suseconds_t)us}};
	uint64_t start = monotonic_ns(), last, previous;

	fired = 0;
	setitimer(ITIMER_REAL, &once, NULL);
	previous = last = monotonic_ns();
	*arm = last - start;
	while (!fired) {
		previous = last;
		last = monotonic_ns();
	}
	*late = fired > start + us * 1000u ? fired - start - us * 1000u : 0;
	*gap = last > fired ? last - previous : monotonic_ns() - last; /* interrupted before or after the clock was read */
}

/* ns that this thread was runnable and waited: of /proc/thread-self/schedstat the second word. */
static uint64_t waited(void)
{
	FILE *f = fopen("/proc/thread-self/schedstat", "re");
	uint64_t ns = 0;

	if (f && fscanf(f, "%*u %" SCNu64, &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return ns;
}

static int order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Shots during which another process had the CPU say nothing about the timer: up to as many again replace them. */
static void time_interrupts(void)
{
	uint64_t start = monotonic_ns(), before = waited(), unused;

	signal(SIGALRM, fire);
	for (int i = 0, spare = SHOTS; i < SHOTS; i++) {
		uint64_t then = waited();

		shoot(1, &unused, &found->floor[i], &unused);
		shoot(SHOT_US, &found->arm[i], &found->late[i], &found->gap[i]);
		if (waited() != then && spare-- > 0)
			i--;
	}
	found->waited = waited() - before;
	found->took = monotonic_ns() - start;
	qsort(found->floor, SHOTS, sizeof *found->floor, order);
	qsort(found->late, SHOTS, sizeof *found->late, order);
	qsort(found->gap, SHOTS, sizeof *found->gap, order);
	qsort(found->arm, SHOTS, sizeof *found->arm, order);
}

/* ---- Reading ----------------------------------------------------------- */

static bool read_line(const char *file, char *line, int room)
{
	FILE *f = fopen(file, "re");
	bool ok = f && fgets(line, room, f);

	if (f)
		fclose(f);
	line[ok ? strcspn(line, "\n") : 0] = 0;
	return ok;
}

/* The share of all CPU time since the host's boot that its hypervisor gave to others; below 0: it does not say. */
static double stolen_since_boot(void)
{
	char line[256];
	double t[8], all = 0;

	if (!read_line("/proc/stat", line, sizeof line) ||
	    sscanf(line, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7) != 8)
		return -1;
	for (int i = 0; i < 8; i++)
		all += t[i];
	return all > 0 ? t[7] / all : -1;
}

/* Which of XCR0's components `bits` the host has switched on (Intel SDM vol. 1, 13.3). */
static bool has_xstate(unsigned bits)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return false;
	__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (a & bits) == bits;
}

/* ---- Saying ------------------------------------------------------------ */

static bool json;
static struct table table = {.columns = 2};

/* One finding: a row, or a member of the JSON object; `raw` is its JSON, NULL: as shown, a string. */
static void say(const char *label, const char *key, const char *raw, const char *shown)
{
	if (!json) {
		table_row(&table, (const char *const[]){label, shown});
		return;
	}
	printf(",\n  \"%s\": ", key);
	if (raw)
		fputs(raw, stdout);
	else
		json_string(stdout, shown);
}

static void say_flag(const char *label, const char *key, bool flag)
{
	say(label, key, flag ? "true" : "false", flag ? "yes" : "no");
}

static void say_number(const char *label, const char *key, uint64_t n, const char *format, double shown_as)
{
	char raw[24], shown[32];

	snprintf(raw, sizeof raw, "%" PRIu64, n);
	snprintf(shown, sizeof shown, format, shown_as);
	say(label, key, raw, shown);
}

static void say_ns(const char *label, const char *key, uint64_t ns)
{
	char shown[16];

	say_number(label, key, ns, table_time((double)ns, shown), 0);
}

static void say_share(const char *label, const char *key, double share)
{
	char raw[32], shown[32];

	snprintf(raw, sizeof raw, "%.6f", share);
	snprintf(shown, sizeof shown, "%.2f %%", 100 * share);
	say(label, key, share < 0 ? "null" : raw, share < 0 ? "unknown" : shown);
}

static void say_bytes(const char *label, const char *key, uint64_t bytes)
{
	if (bytes == RLIM_INFINITY)
		say(label, key, "null", "none");
	else
		say_number(label, key, bytes, "%.1f GiB", (double)bytes / (1 << 30));
}

static void say_host(void)
{
	char line[128];
	struct rlimit addresses;
	struct sysinfo memory;
	struct host h;

	host_describe(&h);
	say("kernel", "kernel", NULL, h.kernel);
	say("CPU", "cpu", NULL, h.cpu);
	say_number("CPUs online", "cpus", (uint64_t)h.cpus, "%.0f", h.cpus);
	say_flag("syscall user dispatch", "dispatch", prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0) == 0);
	say_flag("FSGSBASE", "fsgsbase", getauxval(AT_HWCAP2) & FSGSBASE_BIT);
	say_flag("XSAVE", "xsave", has_xstate(0x3));
	say_flag("AVX", "avx", has_xstate(0x7));
	say_flag("AVX-512", "avx512", has_xstate(0xe7));
	say_number("protection keys", "keys", (uint64_t)found->keys, "%.0f", found->keys);
	if (read_line("/proc/sys/vm/max_map_count", line, sizeof line))
		say("vm.max_map_count", "max_map_count", line, line);
	sysinfo(&memory);
	say_bytes("memory", "memory_bytes", (uint64_t)memory.totalram * memory.mem_unit);
	getrlimit(RLIMIT_AS, &addresses);
	say_bytes("limit of addresses", "address_limit_bytes", addresses.rlim_cur);
	say("programs' /tmp", "private_tmp", found->tmp ? NULL : "null", found->tmp ? found->tmp : "none");
	if (read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", line, sizeof line))
		say("clock source", "clock_source", NULL, line);
	say_share("stolen by the hypervisor since boot", "stolen_since_boot", stolen_since_boot());
}

/* ns of a quantum of which a tick, the setting of the next included, is 1 %. */
static uint64_t smallest_quantum(void)
{
	uint64_t ns = 100 * (found->gap[SHOTS / 2] + found->arm[SHOTS / 2]);

	return ns > QUANTUM_FLOOR_NS ? ns : QUANTUM_FLOOR_NS;
}

static void say_timer(void)
{
	say_ns("timer, shortest", "timer_floor_ns", found->floor[SHOTS / 2] + 1000);
	say_ns("timer late by, median", "timer_late_p50_ns", found->late[SHOTS / 2]);
	say_ns("  99 of 100 less than", "timer_late_p99_ns", found->late[SHOTS * 99 / 100]);
	say_ns("  at most", "timer_late_max_ns", found->late[SHOTS - 1]);
	say_ns("setting the timer", "timer_set_ns", found->arm[SHOTS / 2]);
	say_ns("one timer interrupt", "interrupt_ns", found->gap[SHOTS / 2]);
	say_share("stolen by other processes meanwhile", "stolen_meanwhile",
	          found->took ? (double)found->waited / (double)found->took : -1);
	say_ns("smallest quantum that costs under 1 %", "smallest_quantum_ns", smallest_quantum());
}

int doctor(const struct options *o)
{
	bool booted, timed;

	json = o->json;
	found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (found == MAP_FAILED) {
		perror("uos: doctor");
		return 1;
	}
	in_child(count_keys);
	booted = in_child(boot_machine);
	if (!booted)
		strcpy(found->lacks, "the machine died while it booted");
	timed = in_child(time_interrupts);
	if (json)
		printf("{\n  \"schema\": 1,\n  \"uos\": \"" UOS_VERSION "\"");
	say_host();
	if (timed)
		say_timer();
	booted = !*found->lacks;
	if (json) {
		say_flag(NULL, "runs", booted);
		say(NULL, "level", booted ? NULL : "null", options_levels[found->level]);
		say(NULL, "why", booted && !*found->why ? "null" : NULL, booted ? found->why : found->lacks);
		printf("\n}\n");
		return booted ? 0 : 1;
	}
	table_print(&table, stdout);
	if (!timed)
		printf("The timer could not be measured: no interrupt came, or all too late.\n");
	if (!booted)
		printf("uos cannot run here: %s.\n", found->lacks);
	else if (*found->why)
		printf("uos runs with --protect=%s, and cannot do better: %s.\n", options_levels[found->level], found->why);
	else
		printf("uos runs with --protect=full: a signal is delivered while key 0 is closed, and nothing in uos and its "
		       "libraries opens memory without a check.\n");
	return booted ? 0 : 1;
}
