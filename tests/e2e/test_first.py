#!/usr/bin/env python3
"""The first commands a newcomer types: who runs when, what is printed, with which status it ends.

To be run while nothing else is (is_parallel: false): a quantum is a time, so on a host that gives uos no CPU for 10 ms
spin's first quantum may pass before spin has printed its first line: so they ask for quanta of 100 ms.
"""

import os
import re
import shutil

from uos import (Live, directory, equal, guest, host, keys_missing, main, matrix, pidless, program, run, same_as_host,
                 test, ticks)


def lines_of(result, name):
    return [index for index, line in enumerate(result.lines) if line.startswith(name)]


def ordered(options, mode, times):
    """Runs `spin 2` and `hello` that often; returns the first result with hello in the wrong place, or None."""
    for _ in range(times):
        result = run(*options, "-m", mode, "spin 2", "hello")
        equal((result.status, len(result.lines)), (0, 3), f"status and lines of {result}")
        spin, hello = lines_of(result, "spin"), lines_of(result, "hello")
        if (spin, hello) != (([0, 1], [2]) if mode == "coop" else ([0, 2], [1])):
            return result
    return None


@test("do all of spin's lines precede hello's in coop, 20 of 20?")
def _():
    wrong = ordered([], "coop", 20)
    assert not wrong, str(wrong)


@test("does hello's line stand between spin's first and second in preempt, 20 of 20?")
def _():
    wrong = ordered(["-q", "100ms"], "preempt", 20)  # a host that gives us no CPU for 10 ms is not rare
    assert not wrong, str(wrong)


@matrix("is the order that of the mode, whichever way is switched and protected?")
def _(options):
    for mode in ("coop", "preempt"):
        wrong = ordered([*options, "-q", "100ms"], mode, 3)
        assert not wrong, f"{mode}: {wrong}"


@test("is preempt the default, and is the issue's example printed to the letter?")
def _():
    equal(run("-q", "100ms", "spin", "hello").stdout, b"spin 1/3\nhello from pid 3\nspin 2/3\nspin 3/3\n", "stdout")


@test("does the protection that the CPU and Linux 6.12 offer also work?")
def _():
    flags = re.search(r"^flags\s*:(.*)$", open("/proc/cpuinfo").read(), re.M).group(1).split()
    version = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    offered = "ospke" in flags and version >= (6, 12)
    equal(keys_missing() is None, offered, f"keys work ({keys_missing()})")
    result = run("-v", "hello")
    level = "full" if offered else "none"
    line = f"uos: machine: protect {level}, switch ucontext, mode preempt, quantum 10000000 ns, policy rr"
    assert line in result.complaints, f"the default is not {level}: {result}"


@matrix("do two yielding processes alternate strictly in coop?")
def _(options):
    result = run(*options, "-m", "coop", "yield 3", "yield 3")
    equal((result.status, result.lines), (0, ["A 1", "B 1", "A 2", "B 2", "A 3", "B 3"]), "status and lines")


@test("do yielding processes end in preempt too, each with all its lines in order?")
def _():
    result = run("-m", "preempt", "yield 50", "yield 50")
    equal(result.status, 0, "status")
    for name in "AB":
        equal([line for line in result.lines if line[0] == name], [f"{name} {k}" for k in range(1, 51)], name)


@test("do three programs of different length share the CPU in coop, in the order given?")
def _():
    result = run("-m", "coop", "yield 1", "yield 3", "yield 2")
    equal(result.lines, ["A 1", "B 1", "C 1", "B 2", "C 2", "B 3"], "lines")


@matrix("do four instances of a program each keep their own variables?")
def _(options):
    result = run(*options, "-q", "100us", *["globals"] * 4)
    equal((result.status, sorted(result.lines)), (0, [f"globals: pid {pid} kept its own value" for pid in range(2, 6)]),
          "status and lines")


@matrix("do four instances of sums come to the right totals while they are preempted?")
def _(options):
    result = run(*options, "-q", "100us", *["sums 100"] * 4)
    equal((result.status, result.stdout), (0, b"sums: ok\n" * 4), "status and stdout")


@test("do programs that only compute print what they print on Linux?")
def _():
    for argv in (["primes", "5000"], ["fib", "20"], ["sums", "3"], ["globals"], ["sleeper", "1", "2"]):
        same_as_host(run("-q", "1ms", " ".join(argv)), program(*argv))


@test("is a name without a slash looked for among the built programs, then in PATH; one with a slash where it says?")
def _():
    with directory() as where:
        for name in ("hello", "elsewhere"):
            shutil.copy(program("fib")[0], f"{where}/{name}")
        env = {**os.environ, "PATH": f"/nosuch:{where}:{os.environ['PATH']}"}
        equal(run("hello", env=env).stdout, b"hello from pid 2\n", "the built one comes first")
        equal(run("elsewhere 10", env=env).stdout, b"fib(10) = 55\n", "one in PATH")
        equal(run("./hello 10", cwd=where).stdout, b"fib(10) = 55\n", "one with a slash")
        equal(run("../hello 10", cwd="/", env=env).status, 127, "one that is not there")


