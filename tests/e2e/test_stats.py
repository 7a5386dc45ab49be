#!/usr/bin/env python3
"""Statistics: do the numbers add up, agree with the host's and with the trace, and name what a program really did?"""

import json
import os
import re
import signal
import subprocess
import tempfile
from contextlib import contextmanager

from uos import UOS, Live, equal, guest, main, matrix, run, test

TIMES = ["arrival_ns", "first_run_ns", "completion_ns", "response_ns", "turnaround_ns", "wait_ns", "run_ns", "user_ns", "kernel_ns"]


def stats(*args, status=0, argv=None):
    """(the JSON, the result) of a run with its statistics in a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "stats.json")
        result = run(f"--stats=json:{path}", *args)
        equal(result.status, status, f"status of {result}")
        with open(path) as file:
            return json.load(file), result


def near(a, b, part, what):
    assert abs(a - b) <= part * b, f"{what}: {a} and {b} differ by {abs(a - b) / b if b else 1:.4%}"


def closes(machine, what):
    """Each term was measured by itself: TSC between traps, schedstat for what was stolen, a monotonic clock for all of it."""
    parts = sum(machine[key] for key in ("user_ns", "kernel_ns", "idle_ns", "stolen_ns"))
    near(parts, machine["elapsed_ns"], 0.005, f"{what}: user + kernel + idle + stolen, and elapsed")
    near(machine["user_ns"] + machine["kernel_ns"], machine["host_cpu_ns"], 0.02, f"{what}: user + kernel, and getrusage")


@contextmanager
def competitor(cpu):
    """Another process of the host that wants this CPU all the time."""
    process = subprocess.Popen(["taskset", "-c", str(cpu), "sh", "-c", "while :; do :; done"])
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


WORKLOADS = [["spin 1"], ["spin 1", "hello", "primes 5000"], ["-q", "100us", "spin 1", "fib 30"], ["-m", "coop", "spin 1", "hello"],
             ["sleeper 100 10", guest("phases", "c100", "s100", "c100", "s100", "c100")], ["-q", "1ms"] + ["primes 5000"] * 40]


@matrix("does the time add up, and is it the host's?")
def _(options):
    for words in WORKLOADS:
        closes(stats(*options, *words)[0]["machine"], words)


@matrix("does it with another process of the host on the same CPU, half of the time stolen?")
def _(options):
    cpu = min(os.sched_getaffinity(0))
    affinity = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        with competitor(cpu):
            for words in (["spin 2"], ["-q", "1ms", "spin 1", "spin 1"]):
                machine = stats(*options, *words)[0]["machine"]
                closes(machine, words)
                assert machine["stolen_ns"] > 0.2 * machine["elapsed_ns"], f"nothing was stolen: {machine}"
    finally:
        os.sched_setaffinity(0, affinity)


@matrix("do the processes' numbers add up to the machine's, and each one's to its turnaround?")
def _(options):
    data, _ = stats(*options, "-q", "1ms", "spin 1", "primes 5000", "fib 25", guest("phases", "c50", "s50", "c50"))
    processes, machine = data["processes"], data["machine"]
    for key in ("user_ns", "system_calls"):
        equal(sum(p[key] for p in processes), machine[key], key)
    assert sum(p["kernel_ns"] for p in processes) < machine["kernel_ns"], "loading and reaping took no time"
    for p in processes:
        equal(p["response_ns"], p["first_run_ns"] - p["arrival_ns"], f"response: {p}")
        equal(p["turnaround_ns"], p["completion_ns"] - p["arrival_ns"], f"turnaround: {p}")
        busy = p["user_ns"] + p["kernel_ns"]
        assert busy <= p["run_ns"] + 1000000, f"more user and kernel time than it had the CPU: {p}"
        lost = machine["stolen_ns"] + machine["idle_ns"]  # idle: the host let it sleep, for its disk or a neighbour of this machine's
        assert p["run_ns"] - busy <= lost + 1000000, f"less than it had, and only {lost} ns stolen or asleep: {p}"
        equal(sum(p["calls"].values()), p["system_calls"], f"calls by name: {p}")
    for p in processes[:3]:  # they never wait but for the CPU
        equal(p["wait_ns"] + p["run_ns"], p["turnaround_ns"], f"wait and run, and turnaround: {p}")
    slept = processes[3]["turnaround_ns"] - processes[3]["wait_ns"] - processes[3]["run_ns"]
    assert slept >= 50000000, f"it slept 50 ms, here are {slept} ns: {processes[3]}"
    away = sum(p["voluntary_switches"] + p["involuntary_switches"] for p in processes)
    assert away <= machine["switches"] <= away + len(processes) + 1, f"{away} switches away from programs: {machine}"
    assert sum(p["involuntary_switches"] for p in processes) == machine["switches_by_timer"], str(data)


@matrix("do slice widths, read off the trace, add up to each one's run?")
def _(options):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.lde")
        data, _ = stats(*options, "-q", "1ms", f"--trace=lde:{path}", "spin 1", "hello", guest("phases", "c100"))
        with open(path) as file:
            text = file.read()
    events = re.findall(r"^ *(\d+\.\d+) +switch: regs\((\d+)\) to PCB\(\d+\), PCB\((\d+)\) to regs", text, re.M)
    assert len(events) == data["machine"]["switches"] > 50, f"{len(events)} switch rows: {data['machine']}"
    first = float(re.search(r"^ *(\d+\.\d+) +return-from-trap +restore regs", text, re.M)[1]) * 1e6
    order = list(dict.fromkeys(int(pid) for _, *pids in events for pid in pids if pid != "1"))
    equal(order, [p["pid"] for p in sorted(data["processes"], key=lambda p: p["first_run_ns"])], "order of the first runs")
    slices, since = {}, first
    for time, old, new in events:
        slices.setdefault(int(old), []).append(float(time) * 1e6 - since)
        since = float(time) * 1e6
    for p in data["processes"]:
        widths = slices[p["pid"]]
        error = abs(sum(widths) - p["run_ns"])
        assert error < 20000 + 2000 * len(widths), f"pid {p['pid']}: slices of {sum(widths)}, run {p['run_ns']}"


@test("are calls counted by name, faults and memory by process?")
def _():
    data, _ = stats("hello", "divzero", guest("phases", "m20"), guest("phases"), status=136)
    hello, divzero, big, small = data["processes"]
    equal((hello["calls"]["write"], hello["calls"]["exit_group"]), (1, 1), f"calls of hello: {hello}")
    equal((hello["state"], hello["status"], hello["faults"]), ("exited", 0, 0), f"hello: {hello}")
    equal((divzero["state"], divzero["signal"], divzero["faults"]), ("killed", 8, 1), f"divzero: {divzero}")
    grown = big["peak_memory_bytes"] - small["peak_memory_bytes"]
    # they may begin a page apart: by where their arguments lie on the stack
    assert (20 << 20) - 4096 <= grown < 21 << 20, f"20 MiB touched: {big}"


@test("is the JSON complete: schema, origin, integer times, null where there is nothing?")
def _():
    data, _ = stats("-m", "coop", "--switch=asm", "--seed=7", "--timeout=300ms", "spin forever", "hello", status=124)
    for key, value in {"schema": 1, "mode": "coop", "switch": "asm", "seed": 7, "quantum_ns": 10000000}.items():
        equal(data[key], value, key)
    assert data["kernel"].startswith("Linux ") and data["cpu"] and data["command"][-1] == "hello", str(data)
    equal(data["policy"], "rr", "policy")
    spin, hello = data["processes"]
    equal([spin["state"], hello["state"]], ["running", "running"], "states")
    equal((spin["completion_ns"], spin["status"], hello["first_run_ns"], hello["response_ns"]), (None,) * 4, "what never was")
    for p in data["processes"]:
        for key in TIMES:
            assert p[key] is None or isinstance(p[key], int), f"{key} is no integer: {p}"
    assert 0 < data["machine"]["fairness"] <= 1 and 0 < data["machine"]["utilisation"] <= 1, str(data["machine"])


@test("does the text have every number, with -v the calls by name; and nothing without --stats?")
def _():
    text = run("--stats", "spin 1", "hello").stderr.decode()
    for word in ("arrival", "response", "turnaround", "wait", "run", "user", "kernel", "voluntary", "involuntary", "calls",
                 "faults", "peak memory", "elapsed", "idle", "stolen", "ticks: raised", "utilisation", "Jain"):
        assert word in text, f"no {word!r} in:\n{text}"
    assert "write 1" not in text and "write 1" in run("--stats", "-v", "hello").stderr.decode()
    assert not run("spin 1", "hello").stderr
    json.loads(run("--stats=json", "hello").stderr)


@test("is a file that cannot be written named before the run?")
def _():
    for bad in ("--stats=json:/nonexistent/x", "--stats=json:/", "--stats=json:", "--stats=xml"):
        result = run(bad, "hello")
        equal((result.status, result.stdout, len(result.complaints)), (125, b"", 1), f"{bad}: {result}")


@test("are a fault and a status told as such?")
def _():
    seen, _ = stats("wildptr", guest("exitwith", 7), status=139)
    equal([(p["state"], p["status"], p["signal"]) for p in seen["processes"]], [("killed", None, 11), ("exited", 7, None)], "ends")
    assert seen["processes"][0]["faults"] >= 1, seen


@test("is a run that is cut short told up to there?")
def _():
    seen, _ = stats("--timeout=300ms", "hello", "spin forever", status=124)
    hello, spin = seen["processes"]
    equal((hello["state"], spin["state"]), ("exited", "running"), "states")
    equal((spin["status"], spin["completion_ns"], spin["turnaround_ns"]), (None, None, None), "what is not known")
    assert spin["user_ns"] > 10 * spin["kernel_ns"] and spin["run_ns"] >= spin["user_ns"], f"its last turn is not its own: {spin}"
    with Live("--stats=json", "-m", "coop", "spin forever", "hello", tty=True) as live:
        live.until("spin forever")
        live.interrupt()
        live.interrupt()
        result = live.finish()
    equal(result.status, 130, str(result))
    text = result.stdout.decode()
    hello = json.loads(text[text.index("{"):])["processes"][1]
    equal((hello["state"], hello["first_run_ns"], hello["response_ns"]), ("running", None, None), "who never ran")


@test("do statistics come, and no panic, if the run is cut short while a guest lets floating-point exceptions trap?")
def _():
    for _ in range(6):
        stats("--timeout=150ms", guest("unmasked"), status=124)


@test("do the ticks add up in a run that is cut short?")
def _():
    for _ in range(6):
        ticks = stats("-q", "20us", "--timeout=60ms", "spin forever", "spin forever", status=124)[0]["machine"]["ticks"]
        raised = ticks.pop("raised")
        equal(sum(ticks.values()), raised, f"{ticks}, and raised")


@test("is a full disk at the end a failure; is a file left alone if the programs are not there?")
def _():
    for option in ("--stats=json:/dev/full", "-tlde:/dev/full"):
        result = run(option, "hello")
        equal((result.status, len(result.complaints)), (1, 1), f"{option}: {result}")
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"precious, and longer than that")
        file.flush()
        equal(run(f"--stats=json:{file.name}", "no-such-program").status, 127, "status")
        with open(file.name, "rb") as again:
            equal(again.read(), b"precious, and longer than that", "what was in it")


main()
