#!/usr/bin/env python3
"""Many processes in one boot: more than there are keys, more than fit a screen, and nothing left of them afterwards."""

import re

from uos import equal, guest, main, matrix, pidless, run, shorten, test, ticks

LEFT = rb"^uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries$"


def nothing_left(result):
    assert re.search(LEFT, result.stderr, re.M), f"something is left: {shorten(result.stderr)}"


@matrix("do 1,000 processes in one boot all succeed, and is nothing left of them?")
def _(options):
    for mode in ("coop", "preempt"):
        result = run("-v", "-m", mode, *options, *[guest("exitwith", 0)] * 1000, timeout=300)
        equal((result.status, result.stdout), (0, b""), f"status and stdout ({shorten(result.stderr)})")
        ended = re.findall(rb"^uos: pid (\d+): (?:\S*/)?exitwith: exit 0$", result.stderr, re.M)
        equal(sorted(map(int, ended)), list(range(2, 1002)), "pids that ended well")
        nothing_left(result)


@matrix("is nothing left either of 1,000 that failed, were killed or faulted?")
def _(options):
    words = [guest("exitwith", 1), guest("exitwith", -9), "divzero", guest("exitwith", 0, 2)]
    result = run("-v", *options, *words * 250, timeout=300)
    equal(result.status, 1, f"status ({shorten(result.stderr)})")
    for line, count in ((rb"exitwith: exit 1", 250), (rb"exitwith: signal 9", 250), (rb"divzero: signal 8", 250),
                        (rb"exitwith: exit 0", 250)):
        equal(len(re.findall(rb"^uos: pid \d+: (?:\S*/)?" + line + b"$", result.stderr, re.M)), count, line)
    nothing_left(result)


@matrix("do 40 at once, more than there are keys, each keep memory of their own?")
def _(options):
    for mode, quantum in (("coop", "10ms"), ("preempt", "200us")):
        result = run("-v", *options, "-m", mode, "-q", quantum, *[guest("keep", k, 20) for k in range(1, 41)], timeout=180)
        equal(result.status, 0, f"status ({shorten(result.stderr)})")
        equal(sorted(result.lines), sorted(f"keep {k}: kept" for k in range(1, 41)), "lines")
        nothing_left(result)


@matrix("do 40 at once each keep their registers?")
def _(options):
    result = run("-v", *options, "-q", "200us", *[guest("state", 4)] * 40, timeout=180)
    equal(result.status, 0, f"status ({shorten(result.stderr)})")
    equal(len(re.findall(rb"^state: pid \d+: ok", result.stdout, re.M)), 40, "lines")
    ticks(result)
    nothing_left(result)


@matrix("are the ticks raised those accounted, at 100 us?")
def _(options):
    for words in (["spin 1"], ["spin 1", "spin 1"], ["spin 1", "sums 100", guest("nap", 100, "nap"), "yield 200"],
                  [guest("exitwith", 0, 5000), guest("exitwith", 0, 5000)], [guest("nap", 200, "nap"), "spin 1", "hello"]):
        result = run("-v", *options, "-q", "100us", *words)
        equal(result.status, 0, f"status of {result}")
        raised = ticks(result)[0]
        if words.count("spin 1") == 2:
            assert raised > 100, f"{raised} ticks only in {result}"
        nothing_left(result)


@test("are the ticks raised those accounted where one comes while the report is printed?")
def _():
    for _ in range(12):  # the timer is still armed when 150 end; about every second run showed it
        ticks(run("-v", "-q", "1ms", *[guest("exitwith", 0)] * 150))


@matrix("are ticks few where nobody computes?")
def _(options):
    for words in ([guest("nap", 300, "a"), guest("nap", 301, "b")], ["sleeper 1 50", "sleeper 2 30"], ["sleeper 1 50"]):
        result = run("-v", *options, "-q", "1ms", *words)
        equal(result.status, 0, f"status of {result}")
        assert ticks(result)[0] <= 1000, f"{words}: {result}"  # a storm is ten to a thousand times that


@matrix("is a process alone not interrupted, but one of two switched away from by timer?")
def _(options):
    switches = rb"^uos: switches: (\d+) \((\d+) by timer\)$"
    alone = re.search(switches, run("-v", *options, "-q", "1ms", "spin 1").stderr, re.M)
    equal(int(alone.group(2)), 0, "switches by timer of one process")
    two = run("-v", *options, "-q", "1ms", "spin 1", "spin 1")
    equal(pidless(two.stdout), b"spin 1/1\nspin 1/1\n", "stdout")
    total, timer = map(int, re.search(switches, two.stderr, re.M).groups())
    assert timer > 100 and total >= timer, f"{total} switches, {timer} by timer, of two who compute 0.3 s each at 1 ms"


main()
