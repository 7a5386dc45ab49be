#!/usr/bin/env python3
"""A guest that wants out of the directory it may write to: does each way fail, and is nothing outside changed?

tests/guest/escape.c is that guest. Three directories: inside/, which is its own, outside/, with a victim for each way, and
elsewhere/, where the host moves one of its directories while it holds it open. The host also swaps a directory inside with a
link to outside, all the time. The same guest on plain Linux, and under uos where all of this is its to write, gets through.
"""

import contextlib
import functools
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from uos import GUESTS, Skip, equal, guest, host, main, matrix, private_mounts, run, test

ROOT = os.geteuid() == 0
MOUNTS = private_mounts()  # that /proc may be mounted somewhere
NAMES = re.findall(r"WAY\((\w+)\)", Path(__file__).parents[1].joinpath("guest/escape.c").read_text().split("} ways[]")[1])
# What is made in outside/, so must not be there before; the rest of the names are victims.
MADE = {"new-outside", "dangling", "hard-link-out", "rename-out", "mkdir-out", "symlink-out", "mknod-out", "mkdirat-out", "fchdir-out",
        "mount", "moved-away", "swapped", "rmdir-out"}
# Swaps inside/swapped and inside/other; moves inside/moving away once inside/asked is there.
HELPER = """
import ctypes, os, sys
c, moved = ctypes.CDLL(None), False
while True:
    for _ in range(100):
        c.renameat2(-100, b"swapped", -100, b"other", 2)
    if not moved and os.path.exists("asked"):
        os.rename("moving", "../elsewhere/moving")
        moved = True
"""


def victims(folder):
    for name in (name.replace("_", "-") for name in NAMES):
        if name not in MADE:
            (folder / name).write_bytes(b"victim\n" * 1000)
    for name in ("caught-dir", "rmdir-out", "bound"):
        (folder / name).mkdir()
    (folder / "swap-victim").write_bytes(b"victim\n")
    os.mkfifo(folder / "fifo")
    if ROOT:
        os.mknod(folder / "device", 0o666 | stat.S_IFCHR, os.makedev(1, 3))


@contextlib.contextmanager
def scene():
    """The three directories; the host's process that swaps; one to be killed; sockets and FIFOs that somebody listens to."""
    with contextlib.ExitStack() as stack:
        top = Path(tempfile.mkdtemp(prefix="uos-escape-", dir="/var/tmp"))  # not in /tmp: guests have one of their own
        stack.callback(shutil.rmtree, top)
        inside, outside = top / "inside", top / "outside"
        for folder in (inside, outside, top / "elsewhere", inside / "dir", inside / "moving", inside / "swapped", inside / "bound"):
            folder.mkdir()
        victims(outside)
        for name in ("file", "moving/victim", "swapped/swap-victim"):
            (inside / name).write_bytes(b"inside\n")
        (inside / "other").symlink_to("../outside")
        os.mkfifo(inside / "fifo")
        for folder in (inside, outside):
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(str(folder / "socket"))
            server.listen()
            stack.callback(os.close, os.open(folder / "fifo", os.O_RDWR | os.O_NONBLOCK))
            if MOUNTS:
                subprocess.run(["mount", "-t", "proc", "proc", folder / "bound"], check=True)
                stack.callback(subprocess.run, ["umount", folder / "bound"], check=True)
        prey = stack.enter_context(subprocess.Popen(["sleep", "300"], cwd=outside))
        stack.callback(prey.kill)
        tmp = Path(f"/tmp/uos-escape-{prey.pid}")
        tmp.write_bytes(b"victim\n")
        stack.callback(tmp.unlink)
        before = everything(top)
        helper = stack.enter_context(subprocess.Popen([sys.executable, "-c", HELPER], cwd=inside))
        stack.callback(helper.kill)
        yield top, prey, tmp, before
        assert helper.poll() is None, "the process that swaps has ended"


def below(folder):
    """It and all that is in it; not what is in a /proc that is mounted there."""
    yield folder
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "bound"]
        yield from (Path(at, name) for name in folders + files)


def everything(top):
    """All that can be seen of what is not inside, but for times of reading."""
    seen = {}
    for start in ("outside", "elsewhere"):
        for path in below(top / start):
            st = path.lstat()
            seen[str(path.relative_to(top))] = (stat.filemode(st.st_mode), st.st_uid, st.st_gid, st.st_nlink, st.st_size, st.st_mtime_ns, st.st_ctime_ns,
                          path.read_bytes() if path.is_file() else None, os.listxattr(path, follow_symlinks=False))
    return seen


