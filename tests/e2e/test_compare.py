#!/usr/bin/env python3
"""uos compare: a complete table, numbers that agree with their samples, and what differs is told. Nothing is decided by time
measured, but by order, counts and content."""

import json
import os
import re
import signal
import statistics
from pathlib import Path

from uos import UOS, Live, directory, equal, guest, main, program, run, run_argv, test

ROWS = ["makespan_ns", "response_ns", "turnaround_ns", "wait_ns", "fairness", "switches", "switches_by_timer", "overhead"]
LABELS = ["makespan", "response, median", "turnaround, mean", "wait, mean", "fairness", "switches", "  by timer", "overhead"]


def compare(*args, **options):
    return run("compare", *args, **options)


def measured(*args, status=0):
    result = compare("--json", *args)
    equal((result.status, result.stderr), (status, b""), f"status and stderr: {result}")
    return json.loads(result.stdout)


def medians(row):
    return [mode["median"] for mode in row]


@test("is the table complete, with two modes by default?")
def _():
    result = compare("-r", 2, "-w", 1, "spin 1", "hello")
    lines = result.lines
    equal((result.status, result.stderr), (0, b""), f"status and stderr: {result}")
    assert re.match(r"2 runs each, random order, seed 1; rr, 10.0 ms, swapcontext; median ± ", lines[0]), lines[0]
    equal(lines[1].split(), ["coop", "preempt", "change"], "heads")
    for label, line in zip(LABELS, lines[2:]):
        assert line.startswith(label + "  "), f"no row {label!r}: {line!r}"
        equal(len(re.split(r" {2,}", line.strip())), 4, f"cells of {line!r}")
    assert re.match(r"Preempt answered .*; total time .*\.$", lines[-1]), lines[-1]
    assert len(set(map(len, lines[1:10]))) == 1, f"not aligned: {lines[1:10]}"


@test("are there no colours in a pipe, and no progress?")
def _():
    result = compare("-r", 1, "coop,preempt,native", guest("where", "say"), "spin 1")
    assert b"\033" not in result.stdout + result.stderr and b"\r" not in result.stderr, str(result)


@test("do medians, intervals and ratios follow from the samples listed?")
def _():
    seen = measured("-r", 7, "--seed=5", "coop,preempt@1ms,native", "fib 20", "hello", "hello")
    equal((seen["schema"], seen["runs"], seen["warmups"], seen["seed"]), (1, 7, 1, 5), "settings")
    equal([mode["mode"] for mode in seen["modes"]], ["coop", "preempt@1ms", "native"], "modes")
    equal([mode.get("preempt") for mode in seen["modes"]], [False, True, None], "preempt")
    equal([mode.get("quantum_ns") for mode in seen["modes"]], [10**7, 10**6, None], "quanta")
    equal(list(seen["rows"]), ROWS, "rows")
    equal([(p["pid"], p["name"]) for p in seen["programs"]], [(2, "fib"), (3, "hello"), (4, "hello")], "programs")
    for row in [*seen["rows"].values(), *(program["response_ns"] for program in seen["programs"])]:
        equal(len(row), 3, "modes in a row")
        for mode in row:
            samples = sorted(mode["samples"])
            equal(len(samples), 7, "samples")
            equal((mode["low"], mode["median"], mode["high"]), (samples[0], statistics.median(samples), samples[-1]), "estimate")
            if mode is row[0]:
                assert "p" not in mode and "ratio" not in mode, mode
                continue
            assert 0 < mode["p"] <= 1 and mode["measurable"] == (mode["p"] < 0.05), mode
            if row[0]["median"]:
                equal(mode["ratio"], mode["median"] / row[0]["median"], "ratio")
    for run_ in range(7):  # the median over processes, of the same run
        for mode in range(3):
            responses = [program["response_ns"][mode]["samples"][run_] for program in seen["programs"]]
            equal(seen["rows"]["response_ns"][mode]["samples"][run_], statistics.median(responses), "response, median")


@test("does a timer switch in preempt only, and does hello come before spin is done there, after it in coop?")
def _():
    seen = measured("-r", 6, "spin 1", "hello")
    coop, preempt = seen["rows"]["switches_by_timer"]
    equal(set(coop["samples"]), {0}, "switches by timer in coop")
    assert min(preempt["samples"]) >= 1, f"no switch by timer in preempt: {preempt}"
    hello = seen["programs"][1]["response_ns"]
    for mode, first in ((0, False), (1, True)):
        for response, makespan in zip(hello[mode]["samples"], seen["rows"]["makespan_ns"][mode]["samples"]):
            assert (response < makespan / 2) == first, f"hello's response in mode {mode}: {response} of {makespan}"
    assert hello[1]["measurable"], "six runs and six, all apart"
    assert re.match(r"Preempt answered hello [\d.]+ times sooner; ", seen["notes"][-1]), seen["notes"]


@test("does the sentence name the process where two programs have one name?")
def _():
    note = measured("-r", 6, "spin 1", "hello", "hello")["notes"][-1]
    assert re.match(r"Preempt answered hello \(pid [34]\) [\d.]+ times sooner; ", note), note


