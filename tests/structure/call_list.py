#!/usr/bin/env python3
"""Has every system call that is there a program in tests/calls/ that compares it with Linux's, and does docs/calls.md say which?

--write makes docs/calls.md anew.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import main, test  # noqa: E402

TABLE = ROOT / "src/kernel/syscall.tbl"
LIST = ROOT / "docs/calls.md"


def rows(text):
    """(kind, name, GENERAL, FULL or an errno) of each call of the table, in its order."""
    return [(kind, name, what) for kind, name, what in re.findall(r"^(CALL|REFUSE|NONE)\(\d+,\s*(\w+),\s*(\w+)?", text, re.M)]


def programs():
    """{call: programs whose first line names it}"""
    tested = {}
    for source in sorted((ROOT / "tests/calls").glob("*.c")):
        for name in re.match(r"/\* calls: ([\w ]*)", source.read_text()).group(1).split():
            tested.setdefault(name, []).append(source.stem)
    return tested


def listed():
    """What docs/calls.md should say."""
    tested = programs()
    table = rows(TABLE.read_text())
    there = [f"| {name} | {', '.join(f'[{program}](../tests/calls/{program}.c)' for program in tested.get(name, [])) or 'none'} |"
             for kind, name, _ in table if kind == "CALL"]
    refused = {}
    for kind, name, what in table:
        if kind == "REFUSE":
            refused.setdefault(what, []).append(name)
    lines = [
        "# System calls", "", "Made from `src/kernel/syscall.tbl` and the first lines of `tests/calls/*.c` by `tests/structure/call_list.py --write`.", "",
        f"## There: {len(there)}", "",
        "Each program runs on Linux and under uos in the same directory (`tests/e2e/test_calls.py`): output, status and files must be equal.", "",
        "| call | compared by |", "|---|---|", *there, "", "## Refused for good", "",
        *(f"With `{error}`: {', '.join(names)}." for error, names in sorted(refused.items())), "",
        f"## Not there: {sum(kind == 'NONE' for kind, _, _ in table)}", "",
        "Any other returns `-ENOSYS`, and the last line of the run names those that were asked for.", ""]
    return "\n".join(lines)


def untested(table, tested):
    return [name for kind, name, _ in table if kind == "CALL" and name not in tested]


@test("is every call that is there compared with Linux's by a program?")
def _():
    assert untested([("CALL", "read", "FULL"), ("NONE", "fork", "PID")], {"write": ["x"]}) == ["read"], "it would not complain"
    missing = untested(rows(TABLE.read_text()), programs())
    assert not missing, f"no program in tests/calls/ names: {' '.join(missing)}"


@test("is every name in a program's first line a system call's?")
def _():
    wrong = programs().keys() - {name for _, name, _ in rows(TABLE.read_text())}
    assert not wrong, f"no such call: {sorted(wrong)}"


@test("is docs/calls.md what the table and the programs say?")
def _():
    assert LIST.exists() and LIST.read_text() == listed(), "type: tests/structure/call_list.py --write"


if sys.argv[1:] == ["--write"]:
    LIST.write_text(listed())
else:
    main()
