#!/usr/bin/env python3
"""Faults that were found once, and are not to come back."""

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from uos import (UOS, Live, directory, equal, guest, host, main, matrix, program, run, same_as_host, shorten, test, ticks)

LEFT = b"uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"


@matrix("are an int argument's upper 32 bits without meaning, as on Linux?")
def _(options):
    word = guest("upperbits")
    same_as_host(run(*options, word), shlex.split(word))


@matrix("does a read survive that another thread unmaps the file which it waits to fill?")
def _(options):
    with directory() as top:
        result = run(*options, "-v", guest("unmapped", "file"), cwd=top)
    equal((result.status, result.lines), (0, ["still here"]), f"{result}")
    assert LEFT in result.stderr.splitlines(), f"{result}"


# ---- Interrupts -------------------------------------------------------------------------------------------------------------

def interrupted_in_a_call(options, *args):
    """`vectors` in coop gets one SIGINT, at whatever instruction it is, most of the time inside a call. Its result."""
    with Live("-m", "coop", *options, guest("vectors", *args)) as live:
        live.until("vectors: ready")
        os.kill(live.pid, signal.SIGINT)
        live.holds(lambda: live.process.poll() is not None or not live._sigint_pending(), "SIGINT taken", ended=True)
        return live.finish()


@matrix("do vector registers survive a call of the gate during which Ctrl-C arrives in coop?")
def _(options):
    for attempt in range(20):  # without what this tests, one in two to ten fails
        result = interrupted_in_a_call(options, "ignore")
        equal((result.status, result.lines), (0, ["vectors: ready", "vectors: kept"]), f"attempt {attempt}, ignored: {result}")
        result = interrupted_in_a_call(options)  # it computes on until its next call, with what the kernel has left it
        equal((result.status, result.lines), (130, ["vectors: ready"]), f"attempt {attempt}, not ignored: {result}")


