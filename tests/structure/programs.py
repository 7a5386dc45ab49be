#!/usr/bin/env python3
"""Sizes and names: programs of 40 lines that hide no command, files of 500 lines, layers within their budgets, tests that are run."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import main, test  # noqa: E402

BUDGETS = {"machine": 4730, "kernel": 25450, "trace": 450, "cli": 4250}
# DESIGN section 1; but its 2,000 for cli had no room for statistics, compare, doctor, plug-ins and their messages, nor 4,000
# for workloads and what programs see of the host; its 9,000 for the kernel and 3,000 for the machine had none for two hundred
# calls with every one of Linux's errors, nor for signals, fork, terminals and sockets; 4,100 and 24,000 had none for reads that
# wait for the disk beside others, nor, in the machine, for level full: what may open memory, and the search for it. Level
# full has 550 lines more in the kernel and 310 in the machine for what guests may execute: twin, code, disarm; relocate. Swap, 90, halves what families pay to switch.
# Timers that rest until their owner has taken notice are 70, views of files that give way, and copies that do not outlast a change, 100;
# files whose code lies in several segments, as BOLT makes them (rustc), 60; sockets that only each other's messages hold, 110;
# bounds on what one call decodes, looks at and shows, and address spaces that the host has no room for, 50.
PROGRAM, FILE, SWTCH = 40, 500, 30
SOURCE = (".c", ".h", ".S", ".tbl", ".py", ".sh")
# A command by that name exists, in a package that few have and nobody would look for here.
NAMESAKES = {"hello": "GNU hello, which does the same", "spin": "a model checker"}


def lines(file):
    return len(file.read_text(errors="replace").splitlines())


def sources(folder):
    return [file for file in sorted(folder.rglob("*")) if file.suffix in SOURCE and file.is_file()]


def too_long(files, most):
    return [f"{file}: {lines(file)} lines, {most} at most" for file in files if lines(file) > most]


def taken(names, folders):
    return [f"{name} is {folder}/{name}, too" for name in names if name not in NAMESAKES
            for folder in folders if os.access(Path(folder, name), os.X_OK)]


def programs():
    found = sorted((ROOT / "programs").glob("*.c"))
    assert found, "no programs"
    return found


@test("is no program named like a command?")
def _():
    wrong = taken([file.stem for file in programs()], ["/usr/bin", "/bin"])
    assert not wrong, "\n".join(wrong)
    assert taken(["sh"], ["/bin"]), "it would not complain"


@test("has each program 40 lines at most?")
def _():
    wrong = too_long(programs(), PROGRAM)
    assert not wrong, "\n".join(wrong)


@test("is swtch.S at most 30 lines?")
def _():
    wrong = too_long([ROOT / "src/machine/swtch.S"], SWTCH)
    assert not wrong, "\n".join(wrong)


@test("has each source file 500 lines at most?")
def _():
    files = [file for top in ("src", "include", "programs", "bench", "tests", "tools") for file in sources(ROOT / top)]
    wrong = too_long(files + [ROOT / "uos", ROOT / "check"], FILE)
    assert not wrong, "\n".join(wrong)
    with tempfile.NamedTemporaryFile("w+", suffix=".c") as file:
        file.write("\n" * (FILE + 1))
        file.flush()
        assert too_long([Path(file.name)], FILE), "it would not complain"


@test("is each layer within its budget?")
def _():
    sums = {layer: sum(map(lines, sources(ROOT / "src" / layer))) for layer in BUDGETS}
    for layer, total in sums.items():
        print(f"# {layer}: {total} lines of {BUDGETS[layer]}")
    strange = {folder.name for folder in (ROOT / "src").iterdir()} - set(BUDGETS)
    wrong = [f"src/{layer}: {total} lines: look for what to delete" for layer, total in sums.items() if total > BUDGETS[layer]]
    assert not wrong and not strange, "\n".join(wrong + [f"src/{name} has no budget" for name in sorted(strange)])


@test("does ./check run every script of tests/e2e and tests/structure?")
def _():
    build = (ROOT / "tests/meson.build").read_text()
    scripts = [*(ROOT / "tests/e2e").glob("test_*.py"), *(ROOT / "tests/structure").glob("*.py")]
    idle = [str(file) for file in scripts if f"'{file.stem.removeprefix('test_')}'" not in build]
    assert scripts and not idle, f"not in tests/meson.build: {idle}"


main()
