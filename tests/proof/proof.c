/*
 * proof PLAN STATUS UOS ARGS...: is every instruction of the ways in and out a fit place for an interrupt?
 *
 * Runs UOS with its guests under ptrace. For each line of PLAN ("gate way_out+12 1a2b": scenario, name, offset in the
 * file) it waits until the scenario's entry, then until that very instruction is about to run, and injects a SIGALRM
 * there. The guests check all their registers all the time and say so with their status, which must be STATUS in the
 * end. Prints each instruction that was hit; PLAN's lines that were not are the failure.
 *
 * Only hardware breakpoints: the text stays as it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define GUEST_LOW 0x100000000000ul
#define GUEST_HIGH 0x300000000000ul
#define STOPS_MAX 30000 /* signals passed on while waiting for a breakpoint */
#define PASSES_MAX 3000 /* tries before an instruction counts as out of reach */

enum scenario { GATE, SIGSYS_IN, TICK, NESTED, STEP, SCENARIOS };
static const char *const scenario_names[] = { "gate", "sigsys", "tick", "nested", "step" };

struct target {
	enum scenario scenario;
	char name[64];
	uint64_t offset;
};

static struct target targets[4096];
static int target_count;
static struct {
	uint64_t gate_open, signal_in_start, way_out, way_out_jump, way_out_step, cpu_scratch;
} at; /* in the running uos */
static pid_t uos;
static int status;

static void give_up(const char *why)
{
	printf("proof: %s\n", why);
	fflush(stdout);
	kill(uos, SIGKILL);
	exit(1);
}

static void timed_out(int sig)
{
	(void)sig;
	give_up("nothing happened for a long time: uos hangs");
}

static struct user_regs_struct registers(void)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, uos, 0, &r) != 0)
		give_up("registers cannot be read");
	return r;
}

static uint64_t peek(uint64_t address)
{
	uint64_t word = 0;
	struct iovec local = { &word, sizeof word }, remote = { (void *)address, sizeof word };

	if (process_vm_readv(uos, &local, 1, &remote, 1, 0) != sizeof word)
		give_up("memory cannot be read");
	return word;
}

static void debug_register(int n, uint64_t value)
{
	if (ptrace(PTRACE_POKEUSER, uos, offsetof(struct user, u_debugreg) + 8 * (size_t)n, value) != 0)
		give_up("no hardware breakpoints here");
}

/* Breakpoints at a and b (0: none), and nowhere else. */
static void breakpoints(uint64_t a, uint64_t b)
{
	debug_register(7, 0);
	if (a)
		debug_register(0, a);
	if (b)
		debug_register(1, b);
	debug_register(7, (a ? 1u : 0) | (b ? 4u : 0));
}

static void resume(int sig)
{
	if (ptrace(PTRACE_CONT, uos, 0, sig) != 0)
		give_up("it cannot be continued");
}

/* The next stop; returns the signal, 0 for one of our breakpoints. Exits if uos did. */
static int next_stop(void)
{
	siginfo_t info;

	alarm(20);
	if (waitpid(uos, &status, 0) != uos)
		give_up("lost it");
	alarm(0);
	if (!WIFSTOPPED(status)) {
		printf("proof: uos ended in the middle, status %x\n", status);
		exit(1);
	}
	if (WSTOPSIG(status) == SIGTRAP && ptrace(PTRACE_GETSIGINFO, uos, 0, &info) == 0 && info.si_code == TRAP_HWBKPT)
		return 0;
	return WSTOPSIG(status);
}

static bool held; /* a tick of the timer's that was kept back */

/*
 * Runs on, passing its signals on, until a breakpoint; where that was. Without ticks: a tick stays with us, unless a
 * host call may be waiting for it. We are slow, so one would come on most ways, and a frame that has been switched away
 * from has its vector registers saved: what an interrupt does to live ones would not be seen.
 */
