/* What `uos bench` measures. docs/bench.md says what each row includes. */
#include "bench.h"

const struct bench_what bench_whats[] = {
	{ "switch", "one switch, ns", "sched_yield, processes", false },
	{ "trap", "one call, ns", "null call, Linux", false },
	{ "preempt", "last instruction of one program to the first of the next", "two Linux threads", false },
	{ "spawn", "create, run, exit, wait; ns", "posix_spawn + wait", false },
	{ "timer", "share of the time that two computing programs lose", "timer signal, one program, Linux, 1 ms", false },
	{ "scale", "one switch in a ring of N processes, ns", "Linux processes, N = 10", false },
	{ BENCH_WORK, "whole programs on one CPU, ms", NULL, true },
};
const int bench_what_count = sizeof bench_whats / sizeof *bench_whats;

#define COOP_NONE "@ -m coop --protect=none "
#define COOP_KEYS "@ -m coop --protect=keys "
#define ASM "--switch=asm"
#define SWAPCONTEXT "--switch=ucontext"
#define LEVEL(name) .level = name
#define KEYS LEVEL("keys")
#define PERCENT .unit = BENCH_PERCENT
#define ITEM(of, called, runs, ...) { .what = of, .name = called, .command = runs, __VA_ARGS__ }
/* Guests work in batches of about a millisecond: so many calls or laps, 15 or 31 batches, so many processes. */
#define CALL(how) .guest = "./call " how, .copies = 1
#define GUEST(line) .guest = line, .copies = 1 /* a program that measures itself as on Linux */
/* The same program on Linux, and as a guest at the default level. */
#define WORK(called, job)                                                                                              \
	ITEM(BENCH_WORK, called ", Linux", "./work " job " linux", .unit = BENCH_MS, .against = called ", Linux"),     \
	ITEM(BENCH_WORK, called ", uos", "./work " job " uos @", .unit = BENCH_MS, .against = called ", Linux")
/* What a level costs. */
#define AT(called, job, name, ...)                                                                                     \
	ITEM(BENCH_WORK, called ", uos, " name, "./work " job " uos @ --protect=" name, .unit = BENCH_MS,              \
	     .against = called ", uos, none", __VA_ARGS__)
#define RING(laps, n) .guest = "./ring " #laps " 31 " #n, .copies = n

