#!/usr/bin/env python3
"""Programs as they are installed: bytes, status and the files they leave behind are the host's, alone and six at once.

tests/userland/cases.py lists them; families.py, if that is our argument, those that have children, threads and signals;
runtimes.py those that bring much along: java, node.
UOS_REPEAT=N does everything N times; CASES=regex takes only those.
"""

import collections
import functools
import importlib
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import scratch
from uos import GUESTS, PROGRAMS, ROOT, Result, Skip, equal, host, main, matrix, pidless, run, shorten, test

sys.path.insert(0, str(ROOT / "tests/userland"))
LIST = importlib.import_module(sys.argv[1] if len(sys.argv) > 1 else "cases")
ALONE, SCRIPTS, STDIN, TEXTS, TOGETHER = LIST.ALONE, LIST.SCRIPTS, LIST.STDIN, LIST.TEXTS, LIST.TOGETHER
QUANTA = getattr(LIST, "QUANTA", ("10ms",))

BUILT = Path(GUESTS).parent / "userland"
REPEAT = int(os.environ.get("UOS_REPEAT", "1"))
ENV = {"PATH": f"/usr/bin:/bin:{BUILT}:{PROGRAMS}", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
CASES = {name: [shlex.split(line) for line in lines.split("\n") if line.strip()]
         for name, lines in {**TOGETHER, **ALONE}.items() if re.search(os.environ.get("CASES", ""), name)}
SIX = [name for name in TOGETHER if name in CASES]
GROUPS = [[SIX[(first + k) % len(SIX)] for k in range(6)] for first in range(0, len(SIX), 6)] if len(SIX) >= 6 else []
TOP = tempfile.TemporaryDirectory(prefix="uos-e2e-")


def fresh(work):
    """What work(path) makes of a new directory, and what is left in it. It always has the same name, because programs print it."""
    path = os.path.join(TOP.name, "scratch")
    scratch.prepare(path)
    texts = {**TEXTS, **{os.path.basename(name): (ROOT / "tests/userland" / name).read_bytes() for name in SCRIPTS}}
    for name, text in texts.items():
        Path(path, name).write_bytes(text)
    host("tar --mtime=@1000000000 --sort=name -cf made.tar dir many", cwd=path)
    for name in [*texts, "made.tar", ""]:
        os.utime(os.path.join(path, name), ns=(scratch.WHEN, scratch.WHEN))
    try:
        return work(path, {**ENV, "PWD": path}), scratch.snapshot(path)
    finally:
        scratch.clear(path)


def in_turn(names, runner):
    """Runs all commands of these cases, one after the other."""
    return fresh(lambda path, env: [runner(argv, stdin=STDIN.get(name, b""), cwd=path, env=env) for name in names for argv in CASES[name]])


@functools.cache
def real(*names):
    """The same on the host."""
    for name in names:
        for argv in CASES[name]:
            if not shutil.which(argv[0], path=ENV["PATH"]):
                raise Skip(f"{argv[0]} is not here")
    return in_turn(names, host)


def parts(result):
    """What must be equal: of stderr, what the guest wrote."""
    stderr = b"".join(line for line in result.stderr.splitlines(True) if not line.startswith(b"uos: "))
    return pidless(result.stdout), stderr, result.status


def first_difference(seen, wanted):
    at = next((k for k, (a, b) in enumerate(zip(seen, wanted)) if a != b), min(len(seen), len(wanted)))
    return f"at byte {at} of {len(seen)}, {len(wanted)} on the host: {seen[max(at - 40, 0):at + 120]!r}, should be {wanted[max(at - 40, 0):at + 120]!r}"


def compare(argv, result, should):
    """[], or what is different."""
    what = [f"{stream} {first_difference(a, b)}" for stream, a, b in zip(("stdout", "stderr"), parts(result), parts(should)) if a != b]
    if result.status != should.status:
        what.append(f"status {result.status}, should be {should.status}")
    return [f"{shlex.join(argv)[:100]}:\n  " + "\n  ".join(what) + f"\n  stderr: {shorten(result.stderr, 400)}"] if what else []


def alone(name, options):
    wanted, tree = real(name)
    seen, seen_tree = in_turn([name], lambda argv, **more: run(*options, shlex.join(argv), **more))
    wrong = [line for argv, *both in zip(CASES[name], seen, wanted) for line in compare(argv, *both)]
    wrong += scratch.differences(seen_tree, tree)
    assert not wrong, "\n".join(wrong)


def told_apart(result, outputs, stream):
    """The stream is these outputs, mixed line by line: no line more, none less, each one's in its order."""
    seen = pidless(parts(result)[0] if stream == "stdout" else parts(result)[1]).splitlines(True)
    wanted = collections.Counter(line for _, output in outputs for line in output.splitlines(True))
    more, less = collections.Counter(seen) - wanted, wanted - collections.Counter(seen)
    assert not more and not less, f"{stream}: too many {dict(more)}, missing {dict(less)}\n{shorten(result.stderr)}"
    for name, output in outputs:
        left = iter(seen)
        assert all(line in left for line in output.splitlines(True)), f"{stream} of {name} is not in its order: {shorten(b''.join(seen))}"


def at_once(names, options):
    """All of them in one run of uos; they are preempted, and each ends as the host has it."""
    wanted, tree = real(*names)
    report = os.path.join(TOP.name, "stats")
    words = [shlex.join(argv) for name in names for argv in CASES[name]]
    result, seen_tree = fresh(lambda path, env: run(*options, "-q", "200us", f"--stats=json:{report}", *words, cwd=path, env=env))
    told_apart(result, [(word, parts(should)[0]) for word, should in zip(words, wanted)], "stdout")
    told_apart(result, [(word, parts(should)[1]) for word, should in zip(words, wanted)], "stderr")
    said = json.loads(Path(report).read_text())
    ends = [128 + each["signal"] if each["signal"] else each["status"] for each in said["processes"]]
    equal(dict(zip(words, ends)), dict(zip(words, [each.status for each in wanted])), "statuses")
    equal(result.status, next((each.status for each in wanted if each.status), 0), "status of uos")
    assert said["machine"]["switches_by_timer"] > 0, "nobody was ever interrupted"
    wrong = scratch.differences(seen_tree, tree)
    assert not wrong, "\n".join(wrong)


def repeated(function, *args):
    for count in range(REPEAT):
        try:
            function(*args)
        except AssertionError as error:
            raise AssertionError(f"run {count + 1} of {REPEAT}: {error}") from None


for each in CASES:
    for quantum in QUANTA:
        title = f"alone: {each}" + (f", {quantum}" if len(QUANTA) > 1 else "")
        matrix(title)(lambda options, each=each, quantum=quantum: repeated(alone, each, [*options, "-q", quantum]))
for group in GROUPS:
    matrix(f"at once: {', '.join(group)}")(lambda options, group=group: repeated(at_once, group, options))
if {"python3.11", "python3.11, failing", "busybox awk"} <= CASES.keys():
    @matrix("at once: two python3.11 and one busybox, all at 0x400000")
    def _(options):
        for program in ("/usr/bin/python3.11", "/bin/busybox"):
            lowest = re.search(r"LOAD\s+0x0+ (0x\w+)", host(["readelf", "-lW", program]).stdout.decode())
            equal(lowest and int(lowest.group(1), 16), 0x400000, f"where {program} is linked")
        repeated(at_once, ["python3.11", "python3.11, failing", "busybox awk"], options)


@matrix("do six readers of one file each have an offset of their own?")
def _(options):
    words = [f"busybox dd if=lines of=copy-{n} bs={5 + n}" for n in range(6)]

    def work(path, env):
        report = os.path.join(TOP.name, "stats")
        result = run(*options, "-q", "200us", f"--stats=json:{report}", *words, cwd=path, env=env)
        return result, json.loads(Path(report).read_text()), [Path(path, f"copy-{n}").read_bytes() == TEXTS["lines"] for n in range(6)]

    (result, said, copied), _ = fresh(work)
    equal((result.status, copied), (0, [True] * 6), f"status, and copies that are like it: {result}")
    assert said["machine"]["switches_by_timer"] > 6, f"they were not interrupted: {said['machine']}"


@test("would a wrong byte, status or file be seen?")
def _():
    good = Result(b"hello from pid 7\n", b"uos: a line\nown\n", 3)
    equal(compare(["x"], good, good._replace(stdout=b"hello from pid 8\n", stderr=b"own\n")), [], "differences")
    for bad in (good._replace(stdout=b"hello from pid 7"), good._replace(stderr=b"own\nmore\n"), good._replace(status=4)):
        assert compare(["x"], bad, good) and compare(["x"], good, bad), f"{bad} is taken for {good}"
    assert scratch.differences({"a": "-rw-r--r-- 1"}, {"a": "-rw-r--r-- 2"}) and scratch.differences({}, {"a": ""})
    for output in (b"a\nx\nb\n", b"a\nb\nx\n", b"b\na\nx\n", b"a\nx\n", b"a\nb\nx\nx\n", b"a\nb\nxx\n"):
        try:
            told_apart(good._replace(stdout=output), [("ab", b"a\nb\n"), ("x", b"x\n")], "stdout")
            passes = True
        except AssertionError:
            passes = False
        equal(passes, output in (b"a\nx\nb\n", b"a\nb\nx\n"), f"{output} passes")


main()
