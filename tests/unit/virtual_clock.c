/* The mechanism of scheduling on a virtual clock: src/kernel/sched.c without a machine. */
#include <check.h>
#include <string.h>

#include "virtual_clock.h"

#define SPANS 200000

struct span history[SPANS];
int spans, ticks, continued;

static const struct machine *machine;
static const struct uos_policy *policy;
static struct job *jobs, *running;
static int count, runnable;
static uint64_t now, slice_end, random_state = 1;

void chance_start(uint64_t seed)
{
	random_state = seed * 2654435761u + 1;
}

uint64_t chance(uint64_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % n;
}

static struct job *job_of(struct uos_thread *t)
{
	for (int i = 0; i < count; i++)
		if (&jobs[i].thread == t)
			return &jobs[i];
	ck_abort_msg("%s picked what is no thread", policy->name);
	return NULL;
}

static void begin_slice(void)
{
	uint64_t length = policy->slice ? policy->slice(&running->thread) : machine->quantum;

	if (!length && !machine->coop)
		ck_abort_msg("%s gives a slice of nothing", policy->name);
	slice_end = length == UOS_NO_LIMIT || machine->coop ? NEVER : now + length;
	if (slice_end != NEVER && machine->late)
		slice_end += chance(machine->late + 1);
}

static void pick(void)
{
	struct uos_thread *t = policy->pick_next(now);
	struct job *previous = running;

	if (!t != !runnable)
		ck_abort_msg("%s picked %s while %d are runnable", policy->name, t ? "one" : "none", runnable);
	running = t ? job_of(t) : NULL;
	if (!running)
		return;
	if (!running->runnable)
		ck_abort_msg("%s picked one that waits", policy->name);
	if (running != previous) {
		if (previous && previous->runnable)
			previous->since = now;
		if (now - running->since > running->longest_wait)
			running->longest_wait = now - running->since;
	}
	if (running->first_run == NEVER)
		running->first_run = now;
	begin_slice();
}

/* Whoever's time has come; whether one of them is not to wait. */
static bool wake_due(void)
{
	bool preempt = false;

	for (int i = 0; i < count; i++) {
		struct job *j = &jobs[i];

		if (j->wake_at > now)
			continue;
		j->wake_at = NEVER;
		j->since = now;
		j->runnable = true;
		runnable++;
		policy->enqueue(&j->thread, now);
		if (running && !machine->coop && policy->wakeup && policy->wakeup(&running->thread, &j->thread, now))
			preempt = true;
	}
	return preempt;
}

/* The running one's burst is over: it ends, waits, or yields. */
static void burst_over(void)
{
	struct job *j = running;

	j->burst = j->run;
	if (j->yields && j->thread.ran < j->length) {
		policy->yield(&j->thread, now);
		return;
	}
	policy->dequeue(&j->thread, now);
	j->runnable = false;
	runnable--;
	running = NULL;
	if (j->thread.ran == j->length) {
		j->completion = now;
		memset(&j->thread, 0xa5, sizeof(j->thread)); /* nobody's any more */
	} else {
		j->wake_at = now + j->wait;
	}
}

/* How long the running one goes on without the kernel, if nobody comes. */
static uint64_t stretch(void)
{
	uint64_t left = running->length - running->thread.ran;

	return running->run && running->burst < left ? running->burst : left;
}

static uint64_t next_event(void)
{
	uint64_t at = machine->until ? machine->until : NEVER;

	for (int i = 0; i < count; i++)
		if (jobs[i].wake_at < at)
			at = jobs[i].wake_at;
	if (running && running->length != NEVER && now + stretch() < at)
		at = now + stretch();
	else if (running && running->run && now + running->burst < at)
		at = now + running->burst;
	if (running && runnable > 1 && slice_end < at)
		at = slice_end > now ? slice_end : now;
	return at;
}

static void run_until(uint64_t at)
{
	if (running && at > now) {
		int who = (int)(running - jobs);

		if (!spans || history[spans - 1].who != who || history[spans - 1].to != now) {
			if (spans == SPANS)
				ck_abort_msg("the history is full");
			history[spans++] = (struct span){who, now, at};
		}
		history[spans - 1].to = at;
		running->thread.ran += at - now;
		running->burst -= running->run ? at - now : 0;
	}
	now = at;
	if (machine->watch)
		machine->watch(jobs, count, now);
}