@test("is a mode compared with itself measured like any other?")
def _():
    seen = measured("-r", 2, "coop,coop", "hello", "hello")
    equal(medians(seen["rows"]["switches"])[0], medians(seen["rows"]["switches"])[1], "switches")
    assert not seen["outputs_differ"], seen["notes"]


@test("do policies stand as modes, with options joined by colons and a quantum, each choosing for itself?")
def _():
    seen = measured("-r", 1, "rr,mlfq:queues=2:quantum=5ms@2ms,fifo", "spin 1", "hello")
    equal([(m["policy"], m["quantum_ns"], m["preempt"]) for m in seen["modes"]],
          [("rr", 10**7, True), ("mlfq:queues=2,quantum=5ms", 2 * 10**6, True), ("fifo", 10**7, True)], "modes")
    rr, mlfq, fifo = medians(seen["rows"]["switches_by_timer"])
    assert rr >= 1 and mlfq >= 1 and fifo == 0, "fifo ends no slice, the others do: " + str((rr, mlfq, fifo))
    result = compare("rr,mlfq:nosuch=2", "hello")
    equal((result.status, result.stdout, len(result.complaints)), (125, b"", 1), f"an unknown option: {result}")


@test("is one mode alone a table without changes?")
def _():
    result = compare("-r", 1, "native", "hello")
    equal((result.status, result.lines[1].split()), (0, ["native"]), str(result))
    assert "answered" not in result.lines[-1], str(result)


@test("is a difference between outputs told?")
def _():
    seen = measured("-r", 2, "coop,native", guest("where", "say"), "hello")
    assert seen["outputs_differ"], str(seen["notes"])
    assert any(re.match(r"output differs: 'this is .*' stands more often in the output of run \d of (coop|native) than", note)
               for note in seen["notes"]), str(seen["notes"])
    seen = measured("-r", 2, "coop,preempt,native", "primes 100", "hello", "hello", "spin 1")
    assert not seen["outputs_differ"], f"pids and order should not count: {seen['notes']}"


@test("does --show-output show one run of each mode?")
def _():
    result = compare("-r", 2, "--show-output", "coop,native", "hello", "spin 1")
    text = result.stdout.decode()
    for mode in ("coop", "native"):
        section = re.search(rf"^{mode} wrote:\n((?:.*\n)*?)(?:\n|\Z)", text, re.M)
        assert section, f"no output of {mode}: {result}"
        equal(sorted(re.sub(r"pid \d+", "pid N", section[1]).splitlines()), ["hello from pid N", "spin 1/1"], mode)
    outputs = [mode["output"] for mode in measured("-r", 1, "--show-output", "hello")["modes"]]
    equal(outputs, ["hello from pid 2\n"] * 2, "outputs in JSON")
    assert b"hello from" not in compare("-r", 1, "hello").stdout, "shown without being asked"


@test("is a program that fails in one mode only told, with status 1?")
def _():
    result = compare("-r", 2, "coop,native", "hello", guest("where", "exit", 3))
    equal(result.status, 1, str(result))
    assert "where (pid 3) failed in 2 of 2 runs of coop (exit 3), in 0 of 2 runs of native" in result.stdout.decode(), str(result)
    programs = measured("-r", 2, "coop,native", guest("where", "exit", 3), status=1)["programs"]
    equal(programs[0]["failures"], [{"runs": 2, "status": 3}, {"runs": 0, "status": 0}], "failures")


@test("is a program that fails alike everywhere told, with its status?")
def _():
    result = compare("-r", 2, "coop,preempt,native", "hello", guest("exitwith", 5), guest("exitwith", 1))
    equal(result.status, 5, str(result))
    for pid, status in ((3, 5), (4, 1)):
        assert f"exitwith (pid {pid}) failed in every run of every mode (exit {status})" in result.stdout.decode(), str(result)
    result = compare("-r", 1, "coop,native", guest("exitwith", -9))
    equal(result.status, 137, str(result))
    assert b"(signal 9)" in result.stdout, str(result)


@test("is what a failing program says on stderr shown once?")
def _():
    result = compare("-r", 2, "coop,native", guest("where", "stderr"))
    equal((result.status, result.stderr), (1, b"where: for once\n"), str(result))


@test("are guests given nothing to read, and does what is ours stay?")
def _():
    result = compare("-r", 1, "coop,native", guest("answer"), stdin=b"mine\n")
    assert "failed in every run" in result.stdout.decode(), str(result)  # answer fails at the end of file
    result = run_argv(["sh", "-c", f"'{UOS}' compare -r 1 hello >/dev/null && cat"], stdin=b"still here\n")
    equal(result.stdout, b"still here\n", "stdin afterwards")


