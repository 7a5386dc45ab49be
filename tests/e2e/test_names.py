#!/usr/bin/env python3
"""Names and what is behind them, where it is not a matter of one system call: special files, /tmp, the umask, many open files,
directories that the host renames and removes while a program is in them.

Which calls answer as Linux's is for test_calls.py, what may be written to where for test_mounts.py, ways out for test_escape.py.
"""

import contextlib
import os
import resource
import shutil
import signal
import socket
import stat
import tempfile
from pathlib import Path

from uos import GUESTS, UOS, Live, Skip, equal, guest, main, matrix, run, run_argv, test

CALLS = Path(GUESTS).parent / "calls"
ROOT = os.geteuid() == 0
NOBODY = 65534
LEFT = b"0 descriptors"


@contextlib.contextmanager
def scene():
    """A directory outside /tmp, of which programs have their own; everybody may write to it."""
    top = Path(tempfile.mkdtemp(prefix="uos-names-", dir="/var/tmp"))
    top.chmod(0o777)
    try:
        yield top
    finally:
        shutil.rmtree(top)


def names(*words, options=(), cwd, **more):
    """What the words of tests/guest/names.c came to, in order."""
    result = run(*options, guest("names", *words), cwd=cwd, **more)
    equal((result.status, result.stderr), (0, b""), f"status and stderr: {result}")
    return [line.partition(": ")[2] for line in result.lines]


def in_memory():
    """What of ours is in /dev/shm."""
    return {name for name in os.listdir("/dev/shm") if name.startswith("uos-")} if os.path.isdir("/dev/shm") else set()


@matrix("are FIFOs, sockets and devices of the host seen and removed, but not opened, and nobody waits?")
def _(options):
    with scene() as here:
        os.mkfifo(here / "fifo")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(here / "socket"))
        kinds = ["fifo", "socket"]
        if ROOT:
            os.mknod(here / "device", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            kinds.append("device")
        (here / "link").symlink_to("fifo")
        words = [word for kind in kinds + ["link"] for word in ("read", kind, "write", kind)]
        equal(names(*words, options=options, cwd=here), ["EACCES"] * len(words[::2]), "reading and writing")
        removed = [word for kind in kinds for word in ("remove", kind)]
        equal(names("move", "fifo", "moved", "move", "moved", "fifo", "list", ".", *removed, options=options, cwd=here),
              ["done", "done", " ".join(sorted(kinds + ["link"]))] + ["done"] * len(kinds), "the rest")
        equal(os.listdir(here), ["link"], "what is left")


# Three ways to a /tmp: who may mount, who may make a user namespace, and who may neither.
def as_nobody(argv):
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *argv]


def without_namespaces(argv):
    return ["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh", *argv]


def tmp_works(wrap, where):
    with scene() as here:
        before = in_memory()
        argv = wrap([UOS, "-v", guest("names", "mkdir", "/tmp/dir", "write", "/tmp/dir/file", "read", "/tmp/dir/file", "move", "/tmp/dir",
                                      "/tmp/other", "list", "/tmp", "list", "/tmp/other", "remove", "/tmp/other/file")])
        result = run_argv(argv, cwd=here)
        if b"permitted" in result.stderr and not result.stdout:
            raise Skip(f"not here: {result}")
        equal([line.partition(": ")[2] for line in result.lines], ["done", "done", "written", "done", "other", "file", "done"], f"{result}")
        assert LEFT in result.stderr, str(result)
        equal(in_memory(), before, "left in /dev/shm")
        equal(os.path.exists("/tmp/other"), False, "on the host's /tmp")
        with Live(*wrap([UOS])[1:], guest("names", "write", "/tmp/file", "wait", "-", "read", "/tmp/file"), uos=wrap([UOS])[0], cwd=here) as live:
            live.until("write /tmp/file: done")
            equal(len(in_memory() - before), where, "directories of ours in /dev/shm meanwhile")
            os.kill(live.pid, signal.SIGTERM)
            equal(live.finish().status, 128 + signal.SIGTERM, "status")
        equal(in_memory(), before, "left in /dev/shm by one that was ended")


