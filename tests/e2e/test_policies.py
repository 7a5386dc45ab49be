#!/usr/bin/env python3
"""Policies on real programs: does each choose as its name says, and is a plug-in as good as our own, or to blame?"""

import json
import os
import re
import subprocess
import tempfile

from uos import PROGRAMS, ROOT, UOS, Skip, equal, guest, keys_missing, main, matrix, run, run_argv, test, ticks

POLICIES = ["rr", "fifo", "sjf", "stcf", "prio", "mlfq", "lottery", "stride", "fair"]


def finished(result):
    """The order in which the programs wrote their last words."""
    return [line[len("end "):] for line in result.lines if line.startswith("end ")]


def job(name, millions):
    return guest("phases", f"c{millions}", f"wend {name}")


def decisions(*args):
    """Pids in the order in which they got the CPU, by the trace."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.lde")
        result = run("-v", f"--trace=lde:{path}", *args)
        equal(result.status, 0, f"status of {result}")
        with open(path) as file:
            text = file.read()
    switches = re.findall(r"switch: regs\((\d+)\) to PCB\(\d+\), PCB\((\d+)\) to regs", text)
    return [int(switches[0][0])] + [int(new) for _, new in switches], text, result


@matrix("does every policy run real programs to their ends, in every mode, and lose nobody?")
def _(options):
    words = ["spin 1", "yield 3", "sleeper 20 3", "fib 20", "hello"]
    plain = sorted(run(*options, *words).lines)
    for policy in POLICIES:
        for mode in (["-m", "coop"], ["-q", "10ms"], ["-q", "200us"]):
            result = run(*options, "-v", *mode, "-s", policy, *words)
            equal((result.status, sorted(result.lines)), (0, plain), f"{policy} {mode}")
            ticks(result)
            assert f"policy {policy}" in result.stderr.decode(), str(result)
            assert "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries" in result.complaints, f"{policy}: {result}"


@matrix("is hello's first run at most the third decision in preempt, and after spin's end in coop?")
def _(options):
    order, text, _ = decisions(*options, "spin 1", "hello", "primes 5000")
    assert order.index(3) < 3, f"in preempt hello (pid 3) came late: {order[:10]}"
    order, text, _ = decisions(*options, "-m", "coop", "spin 1", "hello", "primes 5000")
    first_run = re.search(r"switch: regs\(\d+\) to PCB\(\d+\), PCB\(3\) to regs", text).start()
    assert text.index("free memory(2)") < first_run, f"in coop hello ran before spin's end: {order[:10]}"


@test("does the length decide under sjf and stcf, the order of arrival under fifo?")
def _():
    jobs = [job("long", 60), job("middle", 30), job("short", 10)]
    for policy, order in {"fifo": ["long", "middle", "short"], "sjf:lengths=60ms/30ms/10ms": ["short", "middle", "long"],
                          "stcf:lengths=60ms/30ms/10ms": ["short", "middle", "long"]}.items():
        for mode in ("coop", "preempt"):
            equal(finished(run("-m", mode, "-s", policy, *jobs)), order, f"{policy} in {mode}")


@test("does stcf interrupt a long job for a short one that wakes up, and sjf not?")
def _():
    words = [guest("phases", "c200", "wend long"), guest("phases", "s10", "c1", "wend short")]
    equal(finished(run("-s", "stcf:lengths=900ms/2ms", *words)), ["short", "long"], "stcf")
    equal(finished(run("-s", "sjf:lengths=900ms/2ms", *words)), ["long", "short"], "sjf: short slept, long had begun")


@test("does the most urgent run first and alone under prio, also when it wakes up?")
def _():
    jobs = [job("c", 20), job("a", 20), job("b", 20)]
    for mode in ("coop", "preempt"):
        equal(finished(run("-m", mode, "-s", "prio:priorities=3/1/2", *jobs)), ["a", "b", "c"], mode)
    late = [job("idle", 200), guest("phases", "s10", "c10", "wend urgent")]
    equal(finished(run("-q", "10s", "-s", "prio:priorities=5/1", *late)), ["urgent", "idle"], "an urgent one that woke up")


@test("does a tick let the running one continue under mlfq, and is that in the trace and the counts?")
def _():
    # The first drops to the bottom; then the second wakes up and is alone at the top for five quanta.
    words = [guest("phases", "c300"), guest("phases", "s50", "c60")]
    _, text, result = decisions("-s", "mlfq:quantum=2ms,allotment=10ms,boost=0us", *words)
    continued = ticks(result)[2]
    assert continued > 0, str(result)
    equal(text.count("tick: continue, the policy lets it go on"), continued, "rows")


@test("do tickets decide the shares: does who has ten times as many finish first, under lottery, stride and fair?")
def _():
    for policy in ("lottery:tickets=1/10", "stride:tickets=1/10", "fair:weights=1/10"):
        equal(finished(run("-q", "1ms", "-s", policy, job("poor", 100), job("rich", 100))), ["rich", "poor"], policy)


@test("is chance only the seed's: the same schedule for the same, another for another?")
def _():
    words = ["-m", "coop", "-s", "lottery"] + ["yield 5"] * 4
    runs = [run(f"--seed={seed}", *words).lines for seed in (1, 1, 2, 3)]
    assert runs[0] == runs[1], "the same seed, another schedule"
    assert len({tuple(lines) for lines in runs}) > 1, "the seed changes nothing"


@matrix("do 1,000 processes finish under rr, mlfq and fair, and do their statistics add up?", switches=("ucontext",))
def _(options):
    for policy in ("rr", "mlfq", "fair"):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "stats.json")
            result = run(*options, "-v", "-q", "1ms", "-s", policy, f"--stats=json:{path}", *["yield 2"] * 1000, timeout=300)
            with open(path) as file:
                data = json.load(file)
        equal((result.status, len(result.lines)), (0, 2000), f"{policy}: {shortened(result)}")
        assert "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries" in result.complaints, policy
        machine, processes = data["machine"], data["processes"]
        equal([p["state"] for p in processes], ["exited"] * 1000, policy)
        equal(sum(p["system_calls"] for p in processes), machine["system_calls"], f"{policy}: calls")
        equal(sum(p["user_ns"] for p in processes), machine["user_ns"], f"{policy}: user time")
        parts = sum(machine[key] for key in ("user_ns", "kernel_ns", "idle_ns", "stolen_ns"))
        assert abs(parts - machine["elapsed_ns"]) < 0.005 * machine["elapsed_ns"], f"{policy}: {machine}"
        for p in processes:
            equal(p["wait_ns"] + p["run_ns"], p["turnaround_ns"], f"{policy}: {p}")


def shortened(result):
    return result._replace(stdout=result.stdout[-300:], stderr=result.stderr[-300:])


# ---- Plug-ins ---------------------------------------------------------------

PLUG_IN = r"""
#include <uos/policy.h>
static struct uos_queue queue;
static void start(uint64_t quantum, uint64_t seed) { queue.head = queue.tail = 0; START; }
static void enqueue(struct uos_thread *t, uint64_t now) { ENQUEUE; }
static void dequeue(struct uos_thread *t, uint64_t now) { DEQUEUE; }
static struct uos_thread *pick_next(uint64_t now) { PICK; return queue.head; }
static bool tick(struct uos_thread *t, uint64_t now) { TICK; uos_queue_remove(&queue, t); uos_queue_append(&queue, t); return true; }
static void yield(struct uos_thread *t, uint64_t now) { tick(t, now); }
const struct uos_policy uos_policy = { .version = UOS_POLICY_VERSION, .name = "mine", .start = start,
	.enqueue = enqueue, .dequeue = dequeue, .pick_next = pick_next, .tick = tick, .yield = yield };
