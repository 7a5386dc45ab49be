#!/usr/bin/env python3
"""200 programs of every sort in one boot: is nothing left of them, by uos's own count and by the host's?"""

import collections
import os
import re
import shlex
from pathlib import Path

import scratch
from uos import Live, directory, equal, guest, main, matrix, run, test

KERNEL_STACK = 0x10000  # bytes, with its guard page
LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
# Some of those named before it may wait for the disk when it begins, so it looks until there is nobody but pid 1 and itself.
LAST = "dash -c 'while [ $# -ne 2 ]; do sleep 0.01; set -- /proc/[0-9]*; done; exec cat'"
ENV = {**os.environ, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def python(code):
    return shlex.join(["python3.11", "-c", code])


def mixed(count):
    """So many command lines; each ends in its own way, and leaves open and mapped what it has."""
    sorts = [
        "echo {n}", "ls -la dir", "busybox sha256sum big", "sort file", "grep -r e dir", "find many", "cat missing", "cat big", "perl -e 'exit 3'",
        "lua5.4 -e 'io.open(\"file\"); os.exit(2)'", "awk 'END {{ exit 7 }}' file", "sqlite3 db-{n} 'create table t(x); insert into t values (7)'",
        python("import mmap, os; f = open('big', 'r+b'); m = mmap.mmap(f.fileno(), 0); open('new-{n}', 'w').write('x'); os._exit(4)"),
        python("import os, signal; fds = [open('file') for _ in range(50)]; os.kill(os.getpid(), signal.SIGKILL)"),
        python("import mmap, os; f = open('cut-{n}', 'w+b'); f.truncate(8192); m = mmap.mmap(f.fileno(), 0); f.truncate(0); m[0]"),
        guest("hello-exec"), "primes 500", "hello", "wildptr", "divzero", guest("keep", 3, 3), guest("exitwith", 5), "/no/such/program-{n}",
        "busybox awk 'BEGIN {{ while (i < 9999) a[i++] = i; print a[77] > \"awk-{n}\" }}'", "cp -r dir copied-{n}", "cp -r dir /tmp/copied-{n}", "tail -n 1 file",
    ]
    return [sorts[n % len(sorts)].format(n=n) for n in range(count)]


def runnable(count):
    """Those for uos's own command line: what cannot be loaded would end it before it begins."""
    return [word for word in mixed(count * 2) if "no/such" not in word][:count]


def in_scratch(work):
    with directory() as top:
        path = scratch.prepare(os.path.join(top, "scratch"))
        try:
            return work(path)
        finally:
            scratch.clear(path)


@matrix("after 200 mixed programs in one boot, is nothing left?")
def _(options):
    result = in_scratch(lambda path: run(*options, "-v", "-q", "1ms", *runnable(200), cwd=path, env=ENV, timeout=300))
    equal([line for line in result.complaints if line.startswith("uos: left:")], [LEFT], f"what -v says: {result}")
    ends = collections.Counter(re.findall(r"^uos: pid \d+: .*: ((?:exit|signal) \d+)$", result.stderr.decode(), re.M))
    equal(sum(ends.values()), 200, f"ends told in {result}")
    few = {end: ends[end] for end in [f"exit {n}" for n in (0, 1, 2, 3, 4, 5, 7)] + [f"signal {n}" for n in (7, 8, 9, 11)] if ends[end] < 7}
    equal(few, {}, f"ends that should be there seven times, of {ends}")


@test("and from a file, one after another?")
def _():
    def work(path):
        workload = Path(path, "workload")
        workload.write_text("# 200 of them\n\n" + "\n".join(runnable(200)) + "\n")
        return run("-m", "coop", "-v", "-f", workload, cwd=path, env=ENV, timeout=300)
    result = in_scratch(work)
    equal([line for line in result.complaints if line.startswith("uos: left:")], [LEFT], f"what -v says: {result}")


def held(options, count):
    """What the host counts for uos once `count` programs have ended and the last one waits: descriptors, mappings with a name, bytes
    of the others (the host makes one of two that touch). Of rewritten code the last copies made are kept, whosever they are: without
    rewriting, the count is the same each time."""
    def work(path):
        with Live(*options, "--rewrite=off", "-m", "coop", *runnable(count), LAST, cwd=path, env=ENV) as live:
            live.feed(b"the last one\n")
            live.until("^the last one$", timeout=300)
            process = Path(f"/proc/{live.pid}")
            live.idles()
            maps = [line.split() for line in (process / "maps").read_text().splitlines()]
            nameless = [int(end, 16) - int(start, 16) for start, end in (words[0].split("-") for words in maps if len(words) == 5)]
            descriptors = len(list((process / "fd").iterdir()))
            live.finish()
            return descriptors, len(maps) - len(nameless), sum(nameless)
    return in_scratch(work)


@matrix("does the host see as many descriptors and mappings after 200 as after 26?")
def _(options):
    few, many = held(options, 26), held(options, 200)
    equal(many[:2], few[:2], "descriptors of uos, and its mappings with names, on the host")
    stacks = (200 - 26) * KERNEL_STACK  # all programs are there from the beginning, and stacks are kept for those to come
    assert many[2] <= few[2] + stacks, f"bytes of uos on the host: {many[2]}, after 26 programs {few[2]}, their stacks {stacks}"


main()
