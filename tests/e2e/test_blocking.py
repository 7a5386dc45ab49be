#!/usr/bin/env python3
"""Guests that wait, for input or for time: the others run, and each wakes when it should."""

import fcntl
import os
import signal

from uos import Live, directory, equal, guest, in_order, main, matrix, run, test

MODES = ("coop", "preempt")


def fed_between(live, feed, spins):
    """answer is fed after spin's first line, and answers before its last."""
    live.until("answer: waiting")
    live.until(f"^spin 1/{spins}$")
    feed(b"ping\n")
    result = live.finish()
    equal(result.status, 0, f"status of {result}")
    in_order(result, "spin 1/%d" % spins, "answer: got 'ping'", "spin %d/%d" % (spins, spins))


@matrix("does a guest blocked on a FIFO, fed after spin's first line, answer before spin's last?")
def _(options):
    with directory() as where:
        os.mkfifo(f"{where}/fifo")
        both = os.open(f"{where}/fifo", os.O_RDWR)
        only = os.open(f"{where}/fifo", os.O_RDONLY)
        try:
            with Live(*options, guest("answer"), "spin 5", stdin=only) as live:
                fed_between(live, lambda data: os.write(both, data), 5)
        finally:
            os.close(both)
            os.close(only)


@matrix("does one blocked on a pipe, whichever of the two comes first?")
def _(options):
    for words in ([guest("answer"), "spin 5"], ["spin 5", guest("answer")]):
        with Live(*options, *words) as live:
            fed_between(live, live.feed, 5)


@matrix("does one blocked on a terminal?")
def _(options):
    with Live(*options, guest("answer"), "spin 5", tty=True) as live:
        fed_between(live, live.feed, 5)


@test("does the end of its input wake a blocked guest?")
def _():
    for mode in MODES:
        with Live("-m", mode, guest("answer"), guest("nap", 50, "nap")) as live:
            live.until("nap awake")
            live.feed(b"half")
            result = live.finish()
            in_order(result, "nap awake", "answer: end of file after 'half'")
            equal(result.status, 1, "status")


@matrix("do two guests that wait for the same pipe get a line each, and does the second wait on, alone?")
def _(options):
    for mode in MODES:
        words = [guest("answer", "one"), guest("answer", "two"), guest("nap", 300, "nap")]
        with Live(*options, "-m", mode, *words) as live:
            live.until("one: waiting")
            live.until("two: waiting")
            live.feed(b"x\n")
            live.until("(one|two): got 'x'")
            live.until("nap awake")  # the one that still waits does not hold up the others
            live.feed(b"y\n")
            result = live.finish()
            equal(result.status, 0, f"status of {result}")
            equal(sorted(line[5:] for line in result.lines if "got" in line), ["got 'x'", "got 'y'"], "lines")


@matrix("do two sleepers wake in the order of their times, whichever is started first?")
def _(options):
    for mode in MODES:
        for words in ([guest("nap", 500, "long"), guest("nap", 100, "short")],
                      [guest("nap", 100, "short"), guest("nap", 500, "long")]):
            result = run("-m", mode, *options, *words)
            equal(result.status, 0, f"status of {result}")
            in_order(result, "long asleep", "short awake", "long awake")
            in_order(result, "short asleep", "short awake")


@matrix("does one blocked in read and one asleep wake in either order?")
def _(options):
    for mode in MODES:
        for first in ("answer: got 'now'", "nap awake"):
            with Live("-m", mode, *options, guest("answer"), guest("nap", 1000, "nap")) as live:
                live.until("answer: waiting")
                live.until("nap asleep" if first != "nap awake" else first)
                live.feed(b"now\n")
                result = live.finish()
                equal(result.status, 0, f"status of {result}")
                in_order(result, first, "nap awake" if first != "nap awake" else "answer: got 'now'")


@matrix("does a sleep let the others run?")
def _(options):
    for mode in MODES:
        with Live("-m", mode, *options, guest("nap", 100000, "nap"), "spin 1", "hello") as live:
            live.until("hello from pid 4")
            os.kill(live.pid, signal.SIGINT)
            result = live.finish()
        equal(result.status, 130, f"status of {result}")
        in_order(result, "nap asleep", "spin 1/1", "hello from pid 4")


@test("does a sleeper wake while another computes, in preempt before its end, in coop after?")
def _():
    words = [guest("nap", 100, "nap"), "spin 3"]
    in_order(run("-m", "preempt", *words), "spin 1/3", "nap awake", "spin 3/3")
    result = run("-m", "coop", *words)
    in_order(result, "nap asleep", "spin 1/3", "spin 2/3", "spin 3/3", "nap awake")


@matrix("does uos use under 1 % of a CPU while all guests sleep?")
def _(options):
    for mode in MODES:
        words = [guest("nap", 3000, "first"), guest("nap", 3001, "second"), guest("answer")]
        with Live("-m", mode, *options, *words) as live:
            for line in ("first asleep", "second asleep", "answer: waiting"):
                live.until(line)
            before = live.cpu_ns()
            live.until("first awake")
            used = live.cpu_ns() - before
            live.feed(b"\n")
            equal(live.finish().status, 0, "status")
            assert used < 30_000_000, f"{used / 1e6} ms of CPU in 3 s of sleep"


@test("is the input left in blocking mode, as it was given?")
def _():
    receiving, sending = os.pipe()
    flags = [fcntl.fcntl(end, fcntl.F_GETFL) for end in (receiving, sending)]
    with Live(guest("answer"), "hello", stdin=receiving) as live:
        live.until("answer: waiting")
        live.until("hello from")
        equal([fcntl.fcntl(end, fcntl.F_GETFL) for end in (receiving, sending)], flags, "flags while a guest waits")
        os.write(sending, b"x\nrest")
        equal(live.finish().status, 0, "status")
    equal([fcntl.fcntl(end, fcntl.F_GETFL) for end in (receiving, sending)], flags, "flags afterwards")
    equal(os.read(receiving, 9), b"rest", "what nobody read is still there")
    os.close(receiving)
    os.close(sending)


main()