/* One event. A burst that ends at the very time of another event ends first. */
static void step(void)
{
	bool choose = !running;

	if (running && !stretch()) {
		burst_over();
		choose = true;
	}
	if (wake_due())
		choose = true;
	if (!choose && runnable > 1 && now >= slice_end) {
		ticks++;
		choose = policy->tick(&running->thread, now);
		continued += !choose;
		if (!choose)
			begin_slice();
	}
	if (choose)
		pick();
}

static void start(const struct machine *m, struct job *j, int n)
{
	machine = m;
	policy = m->policy;
	jobs = j;
	count = n;
	running = NULL;
	now = spans = ticks = continued = runnable = 0;
	for (int i = 0; i < n; i++) {
		j[i].wake_at = j[i].arrival;
		j[i].burst = j[i].run;
		j[i].first_run = j[i].completion = NEVER;
		j[i].longest_wait = 0;
		j[i].runnable = false;
		j[i].thread.pid = i + 2;
		j[i].thread.ran = 0;
		j[i].thread.next = j[i].thread.prev = NULL;
		memset(j[i].thread.own, 0, sizeof(j[i].thread.own));
		if (!j[i].thread.weight)
			j[i].thread.weight = 1;
	}
	policy->start(m->quantum, m->seed);
}

void simulate(const struct machine *m, struct job *j, int n)
{
	start(m, j, n);
	for (;;) {
		uint64_t at;

		step();
		at = next_event();
		if (at == NEVER)
			break;
		run_until(at);
		if (m->until && now >= m->until)
			break;
	}
	for (int i = 0; i < n; i++)
		if (j[i].runnable && &j[i] != running && now - j[i].since > j[i].longest_wait)
			j[i].longest_wait = now - j[i].since;
	ck_assert_msg(m->until || !runnable, "%s forgot somebody", policy->name);
}

/* ---- Options ---------------------------------------------------------- */

static const struct uos_option *find(const struct uos_policy *p, const char *key)
{
	for (const struct uos_option *o = p->options; o && o->key; o++)
		if (!strcmp(o->key, key))
			return o;
	ck_abort_msg("%s has no option %s", p->name, key);
	return NULL;
}

void option(const struct uos_policy *p, const char *key, uint64_t value)
{
	const struct uos_option *o = find(p, key);

	ck_assert(o->kind == UOS_NUMBER || o->kind == UOS_TIME);
	ck_assert(value >= o->least && value <= o->most);
	*o->value = value;
}

void option_each(const struct uos_policy *p, const char *key, struct job *j, int n, const uint64_t *values)
{
	const struct uos_option *o = find(p, key);

	ck_assert(o->kind == UOS_NUMBERS || o->kind == UOS_TIMES);
	for (int i = 0; i < n; i++) {
		ck_assert(values[i] >= o->least && values[i] <= o->most);
		*(uint64_t *)((char *)&j[i].thread + o->member) = values[i];
	}
}

/* ---- What came of it -------------------------------------------------- */

uint64_t mean_turnaround(const struct job *j, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += j[i].completion - j[i].arrival;
	return sum / (uint64_t)n;
}

uint64_t mean_response(const struct job *j, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += j[i].first_run - j[i].arrival;
	return sum / (uint64_t)n;
}

uint64_t had_cpu(int who, uint64_t from, uint64_t to)
{
	uint64_t sum = 0;

	for (int i = 0; i < spans; i++) {
		uint64_t a = history[i].from > from ? history[i].from : from, b = history[i].to < to ? history[i].to : to;

		if (history[i].who == who && a < b)
			sum += b - a;
	}
	return sum;
}

const char *picture(uint64_t unit, int n)
{
	static char text[10000];

	ck_assert_int_lt(n, (int)sizeof(text));
	for (int i = 0; i < n; i++) {
		uint64_t from = (uint64_t)i * unit, idle = unit;

		text[i] = '?';
		for (int who = 0; who < count; who++) {
			idle -= had_cpu(who, from, from + unit);
			if (had_cpu(who, from, from + unit) == unit)
				text[i] = (char)('A' + who);
		}
		if (idle == unit)
			text[i] = '-';
	}
	text[n] = 0;
	return text;
}