@test("is /tmp there for who may mount a file system in memory?")
def _():
    if not ROOT:
        raise Skip("not root")
    tmp_works(lambda argv: argv, 0)


@test("is it there for who may only make a user namespace?")
def _():
    tmp_works(as_nobody if ROOT else lambda argv: argv, 0)


@test("is it there for who may do neither, in /dev/shm, and removed at the end?")
def _():
    if run_argv(without_namespaces(["true"])).status:
        raise Skip("no user namespaces to forbid them in")
    tmp_works(without_namespaces, 1)


@test("is the umask inherited, each program's own, and not applied twice?")
def _():
    with scene() as here:
        for umask, mode in ((0, 0o666), (0o22, 0o644), (0o77, 0o600), (0o777, 0)):
            names("write", f"made-{umask:o}", cwd=here, umask=umask)
            equal(stat.S_IMODE((here / f"made-{umask:o}").stat().st_mode), mode, f"mode with umask {umask:o}")


@matrix("do more open files than the host gives end in ENFILE, for that call, and is nothing left?")
def _(options):
    with scene() as here:
        (here / "file").write_bytes(b"x")
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        result = run(*options, "-v", "-m", "coop", f"{CALLS}/emfile", guest("names", "write", "afterwards"), cwd=here, preexec_fn=few)
        assert b"then ENFILE" in result.stdout and b"descriptors" in result.stdout, str(result)
        assert b"/proc/self/exe: read, the first byte a /" in result.stdout, str(result)
        assert LEFT in result.stderr and b"panic" not in result.stderr, str(result)
        assert (here / "afterwards").exists(), f"another program suffers: {result}"


@test("does a program stay in a directory that the host renames, and know its new name?")
def _():
    with scene() as here:
        (here / "dir").mkdir()
        with Live(guest("names", "go", "dir", "wait", "-", "cwd", "write", "file", "go", "..", "list", ".", "write", "dir/x"), cwd=here) as live:
            live.until("go dir: done")
            (here / "dir").rename(here / "renamed")
            live.feed(b"\n")
            result = live.finish()
        equal([line.partition(": ")[2] for line in result.lines], ["done", "done", str(here / "renamed"), "done", "done", "renamed", "ENOENT"], f"{result}")
        assert (here / "renamed/file").exists(), "where the file went"


@test("and in one that the host moves out of what it may write to: does it write nothing there?")
def _():
    with scene() as top:
        here, outside = top / "here", top / "outside"
        (here / "dir").mkdir(parents=True)
        outside.mkdir()
        with Live(guest("names", "go", "dir", "wait", "-", "write", "file", "cwd", "go", "..", "go", here, "list", "."), cwd=here) as live:
            live.until("go dir: done")
            (here / "dir").rename(outside / "dir")
            live.feed(b"\n")
            result = live.finish()
        equal([line.partition(": ")[2] for line in result.lines], ["done", "done", "ENOENT", "ENOENT", "ENOENT", "done", ""], f"{result}")
        equal(os.listdir(outside / "dir"), [], "what was written outside")


@test("can a program go back from a directory that the host removes?")
def _():
    with scene() as here:
        (here / "dir").mkdir()
        with Live(guest("names", "go", "dir", "wait", "-", "cwd", "write", "file", "list", ".", "go", "..", "cwd", "list", "."), cwd=here) as live:
            live.until("go dir: done")
            (here / "dir").rmdir()
            live.feed(b"\n")
            result = live.finish()
        equal([line.partition(": ")[2] for line in result.lines], ["done", "done", "ENOENT", "ENOENT", "", "done", str(here), ""], f"{result}")


@test("is a terminal reached by /dev/tty, whatever 0, 1 and 2 are?")
def _():
    with scene() as here, Live("busybox sh -c 'read -r line </dev/tty; echo \"got $line\" >/dev/tty' 2>/dev/null", tty=True, cwd=here) as live:
        live.feed(b"typed\n")
        live.until("got typed")
        live.finish()


main()
