#!/usr/bin/env python3
"""Rewritten system calls: the same as on Linux and without, and by the gate."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from uos import ROOT, Skip, directory, equal, guest, host, main, matrix, run, same_as_host, test

ROUNDS = 40
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
PATTERNS_LEFT_ALONE = 3  # of tests/guest/sites: call_behind, table, entered


def counts(result):
    return json.loads(result.stderr[result.stderr.index(b"{"):])["machine"]


def share(*args, **options):
    """Of the calls, how many percent went by the gate; and what else is counted."""
    with tempfile.NamedTemporaryFile("r") as report:
        run(f"--stats=json:{report.name}", *args, **options)
        m = json.load(report)["machine"]
    return 100 * (m["system_calls"] - m["system_calls_by_signal"]) // m["system_calls"], m


@matrix("does every kind of system call do the same, rewritten while others wait in it?")
def _(options):
    for quantum in "10ms", "200us", "50us":
        for _ in range(3):
            same_as_host(run(*options, "-q", quantum, guest("sites", ROUNDS)), guest("sites", ROUNDS))


@matrix("and with signals at every turn?")
def _(options):
    for quantum in "10ms", "50us":
        for _ in range(3):
            same_as_host(run(*options, "-q", quantum, guest("sites", ROUNDS, "interrupted")), guest("sites", ROUNDS, "interrupted"))


@matrix("and in two programs at once, one of which finds it done?")
def _(options):
    wanted = host(guest("sites", ROUNDS))
    for _ in range(3):
        result = run(*options, "-q", "50us", guest("sites", ROUNDS), guest("sites", ROUNDS))
        equal((result.status, sorted(result.stdout.splitlines())), (0, sorted(2 * wanted.stdout.splitlines())), str(result))


@test("which sites are rewritten, and which are left alone?")
def _():
    m = counts(run("--stats=json", guest("sites", ROUNDS)))
    equal(m["sites_refused"], PATTERNS_LEFT_ALONE, "refused")
    assert m["sites_rewritten"] > 16, m


@test("does --rewrite=off leave all to the signal, and is the output the same?")
def _():
    on, off = (run(f"--rewrite={choice}", "--stats=json", guest("sites", ROUNDS)) for choice in ("on", "off"))
    equal(on.stdout, off.stdout, "output")
    m = counts(off)
    equal((m["sites_rewritten"], m["sites_refused"], m["system_calls_by_signal"]), (0, 0, m["system_calls"]), "sites, calls by signal")


@test("does -v tell how many?")
def _():
    result = run("-v", guest("sites", ROUNDS))
    assert b" refused; " in result.stderr and b"% of the calls went by the gate" in result.stderr, str(result)


@test("do all but a few calls of real programs go by the gate?")
def _():
    walk = "import os; print(sum(len(f) for _, _, f in os.walk('/usr/share/doc')) > 0)"
    programs = {"ls": "ls -lR /usr/share/doc", "python3.11": f'/usr/bin/python3.11 -c "{walk}"', "busybox": "busybox find /usr/share/doc"}
    asked = 0
    for name, line in programs.items():
        if not shutil.which(name) or (line.startswith("/") and not os.access(line.split()[0], os.X_OK)):
            continue
        percent, m = share(line)
        assert percent >= 95, f"{name}: {percent} % of {m['system_calls']}"
        asked += 1
    if not asked:
        raise Skip("none of them is here")


@test("do nearly all of those of short runs, too: a shell's, a compiler's, make's, Python's?")
def _():
    lines = {"bash": "bash work.bash", "gcc": "gcc -O2 -o twice one.c two.c", "make": "dash project.sh",
             "python3.11": "/usr/bin/python3.11 -c 'import argparse, json, os, tempfile; print(len(os.listdir()))'"}
    missing = [name for name in lines if not shutil.which(name)]
    with directory() as top:
        shutil.copytree(ROOT / "tests/userland/families", top, dirs_exist_ok=True)
        Path(top, "lines").write_text("".join(f"{n}\n" for n in range(5000)))
        for name, line in lines.items():
            if name not in missing:
                percent, m = share(line, cwd=top, env=ENV)
                assert percent >= 95, f"{name}: {percent} % of {m['system_calls']}"
    if missing:
        raise Skip(f"{', '.join(missing)}: not here")


@test("does a second program find done what the first one did?")
def _():
    alone = counts(run("--stats=json", guest("sites", ROUNDS)))
    eight = counts(run("--stats=json", *[guest("sites", ROUNDS)] * 8))
    assert eight["sites_rewritten"] < 2 * alone["sites_rewritten"], f"{eight}\nalone: {alone}"


if __name__ == "__main__":
    sys.exit(main())