def changes(top, before):
    """What is not as it was; what the host itself moved to elsewhere/ is judged by what it holds."""
    after = everything(top)
    moved = {name: after.pop(name) for name in list(after) if name.startswith("elsewhere")}
    wrong = [name for name in before.keys() | after.keys() if not name.startswith("elsewhere") and before.get(name) != after.get(name)]
    victim = moved.get("elsewhere/moving/victim")
    if victim and victim[7] != b"inside\n" or len(moved) > 3:
        wrong.append(f"elsewhere: {sorted(moved)}")
    return sorted(wrong)


def answers(result):
    """{way: what came of it}"""
    equal(result.status, 0, f"status of {result}")
    return dict(line.split(": ") for line in result.lines)


def confined(options):
    """Runs it with the current directory to write to: answers, changes, whether the process to be killed lives."""
    with scene() as (top, prey, tmp, before):
        result = run(*options, guest("escape", top / "outside", prey.pid, "all"), cwd=top / "inside")
        assert tmp.read_bytes() == b"victim\n" and not os.path.exists("/dev/shm/uos-escape"), "the host's own /tmp or /dev/shm is changed"
        assert prey.poll() is None, f"a process of the host is dead: {result}"
        with open(f"/proc/{prey.pid}/limits") as limits:
            assert re.search(r"open files\s+(\d+)", limits.read()).group(1) != "3", "its limits are changed"
        return answers(result), changes(top, before), result


@functools.cache
def by_default():
    return confined([])


def permitted(top_as_seen, runner):
    """Runs it where outside is its to write, too."""
    with scene() as (top, prey, _, before):
        result = runner(top, guest("escape", top_as_seen(top) + "/outside", prey.pid, "those"))
        return answers(result), changes(top, before)


@functools.cache
def on_linux():
    return permitted(str, lambda top, word: host(word, cwd=top / "inside"))


assert os.path.exists(os.path.join(GUESTS, "escape")) and len(NAMES) > 20

for name in NAMES:
    @test(f"is there no way out by {name}?")
    def _(name=name):
        if not MOUNTS and name.startswith("bound_proc"):
            raise Skip("no right to mount /proc somewhere")
        said = by_default()[0]
        assert name in said, f"nothing is said of it: {by_default()[2]}"
        assert said[name] != "went", f"{name} went: {by_default()[1]} changed"


@matrix("does nothing outside change, by any of them?")
def _(options):
    said, changed, result = confined(options)
    equal(([name for name, answer in said.items() if answer == "went"], changed), ([], []), f"went, and changed: {result}")
    equal(sorted(said), sorted(NAMES), "ways that were tried")


@test("and with no directory to write to, does nothing inside change, either?")
def _():
    with scene() as (top, prey, _, before):
        inside = {path: path.lstat().st_ctime_ns for path in below(top / "inside") if "sw" not in str(path)}
        result = run("--ro", top / "inside", guest("escape", top / "outside", prey.pid, "all"), cwd=top / "inside")
        equal(([name for name, answer in answers(result).items() if answer == "went"], changes(top, before)), ([], []), f"{result}")
        equal([str(path) for path, ctime in inside.items() if path.name not in ("other", "inside") and path.lstat().st_ctime_ns != ctime], [], "changed inside")


@test("does plain Linux let it go, so that this test could fail?")
def _():
    said, changed = on_linux()
    stopped = {name: answer for name, answer in said.items() if answer != "went"}
    assert not stopped or not ROOT, f"stopped: {stopped}"
    assert len(said) - len(stopped) > 20 and len(changed) > 20, f"went: {said}; changed: {changed}"


@matrix("and does uos, where outside is its to write, too?")
def _(options):
    said, changed = permitted(lambda top: "", lambda top, word: run(*options, "--root", top, "--rw", "/", word, cwd=top / "inside"))
    wanted, wanted_changes = on_linux()
    equal({name: answer for name, answer in said.items() if answer != wanted[name]}, {}, "not as on Linux")
    equal(changed, wanted_changes, "changed outside")


@test("is what a guest writes to /tmp its own, and gone when uos ends?")
def _():
    name = f"/tmp/uos-own-{os.getpid()}"
    result = run(f"busybox dd if=/proc/self/exe of={name} count=1", f"busybox ls /tmp", cwd="/var/tmp")
    equal(result.status, 0, f"status of {result}")
    assert not os.path.exists(name), f"{name} is on the host"
    assert b"uos-" not in run("busybox ls /tmp", cwd="/var/tmp").stdout, "another's /tmp is there"


main()