const struct bench_item bench_items[] = {
	ITEM("switch", "swtch, depth 1, same caller", "./switches same 1"),
	ITEM("switch", "swtch, depth 1, callers differing", "./switches differing 1"),
	ITEM("switch", "swtch, depth 4, same caller", "./switches same 4"),
	ITEM("switch", "swtch, depth 4, callers differing", "./switches differing 4"),
	ITEM("switch", "swapcontext, bare", "./switches swapcontext"),
	ITEM("switch", "swapcontext, bare, dispatch on", "./switches dispatched"),
	ITEM("switch", "uos context_switch, asm", "./machine asm"),
	ITEM("switch", "uos context_switch, swapcontext", "./machine ucontext"),
	ITEM("switch", "guest yield, asm, none", COOP_NONE ASM, RING(1500, 2)),
	ITEM("switch", "guest yield, swapcontext, none", COOP_NONE SWAPCONTEXT, RING(1500, 2)),
	ITEM("switch", "guest yield, asm, keys", COOP_KEYS ASM, RING(1500, 2), KEYS),
	ITEM("switch", "guest yield, swapcontext, keys", COOP_KEYS SWAPCONTEXT, RING(1500, 2), KEYS),
	ITEM("switch", "State Threads, condition variable", "./peer_st"),
	ITEM("switch", "GNU Pth, pth_yield", "./peer_pth"),
	ITEM("switch", "sched_yield, threads", "./pingpong yield threads"),
	ITEM("switch", "sched_yield, processes", "./pingpong yield processes"),
	ITEM("switch", "futex, threads, one way", "./pingpong futex threads"),
	ITEM("switch", "futex, processes, one way", "./pingpong futex processes"),
	ITEM("switch", "pipe, processes, one way", "./pingpong pipe processes"),

	ITEM("switch", "futex, threads of a guest, one way", COOP_NONE ASM, GUEST("./pingpong futex threads")),
	ITEM("switch", "pipe, threads of a guest, one way", COOP_NONE ASM, GUEST("./pingpong pipe threads")),
	ITEM("switch", "pipe, guest and its child, one way", COOP_NONE ASM, GUEST("./pingpong pipe processes")),
	ITEM("switch", "64 KiB through a pipe, processes", "./pingpong stream processes"),
	ITEM("switch", "64 KiB through a pipe, threads of a guest", COOP_NONE ASM, GUEST("./pingpong stream threads")),

	ITEM("trap", "direct call", "./calls direct"),
	ITEM("trap", "indirect call, same callee", "./calls indirect same"),
	ITEM("trap", "indirect call, callees differing", "./calls indirect differing"),
	ITEM("trap", "table call, same number", "./calls table same"),
	ITEM("trap", "table call, numbers differing", "./calls table differing"),
	ITEM("trap", "gate, none", COOP_NONE, CALL("gate 20000 15")),
	ITEM("trap", "gate, none, no ring compiled in", "./uos-no-ring -m coop --protect=none", CALL("gate 20000 15")),
	ITEM("trap", "gate, none, traced", COOP_NONE "-t lde:/dev/null --first=1", CALL("gate 20000 15 600000")),
	ITEM("trap", "gate, keys", COOP_KEYS, CALL("gate 10000 15"), KEYS),
	ITEM("trap", "gate, full", "@ -m coop --protect=full ", CALL("gate 10000 15"), LEVEL("full")),
	ITEM("trap", "gate, keys, no ring compiled in", "./uos-no-ring -m coop --protect=keys", CALL("gate 10000 15"), KEYS),
	ITEM("trap", "gate, keys, traced", COOP_KEYS "-t lde:/dev/null --first=1", CALL("gate 10000 15 600000"), KEYS),
	ITEM("trap", "syscall instruction, rewritten, uos, none", COOP_NONE, CALL("syscall 20000 15 1000")),
	ITEM("trap", "syscall instruction, rewritten, uos, keys", COOP_KEYS, CALL("syscall 10000 15 1000"), KEYS),
	ITEM("trap", "syscall instruction (SIGSYS), uos, none", COOP_NONE "--rewrite=off", CALL("syscall 700 15")),
	ITEM("trap", "syscall instruction (SIGSYS), uos, keys", COOP_KEYS "--rewrite=off", CALL("syscall 700 15"), KEYS),
	ITEM("trap", "null call, Linux", "./traps call"),
	ITEM("trap", "null call, Linux, dispatch on", "./traps dispatched"),
	ITEM("trap", "SIGSYS caught, sigreturn, Linux", "./traps sigsys"),
	ITEM("trap", "signal to self, sigreturn, Linux", "./traps signal"),

	ITEM("preempt", "uos, asm, 1 ms", "./preempt latency 150 uos @ --protect=none -q 1ms " ASM),
	ITEM("preempt", "uos, swapcontext, 1 ms", "./preempt latency 150 uos @ --protect=none -q 1ms " SWAPCONTEXT),
	ITEM("preempt", "uos, asm, 200 us", "./preempt latency 60 uos @ --protect=none -q 200us " ASM),
	ITEM("preempt", "uos, asm, 1 ms, keys", "./preempt latency 150 uos @ --protect=keys -q 1ms " ASM, KEYS),
	ITEM("preempt", "two Linux threads", "./preempt latency 300 linux"),
	ITEM("preempt", "timer signal, one program, Linux", "./preempt latency 150 alarm"),
	ITEM("preempt", "signal to self, sigreturn, Linux", "./traps signal"),

	ITEM("spawn", "uos, one more program: load, run, exit, reap", "./reborn @ --protect=none"),
	ITEM("spawn", "guest: posix_spawn + wait", COOP_NONE ASM, GUEST("./births spawn ./exit-linux")),
	ITEM("spawn", "guest: vfork + exec + wait", COOP_NONE ASM, GUEST("./births vfork ./exit-linux")),
	ITEM("spawn", "guest: fork + exit + wait", COOP_NONE ASM, GUEST("./births fork")),
	ITEM("spawn", "guest: pthread_create + join", COOP_NONE ASM, GUEST("./births pthread")),
	ITEM("spawn", "posix_spawn + wait", "./births spawn ./exit-linux"),
	ITEM("spawn", "vfork + exec + wait", "./births vfork ./exit-linux"),
	ITEM("spawn", "fork + exit + wait", "./births fork"),
	ITEM("spawn", "pthread_create + join", "./births pthread"),

	ITEM("timer", "uos, 10 ms", "./preempt lost 300 uos @ --protect=none -q 10ms", PERCENT),
	ITEM("timer", "uos, 1 ms", "./preempt lost 200 uos @ --protect=none -q 1ms", PERCENT),
	ITEM("timer", "uos, 100 us", "./preempt lost 100 uos @ --protect=none -q 100us", PERCENT),
	ITEM("timer", "timer signal, one program, Linux, 1 ms", "./preempt lost 200 alarm", PERCENT),
	ITEM("timer", "Linux, two threads", "./preempt lost 300 linux", PERCENT),
	ITEM("timer", "Linux, one thread", "./preempt lost 200 alone", PERCENT),

	ITEM("scale", "uos, asm, N = 2", COOP_NONE ASM, RING(1500, 2)),
	ITEM("scale", "uos, asm, N = 10", COOP_NONE ASM, RING(300, 10)),
	ITEM("scale", "uos, asm, N = 100", COOP_NONE ASM, RING(30, 100)),
	ITEM("scale", "uos, asm, N = 1000", COOP_NONE ASM, .guest = "./ring 2 31 1000 10", .copies = 1000), /* larger than the caches; who fills the last, which all share, makes it dearer */
	ITEM("scale", "uos, swapcontext, N = 2", COOP_NONE SWAPCONTEXT, RING(1000, 2)),
	ITEM("scale", "uos, swapcontext, N = 10", COOP_NONE SWAPCONTEXT, RING(200, 10)),
	ITEM("scale", "uos, swapcontext, N = 100", COOP_NONE SWAPCONTEXT, RING(20, 100)),
	ITEM("scale", "uos, asm, keys, N = 10", COOP_KEYS ASM, RING(200, 10), KEYS),
	ITEM("scale", "uos, asm, keys, N = 32: each switch remaps", COOP_KEYS ASM, RING(1, 32), KEYS),
	ITEM("scale", "Linux processes, N = 2", "./pingpong yield processes 2"),
	ITEM("scale", "Linux processes, N = 10", "./pingpong yield processes 10"),
	ITEM("scale", "Linux processes, N = 100", "./pingpong yield processes 100"),

	WORK("xz -0 of 100 MB", "xz"),
	WORK("xz -d to 100 MB", "unxz"),
	WORK("sort --parallel=4 of 100 MB", "sort"),
	WORK("awk | sort | uniq -c over 100 MB", "count"),
	WORK("perl: 300 fork and wait", "forks"),
	WORK("make -j4 of 12 files", "make"),
	WORK("awk, computing", "compute"),
	AT("make -j4 of 12 files", "make", "none"),
	AT("make -j4 of 12 files", "make", "keys", KEYS),
	AT("make -j4 of 12 files", "make", "full", LEVEL("full")),
	AT("awk, computing", "compute", "none"),
	AT("awk, computing", "compute", "keys", KEYS),
	AT("awk, computing", "compute", "full", LEVEL("full")),
};
const int bench_item_count = sizeof bench_items / sizeof *bench_items;
