#!/usr/bin/env python3
"""Guests that take all, kill each other, or make calls at random: the others go on, nothing is left, nothing outside changes.

UOS_SECONDS=N makes the random ones run that long (some 10 s in all if not said; the long run is 600).
"""

import hashlib
import os
import re
import signal
from pathlib import Path

from uos import Live, Skip, directory, equal, guest, host, main, matrix, program, run, test

WORKERS = 20
SECONDS = int(os.environ.get("UOS_SECONDS", "0"))
LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
ENV = {**os.environ, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
ROUNDS = 12


def steady(name, rounds=ROUNDS):
    return guest("steady", name, rounds)


def right_sums(names, rounds=ROUNDS):
    """What the steady guests say on Linux: the sum is in the line."""
    with directory() as top:
        return {host(steady(name, rounds), cwd=top).stdout.decode().strip() for name in names}


def finished(result, names, rounds=ROUNDS):
    said = {line for line in result.lines if line.split(":")[0] in names or "wrong" in line}
    equal(said, right_sums(names, rounds), f"what the steady ones say: {result}")
    equal([line for line in result.complaints if line.startswith("uos: left:")], [LEFT], f"what is left: {result}")


def digest(folder):
    """Of all that is in it: names, contents, modes, times."""
    total = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        info = path.lstat()
        total.update(repr((str(path), info.st_mode, info.st_uid, info.st_size, info.st_mtime_ns, path.is_file() and path.read_bytes())).encode())
    return total.hexdigest()


@matrix("does who takes all processes, threads, memory get an error, and the others go on?")
def _(options):
    with directory() as top:
        names = ["one", "two"]
        result = run(*options, "-v", "-q", "1ms", "--procs=60", "--memory=512M", guest("bomb", "processes"), guest("bomb", "memory"),
                     *map(steady, names), "hello", cwd=top, env=ENV)
        finished(result, names)
        for line in ("no more processes: EAGAIN", "some: 1; none is left: 1", "no more memory: ENOMEM", "some: 1; again: 1"):
            assert line in result.lines, f"no line {line!r}: {result}"
        equal(result.status, 0, f"status of {result}")
        result = run(*options, "-v", "--procs=60", guest("bomb", "threads"), *map(steady, names), cwd=top, env=ENV)
        finished(result, names)
        assert "no more threads: EAGAIN" in result.lines and "some: 1" in result.lines, f"{result}"
        result = run(*options, "-v", "--memory=64M", guest("bomb", "files"), steady("one"), cwd=top, env=ENV)
        finished(result, ["one"])
        for line in ("no more files in memory: ENOSPC", "some: 1; written: 4", "again: 0"):
            assert line in result.lines, f"no line {line!r}: {result}"


@matrix("does all count that a program may touch, or could once?")
def _(options):
    for way in ("read", "opened", "closed", "unreserved", "reserved", "inherited", "stack", "waited"):
        equal(run(*options, guest("hoard", way)), host(guest("hoard", way)), way)
        with directory() as top:
            result = run(*options, "-v", "--memory=96M", guest("hoard", way), steady("one"), cwd=top, env=ENV)
        finished(result, ["one"])
        got = int(next(filter(str.isdigit, result.lines)))
        nothing = way == "reserved" or (way == "waited" and "--protect=full" not in options)  # there the kernel keeps it
        assert got == 32 if nothing else got < 6, f"{way}: {got} pieces of 16 MiB: {result}"


@matrix("are sockets freed that only messages in each other hold, and what those hold?")
def _(options):
    for count in (1, 300):  # 300 times 400 files: more than the host gives
        with directory() as top:
            result = run(*options, "-v", "-q", "1ms", guest("cycles", count), steady("one"), cwd=top, env=ENV)
        finished(result, ["one"])
        assert host(guest("cycles", count)).lines[0] in result.lines, f"{result}"


@matrix("does who types megabytes into a pseudo-terminal in one call let others run?")
def _(options):
    result = run(*options, "-m", "coop", guest("ptyflood", 16), "hello", env=ENV)
    equal(result.lines, ["hello from pid 3", "typed: 1"], f"the flood takes 256 turns: {result}")


@matrix("are programs killed at random moments gone without a trace, and the survivors right?")
def _(options):
    commands = ["while :; do :; done", "yes | cat >/dev/null", "sleep 100", "seq 100000 | sort -rn >f$$", "find / -name x 2>/dev/null | wc -l",
                "python3.11 -c 'import threading; [threading.Thread(target=lambda: [x for x in range(10**7)]).start() for _ in range(3)]'",
                "(sleep 50 & sleep 60 & wait)", "cp /bin/busybox c$$ && ./c$$ sha256sum c$$", "exec cat", "trap '' TERM; while :; do sh -c :; done"]
    with directory() as top:
        names = ["one", "two"]
        rounds = SECONDS * 30 or 10  # about so many a second
        result = run(*options, "-v", "-q", "200us", guest("killer", 7, rounds, *commands), *map(steady, names), cwd=top, env=ENV, timeout=600 + SECONDS)
        assert f"{rounds * 6} in all" in result.lines, f"{result}"
        assert int(re.search(r"^(\d+) killed$", result.stderr.decode(), re.M).group(1)) > 0, f"nobody was killed: {result}"
        finished(result, names)


@matrix("do calls at random harm nobody but who makes them?")
def _(options):
    with directory() as top:
        inside, outside = Path(top, "inside"), Path(top, "outside")
        for folder in (inside, outside):
            folder.mkdir()
        for k in range(20):
            Path(outside, f"file{k}").write_text(f"{k}" * k)
        names, before = ["one", "two", "three", "four"], digest(outside)
        workers = SECONDS * 3 if SECONDS else WORKERS
        result = run(*options, "-v", "-q", "1ms", "--procs=200", "--memory=2G", guest("randomcalls", 11, workers), *map(steady, names), cwd=inside, env=ENV,
                     timeout=600 + SECONDS)
        finished(result, names)
        equal(digest(outside), before, "what is outside")
        assert f"{workers} workers" in result.lines, f"{result}"
        equal(result.status, 0, f"status of {result}")


@test("does a bystander get on beside thousands of timers that expire as often as can be?")
def _():
    ways = {"none": 1, "handled": 1, "blocked": 1, "ignored": 1, "once": 1, "fd": 2, "read": 1, "alarms": 400, "caught": 10, "cpu": 400}
    for options in (("-q", "10ms", "--switch=asm"), ("-q", "200us", "--switch=ucontext")):
        for what, owners in ways.items():
            result = run(*options, guest("alarmed", what))
            equal(result.lines, [f"{what}: done", f"{what}: {owners} were there until then"], f"{options} {result}")
            equal(result.status, 0, f"status of {result}")


@matrix("are there addresses left for others when one gives a far page of each of many large files to the kernel?")
def _(options):
    result = run(*options, "-v", "-q", "200us", guest("sparse", 300), env=ENV)
    equal(result.lines, ["0 wrong, read 1 x", "0 wrong", "others go on"], f"{result}")
    equal(result.status, 0, f"status of {result}")
    assert LEFT in result.complaints, f"{result}"


@matrix("does one whom the host has no room for take nothing with him of those with the same addresses?", ("asm",))
def _(options):
    with directory() as top:
        result = run(*options, guest("crowdout"), cwd=top)
        if "the host has more mappings" in result.lines:
            raise Skip("vm.max_map_count is larger than Linux's own")
        equal((result.status, result.lines), (0, ["1, 8192 of 8192"]), str(result))
        assert any("killed: the host gives no more mappings" in line for line in result.complaints), f"it had room: {result}"


@test("is all that was written still there when uos is killed?")
def _():
    with directory() as top:
        writer = "dash -c 'n=0; while :; do echo $n >>log; echo $n; n=$((n+1)); done'"
        with Live("-q", "1ms", writer, writer.replace("log", "other"), cwd=top, env=ENV) as live:
            live.until("^1000$")
            os.kill(live.pid, signal.SIGKILL)
            live.process.wait()
        said = live.seen["out"].decode().split("\n")[:-1]
        for name in ("log", "other"):
            lines = Path(top, name).read_text().splitlines()
            equal(lines, [str(n) for n in range(len(lines))], f"what {name} holds, {len(lines)} lines")
        both = sum(len(Path(top, name).read_text().splitlines()) for name in ("log", "other"))
        assert both >= len(said) > 1000, f"{both} lines are there, {len(said)} were announced"


@test("would a byte that changes outside be seen, and a wrong sum?")
def _():
    with directory() as top:
        Path(top, "a").write_text("x")
        before = digest(top)
        Path(top, "a").write_text("y")
        assert digest(top) != before
        assert len(right_sums(["a", "b"])) == 2 and host(program("hello")).status == 0


main()
