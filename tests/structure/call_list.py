#!/usr/bin/env python3
"""The list of system calls in docs/calls.md is the table's, and each implemented one is compared with Linux's."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tools")]
import calls  # noqa: E402
from uos import equal, main, test  # noqa: E402


@test("is docs/calls.md what its sources say?")
def _():
    assert calls.DOCUMENT.read_text() == calls.current(), "docs/calls.md is stale: run tools/calls.py"


@test("is every implemented call compared with Linux's by a program of tests/calls/?")
def _():
    there = {c.name for c in calls.calls(calls.TABLE.read_text()) if c.kind == "CALL"}
    by = calls.tested(calls.TESTS)
    missing = there - set(by) - set(calls.NOT_COMPARED)
    assert there and not missing, f"{len(missing)} are not: {', '.join(sorted(missing))}"
    unneeded = [name for name in calls.NOT_COMPARED if name in by or name not in there]
    assert not unneeded, f"NOT_COMPARED without need: {', '.join(unneeded)}"


@test("is every name in a first line of tests/calls/ one of the table's, and has every program such a line?")
def _():
    known = {c.name for c in calls.calls(calls.TABLE.read_text())}
    by = calls.tested(calls.TESTS)
    equal(sorted(set(by) - known), [], "names that the table does not have")
    silent = {file.name for file in calls.TESTS.glob("*.c")} - {name for names in by.values() for name in names}
    assert not silent, f"without '/* calls: ... */': {', '.join(sorted(silent))}"


@test("are the sources read right?")
def _():
    rows = calls.calls(" * CALL(nr, name, KIND, ARGS...)\nCALL(0,\tread,\tFULL,\tFD, BUF_OUT, SIZE)\nCALL(24,\tsched_yield,\tGENERAL)\n"
                       "REFUSE(329,\tpkey_mprotect,\tENOSYS,\tADDR, SIZE)\nNONE(34,\tpause)\nNONE(35,\tx,\t\tINT)\n")
    equal([tuple(row) for row in rows],
          [("CALL", 0, "read", "FD, BUF_OUT, SIZE", ""), ("CALL", 24, "sched_yield", "", ""),
           ("REFUSE", 329, "pkey_mprotect", "ADDR, SIZE", "ENOSYS"), ("NONE", 34, "pause", "", ""), ("NONE", 35, "x", "INT", "")], "rows")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "b.c").write_text("/* calls: read write read; runs: 1 2; as: nobody */\n")
        Path(folder, "a.c").write_text("/* calls: read */\n#include <x.h>\n")
        Path(folder, "c.c").write_text("/* nothing */\n")
        equal(calls.tested(Path(folder)), {"read": ["a.c", "b.c"], "write": ["b.c"]}, "tests")
    text = calls.document(rows, {"read": ["a.c"]})
    for part in ("| 0 | `read` | FD, BUF_OUT, SIZE | [a](../tests/calls/a.c) |", "## Implemented: 2", "| `ENOSYS` |", "`pause` 34, `x` 35."):
        assert part in text, f"no {part!r} in {text}"


main()
