#!/usr/bin/env python3
"""test_state.py [SECONDS]: four processes whose registers are all full, preempted every 50 and 100 us. Is one value lost?

SECONDS is per combination of switch and protection, half at each quantum; else UOS_STATE_SECONDS, else 60.
"""

import os
import re
import sys

from uos import equal, guest, main, matrix, run, shorten, test, host, ticks

SECONDS = float(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("UOS_STATE_SECONDS", 60))
LINE = rb"^state: pid (\d+): ok, (\S+), (\S+) gate, (\d+) computing, (\d+) syscall, (\d+) gate$"


@test("does the state test pass on Linux, and is it not easy to pass?")
def _():
    result = host(guest("state", 0.5))
    equal(result.status, 0, f"status of {result}")
    assert re.search(LINE, result.stdout, re.M), str(result)


for quantum in ("50us", "100us"):
    @matrix(f"does everything of four processes survive {SECONDS / 2:g} s at a quantum of {quantum}?")
    def _(options, quantum=quantum):
        result = run("-v", *options, "-q", quantum, *[guest("state", SECONDS / 2)] * 4, timeout=SECONDS + 60)
        equal(result.status, 0, f"status ({shorten(result.stderr)})")
        told = re.findall(LINE, result.stdout, re.M)
        equal(sorted(int(line[0]) for line in told), [2, 3, 4, 5], f"pids in {result}")
        for line in told:
            equal(line[2], b"with", f"the gate in {line}")
            assert min(map(int, line[3:])) > 100 * SECONDS / 2, f"too few rounds: {line}"
        raised = ticks(result)[0]
        assert raised > 500 * SECONDS / 2, f"too few ticks to mean something: {raised} in {SECONDS / 2} s"


main()
