#!/usr/bin/env python3
"""Writes docs/calls.md: every system call, what becomes of it, and which program of tests/calls/ compares it with Linux.

From src/kernel/syscall.tbl and the first lines of tests/calls/*.c, and from nothing else.
"""

import re
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TABLE, TESTS, DOCUMENT = ROOT / "src/kernel/syscall.tbl", ROOT / "tests/calls", ROOT / "docs/calls.md"

# Implemented calls that no program can compare, and why. The one place for them.
NOT_COMPARED = {
    "fchmodat2": "Linux has it from 6.6 on; tests/guest/readonly.c asks it there",
    "name_to_handle_at": "refused as on file systems without handles, for a handle is a way around all walks",
}

ROW = re.compile(r"^(CALL|REFUSE|NONE)\((\d+),\s*(\w+)(?:,\s*([^)]*))?\)", re.M)
FIRST_LINE = re.compile(r"/\* calls: ([\w ]+)")

HEAD = """\
# System calls

Made by `tools/calls.py` from [syscall.tbl](../src/kernel/syscall.tbl), which also says what the words for arguments mean, and from the
first lines of the programs in `tests/calls/`. Each of these runs on Linux and under uos, and must print the same (`tests/e2e/test_calls.py`).
Do not edit: a test compares.
"""


class Call(NamedTuple):
    kind: str       # CALL, REFUSE or NONE
    number: int
    name: str
    arguments: str
    error: str      # of REFUSE


def calls(table):
    found = []
    for kind, number, name, rest in ROW.findall(table):
        words = [word.strip() for word in rest.split(",")] if rest.strip() else []
        first = "" if kind == "NONE" else words.pop(0)
        found.append(Call(kind, int(number), name, ", ".join(words), first if kind == "REFUSE" else ""))
    return found


def tested(folder):
    """Name of a call -> the programs that compare it."""
    by = {}
    for file in sorted(folder.glob("*.c")):
        first = FIRST_LINE.match(file.read_text())
        for name in dict.fromkeys(first[1].split()) if first else ():
            by.setdefault(name, []).append(file.name)
    return by


def links(files):
    return " ".join(f"[{name.removesuffix('.c')}](../tests/calls/{name})" for name in files)


def table(heads, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows])


def document(all_calls, by):
    there, refused, missing = ([c for c in all_calls if c.kind == kind] for kind in ("CALL", "REFUSE", "NONE"))
    rows = [[str(c.number), f"`{c.name}`", c.arguments, links(by.get(c.name, [])) or NOT_COMPARED.get(c.name, "")] for c in there]
    refusals = [[str(c.number), f"`{c.name}`", c.arguments, f"`{c.error}`", links(by.get(c.name, []))] for c in refused]
    return "\n".join([
        HEAD, f"## Implemented: {len(there)}\n", table(["number", "call", "arguments", "compared by"], rows), "",
        f"## Refused for good: {len(refused)}\n", table(["number", "call", "arguments", "answer", "compared by"], refusals), "",
        f"## Not there: {len(missing)}\n", "They answer `ENOSYS`; the last line of a run names those that were asked for.\n",
        textwrap.fill(", ".join(f"`{c.name}` {c.number}" for c in missing) + ".", 130, break_on_hyphens=False), ""])


def current():
    return document(calls(TABLE.read_text()), tested(TESTS))


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(f"usage: {sys.argv[0]}: writes docs/calls.md")
    DOCUMENT.write_text(current())
