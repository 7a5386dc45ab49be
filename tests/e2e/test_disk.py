#!/usr/bin/env python3
"""Files that are not in the host's memory, and syncs: does the thread wait, and nobody else?

In coop programs begin in the order of the command line, and only one that waits lets the next one on: so whether a read
or a sync made its thread wait is told by the order of two lines. A file is made cold by asking the host to forget it; where
it cannot (in memory, tmpfs), the test is skipped. A host that refuses io_uring, or cannot say what it has in memory, is made
by a seccomp filter."""

import ctypes
import errno
import hashlib
import mmap
import os
import re
import shlex
import signal
import struct
from pathlib import Path

from uos import GUESTS, Live, Skip, directory, equal, guest, host, in_order, main, matrix, run, test

LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
MEGABYTE = 1 << 20
ODD = 1234  # bytes: the file's last page is not full
BLOCK = 65536
LIBC = ctypes.CDLL(None, use_errno=True)
NR_READV, NR_PREADV2, NR_IO_URING_SETUP = 19, 327, 425
RWF_NOWAIT = 8
ENV = {**os.environ, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


# ---- Files that are cold ----

def resident(path):
    """How many pages of the file are in memory."""
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as where:
        pages = (len(where) + mmap.PAGESIZE - 1) // mmap.PAGESIZE
        answer = (ctypes.c_ubyte * pages)()
        start = ctypes.addressof(ctypes.c_char.from_buffer(where))
        status = LIBC.mincore(ctypes.c_void_p(start), ctypes.c_size_t(len(where)), answer)
        assert status == 0, os.strerror(ctypes.get_errno())
        return sum(page & 1 for page in answer)


def cool(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)
    if resident(path):
        raise Skip(f"{path} stays in the host's memory")


def cool_halves(path):
    """Of each megabyte the second half is cold: who reads a whole one has the first when he waits."""
    Path(path).read_bytes()
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    for at in range(MEGABYTE // 2, os.fstat(fd).st_size, MEGABYTE):
        os.posix_fadvise(fd, at, MEGABYTE // 2, os.POSIX_FADV_DONTNEED)
    os.close(fd)
    if resident(path) == os.stat(path).st_size // mmap.PAGESIZE:
        raise Skip(f"{path} stays in the host's memory")


def make(path, megabytes=8):
    """Block n of it holds the number n, over and over; the last one is not whole. Cold."""
    count = megabytes * MEGABYTE // BLOCK
    with open(path, "wb") as file:
        file.writelines(struct.pack("q", n) * (BLOCK // 8) for n in range(count))
        file.write(bytes(range(ODD % 256)) + b"." * (ODD - ODD % 256))
    cool(path)
    return path


# ---- Hosts that have less ----

def filtered(*rules):
    """For a child of ours: its calls `number`, if `flags` is None or its sixth argument, answer `error`."""
    load, equal_to, answer = 0x20, 0x15, 0x06  # BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ, BPF_RET
    code = []
    for number, flags, error in rules:
        refuse = [(answer, 0, 0, 0x00050000 | error)]
        rest = refuse if flags is None else [(load, 0, 0, 56), (equal_to, 0, 1, flags), *refuse]
        code += [(load, 0, 0, 0), (equal_to, 0, len(rest), number), *rest]
    code.append((answer, 0, 0, 0x7fff0000))
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(text)))

    def install():
        if LIBC.prctl(38, 1, 0, 0, 0) or LIBC.prctl(22, 2, program, 0, 0):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
            os._exit(99)
    install.kept = text
    return install


NO_RING = (NR_IO_URING_SETUP, None, errno.ENOSYS)
NO_NOWAIT = (NR_PREADV2, RWF_NOWAIT, errno.EOPNOTSUPP)
NEVER_IN_MEMORY = (NR_PREADV2, RWF_NOWAIT, errno.EAGAIN)
NO_READV = (NR_READV, None, errno.EIO)


# ---- Reading ----

def reader(path, *more):
    return guest("disk", "read", path, *more)


def expected(path):
    return host([f"{GUESTS}/disk", "read", path]).lines[-1]


def told(result, *lines):
    in_order(result, *lines)
    equal(result.status, 0, f"status of {result}")


@matrix("does another program run while one waits for a file that is not in memory, and only then?")
def _(options):
    with directory() as top:
        path = make(f"{top}/big")
        for block in ("4096", "1000003", str(16 * MEGABYTE)):
            text = expected(path)
            cool(path)
            result = run("-m", "coop", *options, reader(path, block), "hello", cwd=top)
            told(result, "begin", "hello from pid 3", text)
            result = run("-m", "coop", *options, reader(path, block), "hello", cwd=top)
            told(result, "begin", text, "hello from pid 3")


@matrix("are all bytes there, read by real programs beside one that computes?")
def _(options):
    with directory() as top:
        for name in "abc":
            make(f"{top}/{name}", 16)
        wanted = Path(top, "a").read_bytes()
        cool(f"{top}/a")
        result = run("-q", "1ms", "-v", *options, "sha256sum a", "dd if=b of=copy bs=1M status=none", "dash -c 'cat <c >copied'", "spin 2", cwd=top, env=ENV)
        equal(result.status, 0, f"status of {result}")
        assert f"{hashlib.sha256(wanted).hexdigest()}  a" in result.lines, str(result)
        assert Path(top, "copy").read_bytes() == Path(top, "copied").read_bytes() == wanted, "copies differ"
        assert LEFT in result.complaints, str(result)


@test("does it wait likewise for a file that uos was started with, and for one that goes through sendfile?")
def _():
    with directory() as top:
        path = make(f"{top}/big")
        text = expected(path)
        cool(path)
        with open(path, "rb") as file:
            told(run("-m", "coop", guest("disk", "read"), "hello", stdin_file=file, cwd=top), "begin", "hello from pid 3", text)
        cool(path)
        sender = ["python3.11", "-c", "import os; a = os.open('big', 0); b = os.open('sent', 66)\nwhile os.sendfile(b, a, None, 1 << 20): pass\nprint('sent')"]
        told(run("-m", "coop", shlex.join(sender), "hello", cwd=top, env=ENV), "hello from pid 3", "sent")
        assert Path(top, "sent").read_bytes() == Path(path).read_bytes(), "what was sent differs"


@test("does one that will not wait learn that it would have to, as on Linux?")
def _():
    with directory() as top:
        path = make(f"{top}/big")
        real = host([f"{GUESTS}/disk", "nowait", path])
        cool(path)
        equal(run(guest("disk", "nowait", path), cwd=top).stdout, real.stdout, "what it was told")
        equal(real.lines, ["nowait: -1 EAGAIN", "wait: 1 ", "nowait: 1 "], "on Linux")


@matrix("do four threads that read one open file get each block once, whole?")
def _(options):
    with directory() as top:
        path = make(f"{top}/big", 16)
        os.truncate(path, 16 * MEGABYTE)
        cool_halves(path)
        result = run("-q", "200us", *options, guest("disk", "threads", path), cwd=top)
        equal((result.lines, result.status), (["threads: whole, 0 blocks not read once"], 0), f"{result}")


def reads_and_says(options, word, *arguments, line):
    with directory() as top:
        result = run("-q", "1ms", "-v", *options, guest("disk", word, make(f"{top}/big", 64), *arguments), cwd=top)
        equal((result.lines, result.status), ([line], 0), f"{result}")
        assert LEFT in result.complaints, str(result)


@matrix("is a read of a file interrupted by no signal?")
def _(options):
    reads_and_says(options, "alarm", line="all of it, interrupted")


@matrix("are readers killed while they wait, and is nothing left of them?")
def _(options):
    reads_and_says(options, "kill", 20, line="killed: 20")


@test("does a reader see the end of a file that is cut off under it?")
def _():
    with directory() as top:
        path = make(f"{top}/big", 64)
        with Live("-q", "1ms", reader(path, 4096), "spin 1", cwd=top) as live:
            live.until("begin")
            os.truncate(path, MEGABYTE)
            found = live.until(r"^read: (\d+) bytes, \w+, end$")
            equal(live.finish().status, 0, "status")
            assert MEGABYTE <= int(found[1]) <= 64 * MEGABYTE + ODD, found[0]


# ---- Syncing ----

@matrix("does another program run while one waits for fsync, fdatasync, sync_file_range?")
def _(options):
    with directory() as top:
        told(run("-m", "coop", *options, guest("disk", "sync", f"{top}/new"), "hello", cwd=top), "begin", "hello from pid 3", "synced: all")
        equal(Path(top, "new").read_bytes(), b"".join(letter * MEGABYTE for letter in (b"a", b"b", b"c")), "what was written")


@matrix("does each sync of many end, whichever thread notes that it has? (each way a hundred times)", protects=["none"])
def _(options):
    with directory() as top:
        for _ in range(100):
            result = run("-q", "50us", *options, *(guest("disk", "syncs", f"{top}/{name}", 3) for name in "abcd"), cwd=top, timeout=20)
            equal((result.lines, result.status), (["syncs: 3 "] * 4, 0), f"{result}")


@test("and one that writes with O_DSYNC?")
def _():
    with directory() as top:
        told(run("-m", "coop", guest("disk", "dsync", f"{top}/new"), "hello", cwd=top), "begin", "hello from pid 3", "written: 5, flags O_DSYNC")


@test("and one that syncs a mapping?")
def _():
    with directory() as top:
        told(run("-m", "coop", guest("disk", "msync", f"{top}/new"), "hello", cwd=top), "begin", "hello from pid 3", "synced: all")
        equal(Path(top, "new").read_bytes(), b"m" * MEGABYTE, "what was written")


def sqlite(top, **options):
    Path(top, "db").unlink(missing_ok=True)
    return run("-m", "coop", "sqlite3 db 'create table t(x); insert into t values (7); select x from t'", "hello", cwd=top, env=ENV, **options)


@test("and while sqlite3 commits?")
def _():
    with directory() as top:
        sqlite(top)  # so that its libraries are in memory
        told(sqlite(top), "hello from pid 3", "7")
        told(sqlite(top, preexec_fn=filtered(NO_RING)), "7", "hello from pid 3")  # the order says what we think it says


@matrix("do signals from outside still end uos while its files are synced?")
def _(options):
    with directory() as top:
        with Live("-q", "1ms", *options, guest("disk", "sync", f"{top}/new"), "spin 1000", cwd=top) as live:
            live.until("synced: all")
            os.kill(live.pid, signal.SIGTERM)
            live.holds(lambda: live.process.poll() is not None, "uos ends", ended=True)
            equal(live.process.poll(), 128 + signal.SIGTERM, "status")


# ---- Hosts that have less ----

@test("is everything read and synced on a host that refuses io_uring, or does not say what it has in memory? (then all wait)")
def _():
    with directory() as top:
        path = make(f"{top}/big")
        text = expected(path)
        for rules in ([NO_RING], [NO_NOWAIT], [NO_RING, NO_NOWAIT], [NO_RING, NEVER_IN_MEMORY]):
            cool(path)
            less = filtered(*rules)
            told(run("-m", "coop", reader(path, 1000003), "hello", cwd=top, preexec_fn=less), "begin", text, "hello from pid 3")
            told(run("-m", "coop", guest("disk", "sync", f"{top}/new"), "hello", cwd=top, preexec_fn=less),
                 "begin", *(["synced: all", "hello from pid 3"] if NO_RING in rules else ["hello from pid 3", "synced: all"]))


@test("is a file read that is gone from memory again whenever it is asked for?")
def _():
    with directory() as top:
        path = make(f"{top}/big")
        text = expected(path)
        cool(path)
        told(run("-m", "coop", reader(path, 1000003), "hello", cwd=top, preexec_fn=filtered(NEVER_IN_MEMORY)), "begin", "hello from pid 3", text)


@test("does a reader learn of an error of the disk?")
def _():
    with directory() as top:
        path = make(f"{top}/big")
        result = run("-m", "coop", reader(path, 1000003), "hello", cwd=top, preexec_fn=filtered(NEVER_IN_MEMORY, NO_READV))
        found = re.search(rb"^read: 0 bytes, \w+, EIO$", result.stdout, re.M)
        assert found and result.status == 1, str(result)


main()
