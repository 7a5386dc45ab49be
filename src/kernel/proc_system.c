/* What stands in /proc about the machine, which has one CPU. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "kernel/fs_proc.h"
#include "machine/host.h"

#define TICK 10000000u

/* ---- The CPU ------------------------------------------------------------ */

/* Feature names by bit, as Linux has them; what it does not show is "". */
static const char *const leaf_1_edx[32] = {
	"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", "", "sep", "mtrr", "pge", "mca", "cmov", "pat", "pse36",
	"pn", "clflush", "", "dts", "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
};
static const char *const leaf_1_ecx[32] = {
	"pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2", "ssse3", "cid", "sdbg", "fma", "cx16", "xtpr",
	"pdcm", "", "pcid", "dca", "sse4_1", "sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes", "xsave", "", "avx",
	"f16c", "rdrand", "hypervisor",
};
static const char *const leaf_7_ebx[32] = {
	"fsgsbase", "tsc_adjust", "", "bmi1", "hle", "avx2", "", "smep", "bmi2", "erms", "invpcid", "rtm", "cqm", "", "mpx", "rdt_a",
	"avx512f", "avx512dq", "rdseed", "adx", "smap", "avx512ifma", "", "clflushopt", "clwb", "intel_pt", "avx512pf", "avx512er",
	"avx512cd", "sha_ni", "avx512bw", "avx512vl",
};
static const char *const leaf_8_edx[32] = {
	[11] = "syscall", [20] = "nx", [26] = "pdpe1gb", [27] = "rdtscp", [29] = "lm",
};
static const char *const leaf_8_ecx[32] = { [0] = "lahf_lm", [5] = "abm", [8] = "3dnowprefetch" };

static void text_features(struct text *t, const char *const names[32], unsigned bits)
{
	for (int i = 0; i < 32; i++)
		if (bits >> i & 1 && names[i] && *names[i])
			text_add(t, " %s", names[i]);
}

static void text_flags(struct text *t)
{
	unsigned a, b, c, d;

	text_add(t, "flags\t\t:");
	if (__get_cpuid(1, &a, &b, &c, &d)) {
		text_features(t, leaf_1_edx, d);
		text_features(t, leaf_1_ecx, c);
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d)) {
		text_features(t, leaf_8_edx, d);
		text_features(t, leaf_8_ecx, c);
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		text_features(t, leaf_7_ebx, b);
	text_add(t, "\n");
}