@test("is a usage error of a guest its own affair, output and status?")
def _():
    for argv in (["spin", "0"], ["privileged", "nothing"], ["fib", "x"]):
        result, real = run(" ".join(argv)), host(program(*argv))
        equal((result.status, result.stderr), (real.status, real.stderr), " ".join(argv))


@test("is the exit status that of the guest?")
def _():
    for status in (0, 1, 7, 42, 255):
        equal(run(guest("exitwith", status)).status, status, f"exitwith {status}")


@matrix("is it the status of the first that failed in the order of the command line, not of time?")
def _(options):
    # The first to fail in time is the last of the command line.
    words = [guest("exitwith", 0), guest("exitwith", 11, 50), guest("exitwith", 0, 99), guest("exitwith", 22)]
    equal(run(*options, *words).status, 11, "status")
    equal(run(*options, guest("exitwith", 0, 9), guest("exitwith", 0), guest("exitwith", 33, 5)).status, 33, "status")


@test("is it 128 + n for signal n?")
def _():
    for signal in (1, 2, 6, 9, 10, 13, 15):
        equal(run(guest("exitwith", -signal)).status, 128 + signal, f"signal {signal}")
    equal(run(guest("exitwith", -9), guest("exitwith", 3)).status, 137, "a signal first")
    equal(run(guest("exitwith", 3), guest("exitwith", -9)).status, 3, "a signal last")


@test("does -v account for each guest, for switches, ticks and calls, and is nothing left?")
def _():
    result = run("-v", "-m", "preempt", "-q", "1ms", "--switch=asm", "spin 1", "hello", "divzero")
    equal(result.status, 136, "status")
    for line in (r"uos: pid 2: (\S*/)?spin: exit 0", r"uos: pid 3: (\S*/)?hello: exit 0", r"uos: pid 4: (\S*/)?divzero: signal 8",
                 r"uos: machine: protect (full|keys|none), switch asm, mode preempt, quantum 1000000 ns, policy rr",
                 r"uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries", r"uos: calls: [1-9]\d* \(\d+ by gate\)",
                 r"uos: switches: [1-9]\d* \(\d+ by timer\)"):
        assert re.search(f"^{line}$".encode(), result.stderr, re.M), f"no line {line}: {result}"
    assert ticks(result)[0] > 0, str(result)


@test("are there no ticks and no switches by timer in coop, however long one computes?")
def _():
    result = run("-v", "-m", "coop", "-q", "100us", "spin 1", "hello")
    equal(ticks(result)[0], 0, "ticks raised")
    assert re.search(rb"^uos: switches: \d+ \(0 by timer\)$", result.stderr, re.M), str(result)


@test("does uos keep silent without -v if nothing is to be said?")
def _():
    result = run("spin 1", "hello")
    equal((result.status, result.complaints), (0, []), "status and own lines")


@test("does the summary stand on a terminal, for two programs or more, and nowhere else?")
def _():
    summary = r"^uos: 2 processes, \d+ switches? \(\d+ by timer\), [1-9][\d.]* m?s$"
    with Live("spin 1", "hello", tty=True) as live:
        result = live.finish()
        equal(result.status, 0, "status")
        assert re.search(summary.encode(), result.stdout, re.M), str(result)
        assert result.lines[-1].startswith("uos: 2 processes"), f"not the last line: {result}"
    with Live("hello", tty=True) as live:
        assert b"uos: " not in live.finish().stdout, "a summary of one program"
    with Live("-m", "coop", "spin 1", "hello", stderr_tty=True) as live:
        result = live.finish()
        assert re.search(summary.encode(), result.stderr, re.M), f"stderr is a terminal, stdout is not: {result}"
        equal(pidless(result.stdout), b"spin 1/1\nhello from pid N\n", "stdout")


@test("does --help begin with examples and name every option?")
def _():
    for option in ("--help", "-h"):
        result = run(option)
        equal((result.status, result.stderr), (0, b""), "status and stderr")
        text = result.stdout.decode()
        example, described = re.search(r"^\s*(\./)?uos .*spin", text, re.M), re.search(r"^\s+-", text, re.M)
        assert example and described and example.start() < described.start(), f"no example before the options:\n{text}"
        for name in ("-m", "-q", "--quantum", "--switch", "--protect", "--timeout", "-v", "--help", "--version", "127"):
            assert name in text, f"{name} is not explained:\n{text}"


@test("does --version tell name and version in one line?")
def _():
    result = run("--version")
    equal((result.status, result.stderr), (0, b""), "status and stderr")
    assert re.fullmatch(rb"uos \S*\d\S*[^\n]*\n", result.stdout), str(result)


main()
