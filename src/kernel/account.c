/*
 * Time is cut at every change of mode, thread or idleness, by the TSC; each
 * piece is somebody's. But the TSC runs on while the host runs others, and
 * while it has put us to sleep (for its disk, for its memory). So a piece that
 * is long enough to hide that gives up what the host counts as stolen, and
 * what is in none of its counts we slept: that is idle. Compiled without
 * vector registers: runs at every trap.
 */
#include "kernel/account.h"

/*
 * The host preempts for longer than this, almost always; and to ask it after
 * each such piece costs under 2 %. What a shorter one hides, the next long one
 * gives up: the sum is right all the same.
 */
#define LONG_NS 100000
#define SLEEP_NS 20000 /* less is the clocks' disagreement */
#define SLEEP_PART 5000 /* as is less than this part: the TSC's calibration */

bool account_on;
static struct usage of_boot; /* before there is a current process */
static struct usage total;   /* all processes' together */
static uint64_t idle;
/* All begin at 0 as the machine's clock and the host's counts do: booting is kernel time. */
static uint64_t since;           /* where the present piece began */
static uint64_t asked, cpu_then; /* when the host was last asked, and our CPU time then */
static uint64_t stolen_seen;     /* of the host's count, what pieces have given up */

/* Of the piece that ends now, the part in which we ran. */
static uint64_t ask_host(uint64_t length)
{
	uint64_t stolen = host_stolen() - stolen_seen, cpu = host_thread_cpu();
	uint64_t elapsed = since - asked, known = cpu - cpu_then + stolen, asleep;

	if (stolen > length)
		stolen = length;
	stolen_seen += stolen;
	length -= stolen;
	asleep = elapsed > known ? elapsed - known : 0;
	if (asleep > length)
		asleep = length;
	if (asleep < SLEEP_NS || asleep < elapsed / SLEEP_PART)
		asleep = 0;
	idle += asleep;
	asked = since;
	cpu_then = cpu;
	return length - asleep;
}

static uint64_t piece(void)
{
	uint64_t now = clock_now(), length = now - since;

	since = now;
	return length < LONG_NS ? length : ask_host(length);
}

static void add_kernel(uint64_t length)
{
	struct usage *u = current ? &current->proc->usage : &of_boot;

	u->kernel += length;
	total.kernel += length;
}

void account_enter(void)
{
	uint64_t length = account_on ? piece() : 0;

	current->proc->usage.user += length;
	total.user += length;
}

void account_leave(void)
{
	if (account_on)
		add_kernel(piece());
}

/* Going to sleep and waking up took the host's CPU time, and is our kernel's. */
void account_idle(void)
{
	uint64_t length = clock_now() - since;

	since += length;
	if (account_on)
		add_kernel(ask_host(length));
}

void account_add_stats(struct kernel_stats *s)
{
	struct host_times host = host_times();

	account_leave();
	s->user = total.user;
	s->kernel = total.kernel;
	s->idle = idle;
	s->stolen = host_stolen();
	s->elapsed = host.elapsed;
	s->host_cpu = host.cpu;
}