/* The name that the CPU has for itself, without the blanks before it. */
static void model_name(char name[49])
{
	unsigned *words = (unsigned *)name;
	size_t blanks = 0;

	memset(name, 0, 49);
	for (unsigned i = 0; i < 3; i++)
		__get_cpuid(0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
	while (name[blanks] == ' ')
		blanks++;
	memmove(name, name + blanks, 49 - blanks);
}

static unsigned tsc_mhz(void)
{
	uint64_t before = __builtin_ia32_rdtsc(), ns = clock_of(before + 1000000000) - clock_of(before);

	return ns ? (unsigned)(1000000000000 / ns) : 0;
}

void text_cpuinfo(struct text *t, struct proc *p)
{
	_Alignas(16) char name[49];
	unsigned a = 0, b = 0, c = 0, d = 0, vendor[4] = { 0 }, most = 0, family, model, mhz = tsc_mhz();

	(void)p;
	__get_cpuid(0, &most, &vendor[0], &vendor[2], &vendor[1]);
	__get_cpuid(1, &a, &b, &c, &d);
	family = (a >> 8 & 15) + (a >> 20 & 255);
	model = (a >> 4 & 15) + (a >> 12 & 0xf0);
	model_name(name);
	text_add(t, "processor\t: 0\nvendor_id\t: %.12s\ncpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\nstepping\t: %u\n",
		 (const char *)vendor, family, model, name, a & 15);
	text_add(t, "cpu MHz\t\t: %u.%03u\nphysical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n", mhz, 0);
	text_add(t, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n", most);
	text_flags(t);
	text_add(t, "bogomips\t: %u.%02u\nclflush size\t: %u\ncache_alignment\t: %u\n\n", 2 * mhz, 0, (b >> 8 & 255) * 8,
		 (b >> 8 & 255) * 8);
}

/* ---- Memory, time, load ------------------------------------------------- */

void text_meminfo(struct text *t, struct proc *p)
{
	uint64_t total = machine_info.memory / 1024, used = phys_pages_used() * PAGE_SIZE / 1024;
	uint64_t unused = used < total ? total - used : 0;

	(void)p;
	text_add(t, "MemTotal:       %8lu kB\nMemFree:        %8lu kB\nMemAvailable:   %8lu kB\n", total, unused, unused);
	text_add(t, "Buffers:        %8d kB\nCached:         %8d kB\nSwapCached:     %8d kB\n", 0, 0, 0);
	text_add(t, "SwapTotal:      %8d kB\nSwapFree:       %8d kB\nShmem:          %8d kB\nSReclaimable:   %8d kB\n", 0, 0, 0, 0);
	text_add(t, "Hugepagesize:       2048 kB\n");
}

struct counts { unsigned runnable, blocked, all; int last; };

static struct counts count(void)
{
	struct counts c = { 0, 0, 0, 0 };

	for (const struct proc *p = proc_list; p; p = p->next) {
		c.all++;
		for (const struct thread *t = p->threads; t; t = t->sibling)
			c.runnable += t->state == READY || t->state == RUNNING;
		c.last = p->pid > c.last ? p->pid : c.last;
	}
	c.blocked = c.all - c.runnable;
	return c;
}

void text_loadavg(struct text *t, struct proc *p)
{
	struct counts c = count();

	(void)p;
	text_add(t, "0.00 0.00 0.00 %u/%u %d\n", c.runnable, c.all, c.last);
}

void text_uptime(struct text *t, struct proc *p)
{
	uint64_t hundredths = clock_now() / TICK;

	(void)p;
	text_add(t, "%lu.%02lu 0.00\n", hundredths / 100, hundredths % 100);
}

void text_system_stat(struct text *t, struct proc *p)
{
	uint64_t up = clock_now(), busy = up / TICK;
	struct counts c = count();
	struct timespec now;

	(void)p;
	host_clock(CLOCK_REALTIME, &now);
	text_add(t, "cpu  %lu 0 0 0 0 0 0 0 0 0\ncpu0 %lu 0 0 0 0 0 0 0 0 0\nctxt %lu\n", busy, busy, sched_stats.switches);
	text_add(t, "btime %lu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n", (uint64_t)now.tv_sec - up / 1000000000, c.last,
		 c.runnable);
}

/* ---- Names -------------------------------------------------------------- */

static struct utsname name(void)
{
	struct utsname n;

	host_uname(&n);
	return n;
}

void text_version(struct text *t, struct proc *p)
{
	struct utsname n = name();

	(void)p;
	text_add(t, "%s version %s (uos) %s\n", n.sysname, n.release, n.version);
}

void text_hostname(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "%s\n", name().nodename);
}

void text_domainname(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "%s\n", name().domainname);
}

void text_osrelease(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "%s\n", name().release);
}

void text_ostype(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "%s\n", name().sysname);
}

void text_kernel_version(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "%s\n", name().version);
}

void text_filesystems(struct text *t, struct proc *p)
{
	(void)p;
	text_add(t, "nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\n\text4\n");
}

static void text_random(struct text *t, const uint8_t bytes[16])
{
	for (int i = 0; i < 16; i++)
		text_add(t, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	text_add(t, "\n");
}

static void new_uuid(uint8_t bytes[16])
{
	host_random(bytes, 16);
	bytes[6] = (uint8_t)((bytes[6] & 15) | 0x40); /* RFC 4122: version 4 */
	bytes[8] = (uint8_t)((bytes[8] & 63) | 0x80);
}

void text_uuid(struct text *t, struct proc *p)
{
	uint8_t bytes[16];

	(void)p;
	new_uuid(bytes);
	text_random(t, bytes);
}

void text_boot_id(struct text *t, struct proc *p)
{
	static uint8_t bytes[16];

	(void)p;
	if (!bytes[6]) /* never, once it is made */
		new_uuid(bytes);
	text_random(t, bytes);
}
