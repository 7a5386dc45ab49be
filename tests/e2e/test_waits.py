#!/usr/bin/env python3
"""Waiting for what only a guest itself could bring, for another guest, for a process of the host; and terminals."""

import fcntl
import os

from uos import GUESTS, UOS_HOOKS, Live, Skip, directory, equal, guest, host, in_order, main, matrix, run, test

IN_VAIN = ("read", "write", "poll", "select", "futex")
LOCKS = ("lock", "flock", "open file")


@matrix("does a guest that waits for its own pipe or word for ever let others run, and end by Ctrl-C?")
def _(options):
    for what in IN_VAIN:
        with Live(*options, guest("waits", what), "spin 1", tty=True) as live:
            live.until(f"{what}: waiting")
            live.until("spin 1/1")
            live.interrupt()
            result = live.finish()
            equal(result.status, 130, f"status of {result}")
            assert b": ends" not in result.stdout, str(result)


@test("does --timeout end all of them together, and is nothing left of them?")
def _():
    result = run("-v", "--timeout", "500ms", *(guest("waits", what) for what in IN_VAIN))
    equal(result.status, 124, f"status of {result}")
    for what in IN_VAIN:
        assert f"{what}: waiting" in result.lines and f"{what}: ends" not in result.lines, str(result)


@matrix("do two guests that want the same lock have it one after the other?")
def _(options):
    for what in LOCKS:
        with directory() as where:
            open(f"{where}/file", "w").close()
            words = [guest("waits", what, "file", 200), guest("waits", what, "file", 1)]
            result = run(*options, *words, cwd=where)
            equal(result.status, 0, f"status of {result}")
            equal(result.lines.count(f"{what}: 0 "), 2, f"locks had: {result}")
            in_order(result, f"{what}: 0 ", f"{what}: ends", f"{what}: 0 ", f"{what}: ends")


def lock_of_host(file, what):
    if what == "flock":
        fcntl.flock(file, fcntl.LOCK_EX)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX, 5, 10)


def is_free(name, what):
    """Could another process of the host have the lock now?"""
    call = "flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)" if what == "flock" else "lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 10)"
    return host(["python3", "-c", f"import fcntl; f = open({name!r}, 'r+'); fcntl.{call}"]).status == 0


@test("does a guest wait for a lock that a process of the host holds, and does the host see a guest's?")
def _():
    for what in LOCKS:
        with directory() as where, open(f"{where}/file", "w+") as file:
            lock_of_host(file, what)
            with Live(guest("waits", what, "file", 100000), guest("waits", "poll"), cwd=where) as live:
                live.until(f"{what}: waiting")
                live.until("poll: waiting")
                assert b": 0 " not in live.seen["out"], f"{what}: it has the lock of another process"
                file.close()
                live.until(f"{what}: 0 ")
                assert not is_free(f"{where}/file", what), f"{what}: the host does not see it"
            assert is_free(f"{where}/file", what), f"{what}: it is held after uos's end"


def on_terminal(*argv, uos=None):
    with Live(*argv, tty=True, uos=uos) as live:
        return live.finish()


@matrix("does a guest that asks and sets its terminal get Linux's answers, and is the terminal as before?")
def _(options):
    with Live("exit", tty=True, uos=os.path.join(GUESTS, "terminal")) as live:  # on Linux, who puts it back is the next shell
        live.until("raw now")
        live.process.wait()
        real = live.seen["out"].replace(b"\r\n", b"\n")
    result = on_terminal(*options, guest("terminal"))
    equal(result.stdout.split(b"uos:")[0].rstrip(), real.rstrip(), "the terminal's answers")
    equal(result.status, 5, "status")


@test("is the terminal as before however uos ends: by itself, Ctrl-C, SIGTERM, a panic, a guest's fault?")
def _():
    for mode in ("coop", "preempt"):
        equal(on_terminal("-m", mode, guest("terminal", "fault")).status, 139, "status after a fault")
        equal(on_terminal("-m", mode, guest("terminal", "panic"), uos=UOS_HOOKS).status, 70, "status after a panic")
        with Live("-m", mode, guest("terminal", "wait"), tty=True) as live:
            live.until("raw now")
            live.process.terminate()
            equal(live.finish().status, 143, "status after SIGTERM")


@test("are a size, typing for the user, and taking the terminal away refused?")
def _():
    result = on_terminal(guest("terminal", "refused"))
    for what in ("TIOCSWINSZ", "TIOCSTI", "TIOCSCTTY"):
        assert f"{what}: -1 EPERM" in result.lines, f"{what}: {result}"


@test("does busybox's stty show the same settings of the terminal as on Linux?")
def _():
    if not os.path.exists("/bin/busybox"):
        raise Skip("/bin/busybox is not installed (Debian: busybox-static)")
    real = on_terminal("stty", "-a", uos="/bin/busybox")
    assert b"speed" in real.stdout, str(real)
    equal(on_terminal("/bin/busybox stty -a").stdout, real.stdout, "what stty says")


main()