@test("are programs that cannot be run refused as uos refuses them, before anything is measured?")
def _():
    for words in (["nosuchprogram"], ["hello", "./nosuch"], ["/tmp"], ["hello 'x"], [""], ["''"], ["hello", "/dev/null"]):
        for modes in ([], ["preempt,coop"]):
            alone, result = run(*words), compare("-r", 10000, *modes, *words)
            equal((result.status, result.stdout), (alone.status, b""), f"{words}: {result}")
            equal(result.stderr.splitlines()[0], alone.stderr.splitlines()[0], f"the line for {words}")
    equal(compare("native", "nosuchprogram").status, 127, "status")
    equal(compare("native", "/nosuch/program").status, 127, "status")
    equal(compare("native", "/etc/passwd").status, 126, "status")


@test("is an unknown mode taken for a program, with a hint?")
def _():
    for word in ("coop,preemtp", "nosuch@5ms", "coop,", ",", "coop:x=1"):
        result = compare(word, "hello")
        equal((result.status, len(result.complaints)), (127, 2), str(result))
        assert "MODES" in result.complaints[1] and "native" in result.complaints[1], str(result)
    assert len(compare("coop", "nosuchprogram").complaints) == 1, "a hint where MODES were understood"


@test("are bad quanta, too many modes and no program 125?")
def _():
    for words in (["preempt@banana", "hello"], ["coop@1us", "hello"], ["coop@", "hello"], ["native@5ms", "hello"], ["coop"],
                  ["coop,preempt"], [",".join(["coop"] * 9), "hello"], []):
        result = compare(*words)
        equal((result.status, result.stdout, len(result.complaints)), (125, b"", 1), f"{words}: {result}")


@test("do native programs start in --cwd, whatever relative path they have, and are --root and --ro refused with them?")
def _():
    with directory() as where:
        os.symlink(program("hello")[0], f"{where}/hello")
        equal(compare("-r", 1, "--cwd=/", "native", "./hello", cwd=where).status, 0, "status of a relative path")
        result = compare("-r", 1, f"--cwd={where}/no", "native", "hello")
        equal((result.status, result.complaints), (125, [f"uos: --cwd: {where}/no: No such file or directory"]), str(result))
    for option in ("--root", "--ro"):
        result = compare(f"{option}=/usr", "coop,native", "hello")
        equal((result.status, result.stdout, len(result.complaints)), (125, b"", 1), str(result))
        assert result.complaints[0].startswith(f"uos: compare: {option}: native "), str(result)


@test("is output that cannot be written told?")
def _():
    with open("/dev/full", "w") as full:
        result = run_argv([UOS, "compare", "-r", "1", "hello"], stdout_file=full)
    equal((result.status, len(result.complaints)), (1, 1), str(result))
    assert "standard output" in result.complaints[0], str(result)
    for redirect in (">&-", "1</dev/null"):
        result = run_argv(["sh", "-c", f"exec '{UOS}' compare -r 10000 'spin forever' {redirect}"])
        equal((result.status, len(result.complaints)), (125, 1), f"{redirect}: {result}")
    result = run_argv(["sh", "-c", f"exec '{UOS}' compare -r 1 hello <&- 2>&-"])
    equal((result.status, result.lines[1].split()), (0, ["coop", "preempt", "change"]), f"without 0 and 2: {result}")


@test("does a timeout end it, in every mode?")
def _():
    for mode in ("coop", "preempt", "native"):
        result = compare("-r", 1, "--timeout=200ms", mode, "spin forever")
        equal((result.status, result.stdout), (124, b""), f"{mode}: {result}")
        assert f"a run of {mode} ended with status 124" in result.complaints[-1], str(result)


def processes_of(pid):
    """The living descendants of a process, itself excluded."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found += [int(path.parent.name), *processes_of(int(path.parent.name))]
    return found


@test("does Ctrl-C end it and all its children, with the terminal sane and status 130?")
def _():
    for mode in ("coop", "native"):
        with Live("compare", "-r", 5, mode, "spin forever", "spin forever", tty=True) as live:
            live.holds(lambda: any(os.stat(f"/proc/{pid}/fd/0").st_rdev == os.stat("/dev/null").st_rdev
                                   for pid in processes_of(live.pid) if os.path.exists(f"/proc/{pid}/fd/0")), "a run")
            children = processes_of(live.pid)
            live.feed(b"\x03")
            result = live.finish()
            equal(result.status, 130, str(result))
            live.holds(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the children are gone", ended=True)
    with Live("compare", "-r", 5, "native", "spin forever") as live:
        live.holds(lambda: len(processes_of(live.pid)) == 2, "a run")
        os.kill(live.pid, signal.SIGTERM)
        equal(live.finish().status, 143, "status after SIGTERM")


@test("is progress one rewritten line on a terminal, and gone at the end?")
def _():
    with Live("compare", "-r", 2, "coop,preempt", "spin 4", stderr_tty=True) as live:
        live.until(r"\r\d of 6 runs, about \d+ s left", stream="err")
        result = live.finish(timeout=120)
    equal(result.status, 0, str(result))
    assert b"\n" not in result.stderr and b"\033" not in result.stderr, str(result)
    equal(result.stderr.split(b"\r")[-1].strip(), b"", "what is left of it")


main()