"""
WHOLE = {"START": "", "ENQUEUE": "uos_queue_append(&queue, t)", "DEQUEUE": "uos_queue_remove(&queue, t)", "PICK": "", "TICK": ""}


def build(directory, include, source, name="mine"):
    with open(os.path.join(directory, f"{name}.c"), "w") as file:
        file.write(source)
    path = os.path.join(directory, f"{name}.so")
    subprocess.run(["cc", "-O2", "-w", "-shared", "-fPIC", f"-I{include}", "-o", path, os.path.join(directory, f"{name}.c")], check=True)
    return path


def plug_in(directory, **parts):
    source = PLUG_IN
    for word, text in {**WHOLE, **parts}.items():
        source = source.replace(f"{word};", f"{text};")
    return build(directory, ROOT / "include", source)


@test("do slices of nothing, asked for by a plug-in, still let work be done; and is a constructor that exits refused?")
def _():
    with tempfile.TemporaryDirectory() as directory:
        source = PLUG_IN.replace(".yield = yield", ".yield = yield, .slice = none")
        source = source.replace("const struct uos_policy uos", "static uint64_t none(const struct uos_thread *t) { return 0; }\nconst struct uos_policy uos")
        for word, text in WHOLE.items():
            source = source.replace(f"{word};", f"{text};")
        result = run("--timeout=50s", "-s", build(directory, ROOT / "include", source), "spin 1", "hello")
        equal((result.status, sorted(result.lines)), (0, ["hello from pid 3", "spin 1/1"]), str(result))
        leave = "#include <stdlib.h>\n__attribute__((constructor)) static void leave(void) { exit(0); }\n"
        result = run("-s", build(directory, ROOT / "include", leave + source, "leaves"), "hello")
        equal((result.status, result.stdout), (125, b""), str(result))


@test("is a plug-in that holds the bytes of an instruction that opens memory refused at level full, and named?")
def _():
    with tempfile.TemporaryDirectory() as directory:
        if keys_missing():
            raise Skip(keys_missing())
        for tick, level, status in ((0, "full", 0), (0xef010f, "keys", 0), (0xef010f, "full", 125)):
            so = plug_in(directory, TICK=f"static volatile int number; number = {tick:#x}")
            result = run(f"--protect={level}", "-s", so, "hello")
            equal(result.status, status, f"at {level}: {result}")
            if status:
                opens = rf"at 0x[0-9a-f]+ in {re.escape(so)} are the bytes of WRPKRU"
                assert re.search(f"--protect=full: {opens}", result.stderr.decode()), str(result)
                best = run("-v", "-s", so, "hello")
                assert re.search(f"machine: protect keys, .*\n.*no better, because {opens}", best.stderr.decode()), str(best)


@test("is the plug-in in docs/ under 60 lines, and does it build and run outside the tree with what is installed, and nothing else?")
def _():
    source = (ROOT / "docs/least_ran.c").read_text()
    assert len(source.splitlines()) < 60, f"{len(source.splitlines())} lines"
    equal(re.findall(r"#include (.*)", source), ["<uos/policy.h>"], "what it includes")
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["meson", "install", "-C", os.path.dirname(UOS), "--no-rebuild", "--destdir", directory], check=True,
                       stdout=subprocess.DEVNULL)
        [uos] = [os.path.join(at, "uos") for at, _, files in os.walk(directory) if at.endswith("/bin") and "uos" in files]
        [include] = [at for at, folders, _ in os.walk(directory) if at.endswith("/include")]
        so = build(directory, include, source, "least_ran")
        words = [os.path.join(PROGRAMS, "spin") + " 1", os.path.join(PROGRAMS, "hello"), os.path.join(PROGRAMS, "fib") + " 20"]
        result = run_argv([uos, "-v", "-s", so, *words], cwd=directory)
        equal(result.status, 0, f"status of {result}")
        equal(sorted(result.lines), sorted(run(*words).lines), "output")
        assert result.lines.index("hello from pid 3") < result.lines.index("spin 1/1") + 2, str(result)


@matrix("does a plug-in run as our own would, its guests' vector registers untouched?")
def _(options):
    with tempfile.TemporaryDirectory() as directory:
        so = plug_in(directory, TICK="volatile double x = 1; for (int i = 0; i < 10; i++) x *= 1.5", PICK="volatile float y = now; y /= 3")
        mine = run(*options, "-v", "-q", "200us", "-s", so, *[guest("vectors")] * 2, "yield 20", "spin 1")
        own = run(*options, "-v", "-q", "200us", "-s", "rr", *[guest("vectors")] * 2, "yield 20", "spin 1")
        equal((mine.status, sorted(mine.lines)), (own.status, sorted(own.lines)), f"{mine}")
        for call in (9999, 113):  # not there; refused: an interrupt on the way out asks the policy all the same
            mine = run(*options, "-q", "100us", "-s", so, *[guest("vectors", call)] * 2)
            equal((mine.status, mine.lines.count("vectors: kept")), (0, 2), f"call {call}: {mine}")


BROKEN = {
    "faults in pick_next": ({"PICK": "if (queue.tail->pid == 3) return *(struct uos_thread **)8"}, "in pick_next: Segmentation fault"),
    "faults in tick": ({"TICK": "*(volatile int *)16 = 1"}, "in tick: Segmentation fault"),
    "calls nothing": ({"TICK": "((void (*)(void))0)()"}, "in tick: Segmentation fault"),
    "divides by zero at the start": ({"START": "volatile int z = 0; z = 1000 / z"}, "in start: Floating point exception"),
    "loses a thread": ({"ENQUEUE": "if (t->pid != 3) uos_queue_append(&queue, t)",
                        "DEQUEUE": "if (t->pid != 3) uos_queue_remove(&queue, t)"}, "in pick_next: it chose nobody, though 1 can run, pid 3 first"),
    "picks one that waits": ({"DEQUEUE": ""}, "in pick_next: it chose pid 2, which cannot run now"),
    "picks nothing of ours": ({"PICK": "static struct uos_thread own; own.pid = 77; return &own"}, "in pick_next: it chose"),
}


@matrix("is what a plug-in breaks reported as its own, with status 71 and no panic?", switches=("ucontext",))
def _(options):
    for what, (parts, message) in BROKEN.items():
        with tempfile.TemporaryDirectory() as directory:
            so = plug_in(directory, **parts)
            result = run(*options, "-q", "1ms", "-s", so, "sleeper 20 2", "spin 1", "spin 1")
            equal(result.status, 71, f"a plug-in that {what}: {result}")
            assert f"uos: {so}: {message}" in result.stderr.decode(), f"a plug-in that {what}: {result}"
            assert "panic" not in result.stderr.decode(), str(result)


main()