def is_stopped(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@matrix("are two interrupts that arrive together both taken, though the first ends the guest that runs?")
def _(options):
    for mode, busy in (("coop", guest("nap", 100000, "nap")), *[("preempt", "spin forever")] * 8):
        with Live("-m", mode, *options, busy, guest("deaf")) as live:
            live.until("^deaf 2$")
            os.kill(live.pid, signal.SIGSTOP)
            live.holds(lambda: is_stopped(live.pid), "stopped")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
                os.kill(live.pid, number)
            result = live.finish(timeout=20)  # if SIGTERM were lost, `deaf` would go on for ever
        equal(result.status, 143, f"{mode}: status of {result}")


@test("do processes that sleep raise no more ticks than they have reasons to?")
def _():
    for words, sleeps in ((["sleeper 20 20"], 20), (["sleeper 20 20"] * 3, 60), (["sleeper"] * 3, 9)):
        result = run("-v", *words)
        equal(result.status, 0, f"status of {result}")
        raised = ticks(result)[0]
        # A sleep ends by at most one tick: the timer is set for the next sleeper only while somebody runs, and whoever
        # idles needs none. Besides: boot's, and the end of a slice if the host was slow, which it is not often.
        assert raised <= sleeps + 5, f"{raised} ticks for {sleeps} sleeps of {words}: {shorten(result.stderr)}"


# ---- Resources --------------------------------------------------------------------------------------------------------------

@matrix("does a mapping with more holes than the host has mappings end in success or ENOMEM, and leave nothing?")
def _(options):
    result = run(*options, "-v", guest("holes", 140000), "hello")
    equal(result.status, 0, f"status of {result}")
    assert re.search(r"^holes: (70000 unmapped: all|\d+ unmapped: ENOMEM)$", "\n".join(result.lines), re.M), str(result)
    assert "hello from pid 3" in result.lines, str(result)
    assert LEFT in result.stderr.splitlines(), str(result)


def is_asleep(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


@matrix("does a poll for reading and writing of a full pipe wake when the pipe is drained?")
def _(options):
    deadline = time.monotonic() + 20  # the guest waits for 60 s
    with subprocess.Popen([UOS, *options, guest("pollboth")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL) as process:
        try:
            equal(process.stderr.readline(), b"full\n", "first line")
            while not is_asleep(process.pid) and process.poll() is None:
                assert time.monotonic() < deadline, "uos never idles"
            left, said = {process.stdout.fileno(), process.stderr.fileno()}, b""
            while left and time.monotonic() < deadline:
                for fd in select.select(list(left), [], [], 0.1)[0]:
                    data = os.read(fd, 65536)
                    if not data:
                        left.remove(fd)
                    elif fd == process.stderr.fileno():
                        said += data
            equal((said, left), (b"pollboth: 1, writable\n", set()), "what it said in 20 s")
            equal(process.wait(), 0, "status")
        finally:
            process.kill()


# ---- Names ------------------------------------------------------------------------------------------------------------------

@test("does a program's name with control characters reach no terminal as such?")
def _():
    with directory() as where:
        for name in ("a\nuos: panic: no", "\x1b[31mred", "b\rc\x07\x7f\x08", "\t", "\x9b31m", "\udc9b31m", "gr\xfc\xdfe"):
            shutil.copy(program("wildptr")[0], f"{where}/{name}")
            for options, status, word in (((), 139, f"{where}/{name}"), (("-v",), 139, f"{where}/{name}"),
                                          ((), 127, f"{where}/not {name}"), ((), 126, f"{where}/{name}/")):
                result = run(*options, shlex.quote(word), "wildptr")
                equal(result.status, status, f"status of {name!r}: {result}")
                assert re.fullmatch("(uos: [^\x00-\x1f\x7f-\x9f]*\n)+", result.stderr.decode()), f"{name!r}: {result.stderr!r}"
                assert b"\nuos: panic: no" not in result.stderr, f"{name!r}: {result.stderr!r}"

@matrix("do calls at the edge of their arguments answer as on Linux?")
def _(options):
    nothing, open_end = os.pipe()  # nobody writes, nobody closes: a read of it would wait
    same_as_host(run(*options, guest("edges"), stdin_file=nothing), [guest("edges")], stdin_file=nothing)
    os.close(open_end)
    os.close(nothing)


@test("does what uos inherits not change what it is: ignored SIGCHLD, a stack without limit, a limit of file size?")
def _():
    def shell(script):
        return host(["/bin/sh", "-c", script, "sh", UOS])

    plain = shell('"$1" -v hello')
    level = re.search(rb"protect (\w+)", plain.stderr)[1]
    result = shell("trap '' CHLD; \"$1\" -v hello")
    equal(re.search(rb"protect (\w+)", result.stderr)[1], level, "level with SIGCHLD ignored")
    for limit in ("-s unlimited", "-f 1000", "-n 4", "-n 20"):
        result = shell(f'ulimit {limit}; "$1" hello')
        assert result.status == 0 or (result.status == 125 and result.stderr.count(b"\n") == 1 and b"ulimit" in result.stderr), \
            f"ulimit {limit}: {result}"
    equal(shell('ulimit -S -n 4; "$1" hello').status, 0, "status where the limit can be raised")


@test("does nohup work: is a SIGHUP that was ignored at the start ignored?")
def _():
    result = host(["/bin/sh", "-c", "trap '' HUP; \"$1\" 'sleeper 100 3' & kill -HUP $!; wait $!", "sh", UOS])
    equal(result.status, 0, f"status of {result}")
    assert b"sleeper 3/3" in result.stdout, str(result)


@test("is a directory in PATH that has the program's name passed over?")
def _():
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(f"{place}/exitwith")
        path = f"{place}:{os.path.dirname(guest('exitwith').split()[0])}"
        equal(run("exitwith 7", env={**os.environ, "PATH": path}).status, 7, "status with a directory before it")


@test("are the times in uos's own lines right? (the machine is compiled without floating point)")
def _():
    assert "uos: timeout after 300 ms: all processes killed" in run("--timeout=300ms", "spin forever").complaints
    with Live("sleeper 150", "sleeper 150", tty=True) as live:
        live.finish()
        seconds = re.search(rb"2 processes, \d+ switches \(\d+ by timer\), ([\d.]+) ms", live.seen["out"])
    assert seconds and float(seconds[1]) >= 450, str(live.seen)


@test("does a stray SIGALRM in coop leave the running program alone?")
def _():
    with Live("-v", "-m", "coop", "-q", "20us", "spin 1", "spin 1") as live:
        live.until("spin 1/1")
        for _ in range(30):
            os.kill(live.pid, signal.SIGALRM)
            time.sleep(0.002)  # each is one of its own; nothing is decided by it
        result = live.finish()
    assert b"(0 by timer)" in result.stderr, str(result)


@test("does a wakeup by the timer cost one interrupt, not two?")
def _():
    result = run("-v", "-s", "prio:priorities=0/1", "-q", "1s", "sleeper 1 200", "spin 1")
    raised, ended, _, early, *_ = ticks(result)
    assert ended > 50 and early < ended / 4, str(result)


@test("does a name with escapes reach no terminal?")
def _():
    with tempfile.TemporaryDirectory() as place:
        name = f"{place}/p\x1b[31m\nx"
        shutil.copy(program("hello")[0], name)
        for options in (["-t", "lde"], ["--stats"], ["-v"]):
            result = run(*options, shlex.quote(name))
            assert result.status == 0 and b"\x1b" not in result.stderr, f"{options}: {result}"


@test("do the verbs work for a caller that ignores SIGCHLD, or has closed standard input?")
def _():
    def shell(script):
        return host(["/bin/sh", "-c", script, "sh", UOS])

    equal(shell("trap '' CHLD; \"$1\" doctor").status, run("doctor").status, "doctor")
    equal(shell("trap '' CHLD; \"$1\" compare -r 1 nosuchprogram").status, 127, "compare of what is not there")
    equal(shell('"$1" bench -r 3 -w 1 timer <&-').status, 0, "bench without standard input")


main()
