#!/usr/bin/env python3
"""The table of the book: does -t lde print OSTEP's figures 6.2 and 6.3 from real runs, row by row?"""

import os
import re
import tempfile

from uos import Live, equal, main, matrix, run, test, ticks

# OSTEP, figure 6.2 (direct execution protocol, limited): rows of the three columns in the book's order.
FIGURE_6_2 = [
    ("OS", r"initialize trap table"),
    ("Hardware", r"remember syscall.*handlers"),
    ("OS", r"create hello\(2\): entry, memory, load, argv, fill k-stack"),
    ("OS", r"return-from-trap"),
    ("Hardware", r"restore regs\(2\), user mode"),
    ("Program", r'trap: write "hello from pid 2"'),
    ("OS", r"write = 17, return-from-trap"),
    ("Hardware", r"restore regs\(2\), user mode"),
    ("Program", r"trap: exit_group\(0\)"),
    ("OS", r"free memory\(2\)"),
    ("OS", r"remove hello\(2\) from process list"),
]
# Figure 6.3 (timer interrupt): A is spin, B is hello.
FIGURE_6_3 = [
    ("OS", r"initialize trap table"),
    ("Hardware", r"remember syscall.*timer.*handlers"),
    ("OS", r"start interrupt timer"),
    ("Hardware", r"interrupt CPU in 10 ms"),
    ("Program", r'trap: write "spin 1/1"'),
    ("Hardware", r"timer interrupt: save regs\(2\) to k-stack\(2\), kernel mode"),
    ("OS", r"tick: quantum used, pick hello\(3\)"),
    ("OS", r"switch: regs\(2\) to PCB\(2\), PCB\(3\) to regs, k-stack\(3\)"),
    ("OS", r"return-from-trap"),
    ("Hardware", r"restore regs\(3\), user mode"),
    ("Program", r'trap: write "hello from pid 3"'),
]


def table(*args, status=0):
    """(rows as (column, text) in reading order, the raw text, the result) of a run traced into a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.lde")
        result = run("-v", f"--trace=lde:{path}", *args)
        with open(path) as file:
            raw = file.read()
    equal(result.status, status, f"status of {result}")
    lines = raw.splitlines()
    starts = [lines[0].index(h) for h in ("OS (kernel mode)", "Hardware", "Program")]
    rows = []
    for line in lines[1:]:
        cells = [line[a:b].strip() for a, b in zip(starts, starts[1:] + [None])]
        rows += [(column, cell) for column, cell in zip(("OS", "Hardware", "Program"), cells) if cell]
    return rows, raw, result


def holds_in_order(rows, figure):
    rest = iter(rows)
    for column, pattern in figure:
        for row in rest:
            if row[0] == column and re.fullmatch(pattern, row[1]):
                break
        else:
            raise AssertionError(f"no row {pattern!r} in column {column}, in its place in order")


def count(rows, pattern):
    return sum(bool(re.match(pattern, text)) for _, text in rows)


@matrix("are the rows of figure 6.2 there, in order and in their columns?")
def _(options):
    holds_in_order(table(*options, "hello")[0], FIGURE_6_2)


@matrix("are the rows of figure 6.3 there, in order and in their columns?")
def _(options):
    holds_in_order(table(*options, "spin 1", "hello")[0], FIGURE_6_3)


@test("would a row out of order be noticed?")
def _():
    rows = table("spin 1", "hello")[0]
    try:
        holds_in_order(rows, FIGURE_6_3[::-1])
    except AssertionError:
        return
    raise AssertionError("the figure read backwards passes")


@matrix("are there as many timer rows as ticks, and as many switch rows as switches?")
def _(options):
    for more in ([], ["-q", "1ms"], ["-m", "coop"]):
        rows, raw, result = table(*options, *more, "spin 1", "yield 5", "sleeper 5 3")
        assert "overwritten" not in raw, "the ring was too small for this"
        raised, *_, merged = ticks(result)
        equal(count(rows, "timer interrupt"), raised - merged, f"timer rows with {more}")
        switches, by_timer = map(int, re.search(rb"switches: (\d+) \((\d+) by timer", result.stderr).groups())
        equal(count(rows, "switch: "), switches, f"switch rows with {more}")
        equal(count(rows, "tick: quantum used, pick"), by_timer, f"quantum rows with {more}")
        calls = int(re.search(rb"calls: (\d+)", result.stderr)[1])
        equal(count(rows, "trap: "), calls, f"trap rows with {more}")


@test("is there no timer row in coop?")
def _():
    rows = table("-m", "coop", "spin 1", "hello")[0]
    equal(count(rows, ".*timer"), 1, "rows that name the timer: the handlers'")


@test("does --only leave the machine's rows and those pids', and --first so many rows?")
def _():
    rows, _, _ = table("--only=3", "spin 1", "hello")
    assert count(rows, r".*hello from pid 3") and not count(rows, r".*spin 1/1"), "rows of the wrong process"
    assert count(rows, "initialize trap table"), "the machine's rows are gone"
    raw = table("--first=5", "hello")[1]
    equal(len(raw.splitlines()), 1 + 5 + 1, f"lines of {raw}")
    assert re.search(r"\(\d+ more rows\)", raw), raw


@test("is a fault a row, and is the table printed when the run is cut short?")
def _():
    rows = table("divzero", status=136)[0]
    assert count(rows, r"fault: save regs\(2\)"), str(rows[-8:])
    rows = table("--timeout=300ms", "-m", "coop", "spin forever", status=124)[0]
    assert count(rows, r'trap: write "spin forever"'), str(rows[-5:])


@test("is it plain in a pipe, coloured on a terminal, plain there too with NO_COLOR, and never wider than the terminal?")
def _():
    result = run("-t", "lde", "hello")
    assert b"\x1b" not in result.stderr and b"initialize trap table" in result.stderr, str(result)
    for no_colour in ("", "1"): # empty counts as unset: no-color.org
        os.environ["NO_COLOR"] = no_colour
        with Live("-t", "lde", "hello", tty=True) as live:
            shown = live.finish().stdout
        equal(b"\x1b[3" in shown, not no_colour, "colours")
        plain = re.sub(rb"\x1b\[\d*m", b"", shown).decode().splitlines()
        assert max(map(len, plain)) <= 80, max(plain, key=len)


@test("are a wrong view, a missing or unwritable file and wrong numbers told before the run?")
def _():
    for bad in (["-t", "ldf"], ["-t", "lde:"], ["-t", "lde:/nonexistent/x"], ["-t", "lde:/"], ["--only=x"], ["--only=2,"],
                ["--only=0"], ["--first=0"], ["--first=-1"], ["--first=1x"]):
        result = run(*bad, "hello")
        equal((result.status, result.stdout), (125, b""), f"{bad}: {result}")
        equal(len(result.complaints), 1, f"{bad}: {result}")


main()