static uint64_t run(bool ticks)
{
	int sig = 0, stops = 0;

	do {
		if (stops++ > STOPS_MAX)
			give_up("the guests go on, but never where they are awaited");
		if (sig == SIGALRM && !ticks && (long)registers().orig_rax < 0) {
			held = true;
			sig = 0;
		}
		resume(sig);
	} while ((sig = next_stop()) != 0);
	return registers().rip;
}

/* At signal_in's first instruction: is it `sig`, and was a guest interrupted? (Or, for nested, signal_in itself.) */
static bool entered_by(int sig, uint64_t low, uint64_t high)
{
	struct user_regs_struct r = registers();
	uint64_t rip;

	if ((int)r.rdi != sig)
		return false;
	rip = peek(r.rdx + offsetof(ucontext_t, uc_mcontext.gregs) + 8 * REG_RIP);
	return rip >= low && rip < high;
}

static void send_tick(void)
{
	if (kill(uos, SIGALRM) != 0)
		give_up("no signal could be sent");
}

static void inject(uint64_t where)
{
	int sig;

	breakpoints(0, 0);
	send_tick();
	resume(0);
	while ((sig = next_stop()) != SIGALRM)
		resume(sig);
	if (registers().rip != where)
		give_up("the signal did not come where it should");
	/* delivered by the next resume: leave it to that */
	breakpoints(at.signal_in_start, 0);
	resume(SIGALRM);
	while ((sig = next_stop()) != 0)
		resume(sig);
}

/*
 * A tick that finds a guest, at its first instruction after a way out: sent by
 * us, because the timer's own would mostly come while we look on.
 */
static bool tick_in_guest(void)
{
	int sig;

	breakpoints(at.way_out_jump, 0);
	run(true);
	breakpoints(at.signal_in_start, 0);
	if (ptrace(PTRACE_SINGLESTEP, uos, 0, 0) != 0)
		give_up("it cannot be stepped");
	sig = next_stop();
	if (sig == SIGTRAP)
		inject(registers().rip);
	while (sig && sig != SIGTRAP) { /* a signal came first: up to where it enters */
		resume(sig);
		sig = next_stop();
	}
	return entered_by(SIGALRM, GUEST_LOW, GUEST_HIGH);
}

static void enter(enum scenario s)
{
	uint64_t entry = s == GATE ? at.gate_open : s == STEP ? at.way_out_step : at.signal_in_start;

	for (int entries = 0;; entries++) {
		if (entries > STOPS_MAX)
			give_up("the guests go on, but never enter as awaited: is one of two dead?");
		if (s == TICK || s == NESTED) {
			if (tick_in_guest())
				break;
			continue;
		}
		breakpoints(entry, 0);
		run(true);
		if (s != SIGSYS_IN || entered_by(SIGSYS, GUEST_LOW, GUEST_HIGH))
			return;
	}
	if (s == TICK)
		return;
	inject(at.signal_in_start);
	if (!entered_by(SIGALRM, at.signal_in_start, at.signal_in_start + 1))
		give_up("the second signal did not nest");
}

/* As another thread of the same address space might, while this one waits for its turn. */
static void scribble_on(uint64_t slots)
{
	uint64_t junk[3] = { 0xdead, 0xdead, 0xdead };
	struct iovec local = { junk, sizeof junk }, remote = { (void *)slots, sizeof junk };

	if (process_vm_writev(uos, &local, 1, &remote, 1, 0) != sizeof junk)
		give_up("the scratch slots cannot be written");
}

