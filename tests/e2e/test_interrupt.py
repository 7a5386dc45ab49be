#!/usr/bin/env python3
"""A person who does not want to wait any longer: Ctrl-C, --timeout, and the notice that tells why nothing happens."""

import os
import signal

from uos import Live, equal, guest, main, matrix, pidless, run, test

MODES = ("coop", "preempt")


@test("does coop tell who holds the CPU, who waits and what would help, once; do two Ctrl-C end it with 130?")
def _():
    with Live("-m", "coop", "spin forever", "hello", tty=True) as live:
        notice = live.until(r"^uos: .*-m preempt.*$").group(0).decode()
        for word in ("spin", "2", "hello"):
            assert word in notice, f"no {word!r} in {notice!r}"
        live.interrupt()
        before = live.cpu_ns()
        live.holds(lambda: live.cpu_ns() > before + 200_000_000, "spin computes on after the first Ctrl-C")
        live.interrupt()
        result = live.finish()
    equal(result.status, 130, f"status of {result}")
    assert b"hello from" not in result.stdout, str(result)
    equal(result.stdout.count(b"-m preempt"), 1, f"notices in {result}")


@test("is there no notice when the holder is alone, or when the CPU changes hands?")
def _():
    with Live("-m", "coop", "spin 10", tty=True) as live:
        assert b"-m preempt" not in live.finish().stdout, "a notice though nobody waits"
    with Live("-m", "preempt", "spin 5", "spin 5", tty=True) as live:
        assert b"-m preempt" not in live.finish().stdout, "a notice in preempt"


@matrix("does preempt print hello beside one who computes for ever, and does one Ctrl-C end it with 130?")
def _(options):
    with Live(*options, "-m", "preempt", "spin forever", "hello", tty=True) as live:
        live.until("^hello from pid 3$")
        live.interrupt()
        equal(live.finish().status, 130, "status")


@matrix("does one Ctrl-C end guests that wait, in coop and preempt?")
def _(options):
    for mode in MODES:
        for words in ([guest("nap", 100000, "nap")], [guest("nap", 100000, "nap"), guest("answer")], [guest("answer")]):
            with Live(*options, "-m", mode, *words, tty=True) as live:
                for word in words:
                    live.until("nap asleep" if "nap" in word else "answer: waiting")
                live.interrupt()
                equal(live.finish().status, 130, f"status of {words} in {mode}")


@test("do two Ctrl-C end a guest that ignores them, and does the first leave it alone?")
def _():
    for mode in MODES:
        with Live("-m", mode, guest("deaf"), guest("nap", 100000, "nap"), tty=True) as live:
            live.until("^deaf 2$")
            live.until("nap asleep")
            live.interrupt()
            live.until(r"^deaf \d+$", start=len(live.seen["out"]))
            live.interrupt()
            equal(live.finish().status, 130, f"status in {mode}")


@test("does SIGINT from elsewhere do what Ctrl-C does?")
def _():
    with Live("spin forever", guest("answer")) as live:
        live.until("answer: waiting")
        os.kill(live.pid, signal.SIGINT)
        equal(live.finish().status, 130, "status")


@matrix("does --timeout end with 124 whatever the guests do?")
def _(options):
    for mode in MODES:
        for words in (["spin forever"], ["spin forever", "hello"], [guest("nap", 100000, "nap")], [guest("deaf")]):
            result = run(*options, "-m", mode, "--timeout=300ms", *words, timeout=20)
            equal(result.status, 124, f"status of {words} in {mode}: {result}")
    with Live(*options, "--timeout=300ms", guest("answer"), tty=True) as live:
        equal(live.finish().status, 124, "status while a guest waits for the terminal")


@test("does a timeout that is long enough change nothing?")
def _():
    result = run("--timeout=1m", "-m", "coop", "spin 1", "hello")
    equal((result.status, pidless(result.stdout), result.stderr), (0, b"spin 1/1\nhello from pid N\n", b""), "result")


main()