static bool hit(const struct target *t, uint64_t base)
{
	uint64_t where = t->offset + base;
	bool enters = t->scenario == GATE && where <= at.gate_open; /* run by whoever comes by the gate, and by nobody else */
	uint64_t end = enters || where == at.way_out_jump ? 0 : at.way_out_jump, slots;

	for (int pass = 0; pass < PASSES_MAX; pass++) {
		uint64_t rip;

		if (!enters) {
			enter(t->scenario);
			if (registers().rip == where)
				goto here;
		}
		breakpoints(where, end);
		rip = run(enters);
		if (rip == where)
			goto here;
		if (held)
			send_tick();
		held = false;
	}
	return false;
here:
	held = false; /* as the host merges two into one */
	slots = peek(at.cpu_scratch);
	inject(where);
	breakpoints(at.way_out, 0);
	run(true); /* the interrupted guest's frame is whole: its slots are free */
	scribble_on(slots);
	return true;
}

static void read_plan(const char *path, uint64_t *base_symbols)
{
	char line[256], scenario[32], name[64];
	uint64_t offset;
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof line, f)) {
		struct target *t = &targets[target_count];

		if (sscanf(line, "%31s %63s %lx", scenario, name, &offset) != 3)
			give_up("a line of the plan is not understood");
		if (!strcmp(scenario, "symbol")) {
			static const char *const names[] = { "gate_open", "signal_in_start", "way_out", "way_out_jump",
							     "way_out_step", "cpu_scratch" };

			for (size_t i = 0; i < sizeof names / sizeof *names; i++)
				if (!strcmp(name, names[i]))
					base_symbols[i] = offset;
			continue;
		}
		for (int s = 0; s < SCENARIOS; s++)
			if (!strcmp(scenario, scenario_names[s]))
				t->scenario = (enum scenario)s;
		strcpy(t->name, name);
		t->offset = offset;
		target_count++;
	}
	if (!f || !target_count)
		give_up("no plan");
	fclose(f);
}

/* Where the file was mapped. */
static uint64_t find_base(const char *path)
{
	char maps[64], line[512], real[4096];
	uint64_t base = 0;
	FILE *f;

	snprintf(maps, sizeof maps, "/proc/%d/maps", uos);
	f = fopen(maps, "r");
	if (!f || !realpath(path, real))
		give_up("no maps");
	while (!base && fgets(line, sizeof line, f))
		if (strstr(line, real))
			base = strtoul(line, NULL, 16);
	fclose(f);
	return base;
}

static void start(char **argv, int input)
{
	uos = fork();
	if (uos == 0) {
		dup2(input, 0);
		dup2(2, 1); /* our own lines are counted; theirs must not break into them */
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(argv[0], argv);
		_exit(127);
	}
	if (waitpid(uos, &status, 0) != uos || !WIFSTOPPED(status))
		give_up("uos did not start");
	ptrace(PTRACE_SETOPTIONS, uos, 0, PTRACE_O_EXITKILL);
}

int main(int argc, char **argv)
{
	int input[2], missed = 0, sig = 0;
	uint64_t base;

	if (argc < 4)
		return 2;
	signal(SIGALRM, timed_out);
	if (pipe2(input, O_CLOEXEC) != 0)
		return 2;
	start(argv + 3, input[0]);
	close(input[0]);
	read_plan(argv[1], (uint64_t *)&at);
	base = find_base(argv[3]);
	for (size_t i = 0; i < sizeof at / sizeof(uint64_t); i++)
		((uint64_t *)&at)[i] += base;

	breakpoints(at.way_out, 0);
	run(true);
	for (int i = 0; i < target_count; i++) {
		bool was_hit = hit(&targets[i], base);

		printf("%s %s %s\n", was_hit ? "hit" : "MISSED", scenario_names[targets[i].scenario], targets[i].name);
		missed += !was_hit;
	}
	breakpoints(0, 0);
	close(input[1]); /* the guests may end now */
	for (;;) {
		resume(sig);
		alarm(60);
		if (waitpid(uos, &status, 0) != uos || !WIFSTOPPED(status))
			break;
		sig = WSTOPSIG(status);
	}
	printf("proof: uos ended with status %d, %d of %d missed\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, missed,
	       target_count);
	return missed || !WIFEXITED(status) || WEXITSTATUS(status) != atoi(argv[2]);
}
