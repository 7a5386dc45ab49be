#!/usr/bin/env python3
"""Each program of tests/attack/ attacks uos at every level of protection: does it come out as its first line says?

What the first line may say stands in tests/attack/attack.h. ATTACKS=regex runs only those; LEVELS="keys full" only these; OPTIONS="-q
50us --switch=asm" are given to uos; SHOW=1 prints what was seen.
"""

import contextlib
import os
import re
import resource
import secrets
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from uos import GUESTS, ROOT, UOS, Live, Skip, equal, guest, main, run, test

ATTACKS = Path(os.environ.get("UOS_ATTACKS", Path(GUESTS).parent / "attack"))
SOURCES = sorted(file for file in (ROOT / "tests/attack").glob("*.c") if file.stem != "victim")
LEVELS = os.environ.get("LEVELS", "none keys full").split()
OPTIONS = os.environ.get("OPTIONS", "").split()
WHATS = ("secret", "directory", "kernel", "victim", "neighbours", "panic")
LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
GUESTS_END = 0x300000000000
DESCRIPTORS = 600
ARG_START = 47  # in /proc/PID/stat, counted from 0
SYMBOLS = ("way_in_start", "way_in_end", "way_out", "way_out_end", "signal_in_start", "signal_in_keys", "signal_in_end",
           "user_page", "user_page_alias", "cpu_pending")
XRSTOR_OF_LD = b"\x0f\xae\x6c\x24\x40"  # 0x40(%rsp), in _dl_runtime_resolve_*
OPENERS = re.compile(rb"\x0f(?:\x01\xef|\xae[\x28-\x2f\x68-\x6f\xa8-\xaf])", re.S)  # WRPKRU, XRSTOR from memory
RESTORER = b"\x48\xc7\xc0\x0f\0\0\0\x0f\x05"  # mov $15, %rax; syscall


def header(text):
    """What the first line says: {"none": (word, text), ...}; and what it needs of the host."""
    found = re.fullmatch(r"/\* none: (.*); keys: (.*); full: (.*?)(?:; needs: (\w+))? \*/", text.split("\n", 1)[0])
    assert found, f"what is {text.splitlines()[0]!r}?"
    said = {}
    for level, word in zip(("none", "keys", "full"), found.groups()):
        one = re.fullmatch(r'succeeds: ([\w ]+)|(ends|fails) "(.*)"|(contained)', word)
        assert one and (not one[1] or set(one[1].split(" or ")) <= set(WHATS)), f"what is {word!r}?"
        said[level] = ("succeeds", one[1]) if one[1] else (one[2], one[3]) if one[2] else ("contained", "")
    return said, found[4]


# ---- Where things lie ---------------------------------------------------------------------------------------------------------

class Mapping(NamedTuple):
    start: int
    end: int
    rights: str
    offset: int
    name: str


def mappings(pid):
    rows = [line.split(None, 5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    return [Mapping(*(int(x, 16) for x in r[0].split("-")), r[1], int(r[2], 16), r[5] if len(r) > 5 else "") for r in rows]


@cache
def symbols(file, *options):
    rows = (line.split() for line in subprocess.check_output(["nm", *options, file], text=True).splitlines())
    return {row[-1].split("@")[0]: int(row[0], 16) for row in rows if len(row) == 3}


def in_file(maps, pattern, sequence):
    """Where the file whose name has the pattern is mapped, and where the sequence of bytes is in its code."""
    parts = [m for m in maps if re.search(pattern, m.name)]
    data = Path(parts[0].name).read_bytes()
    for m in parts:
        at = data.find(sequence, m.offset, m.offset + m.end - m.start) if "x" in m.rights else -1
        if at >= 0:
            return parts[0].start, m.start + at - m.offset
    raise Skip(f"{parts[0].name} has no {sequence.hex()}")


def memory(pid, start, size):
    with open(f"/proc/{pid}/mem", "rb", 0) as file:
        file.seek(start)
        return file.read(size)


def displacement(code):
    """Of the memory operand whose ModRM byte is the first."""
    mod, rest = code[0] >> 6, code[1 + (code[0] & 7 == 4):]
    return int.from_bytes(rest[:[0, 1, 4][mod]], "little", signed=True)


def openers(pid, maps):
    """Every place in the host's own code that the CPU would take for WRPKRU or XRSTOR, as it is now, and its displacement."""
    found = []
    for m in maps:
        if "x" in m.rights and GUESTS_END <= m.start < 1 << 47:
            code = memory(pid, m.start, m.end - m.start)
            found += [f"{m.start + at.start():x}:{displacement(code[at.start() + 2:]) if at[0][1] == 0xae else 0}" for at in OPENERS.finditer(code)]
    return found


def places(pid, secret, outside, level):
    maps = mappings(pid)
    base = next(m for m in maps if m.name == os.path.realpath(UOS)).start
    names = symbols(UOS)
    found = {name: base + names[name] for name in SYMBOLS}
    word = lambda name: int.from_bytes(memory(pid, base + names[name], 8), "little")  # noqa: E731
    found["kernel_stack"] = word("cpu_kstack") - 256
    found["landing_pad"] = word("pad") + 128 * 1024
    found["way_out_xrstor"] = base + next(at for at in range(names["way_out"], names["way_out_end"])
                                          if re.match(rb"\x48\x0f\xae[\x68-\xaf]", memory(pid, base + at, 4)))
    found["physical"] = next(m.start for m in maps if "uos-memory" in m.name and m.end - m.start >= 1 << 40)
    libc, found["libc_restorer"] = in_file(maps, r"/libc\.so\.6$", RESTORER)
    library = next(m.name for m in maps if m.name.endswith("/libc.so.6"))
    for name in ("syscall", "pkey_set"):
        found[f"libc_{name}"] = libc + symbols(library, "-D")[name]
    found["ld_xrstor"] = in_file(maps, r"/ld-linux", XRSTOR_OF_LD)[1]
    start = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[ARG_START - 2])
    found["kernel_secret"] = start + Path(f"/proc/{pid}/cmdline").read_bytes().index(secret)
    words = [f"{name}={value:x}" for name, value in found.items()]
    return " ".join([*words, f"openers={','.join(openers(pid, maps))}", f"outside={outside}", f"host_pid={pid}", f"level={level}"])


# ---- One attack ---------------------------------------------------------------------------------------------------------------

class Seen(NamedTuple):
    what: list  # in which it succeeded
    attacker: str  # "signal 11", "exit 0", or ""
    result: object


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def attack(program, level, needs=None):
    """Starts the victim, which starts the program, and looks from outside at what comes of it."""
    with tempfile.TemporaryDirectory(prefix="uos-attack-", dir="/var/tmp") as top:  # guests have a /tmp of their own
        inside, outside = Path(top, "inside"), Path(top, "outside")
        inside.mkdir()
        outside.mkdir()
        secret = secrets.token_hex(8)
        victim = shlex.join([str(ATTACKS / "victim"), secret, str(program)])
        words = b""
        with Live("-v", f"--protect={level}", "-q", "1ms", *OPTIONS, victim, guest("keep", 1, 200), cwd=inside, before=few_descriptors if needs == "few_descriptors" else None) as live:
            live.until("^victim: 0x")
            live.feed(places(live.pid, secret.encode(), outside / "made", level).encode() + b"\n")
            over = lambda: b"\nvictim: done\n" in live.seen["out"] or live.process.poll() is not None  # noqa: E731
            live.holds(over, "the attack is over", ended=True)
            with contextlib.suppress(OSError):  # it has ended, or does so now: nothing, too
                words = Path(f"/proc/{live.pid}/cmdline").read_bytes()  # as it has them in its memory
            if live.process.poll() is None:
                live.feed(b"\n")
            result = live.finish()
        stolen = [line.split(": ", 1)[1] for line in result.lines if line.startswith("stolen: ")]
        succeeded = {
            "secret": any(len(text) >= 8 and text in secret * 2 for text in stolen),
            "directory": any(outside.iterdir()),
            "kernel": bool(words) and secret.encode() not in words,
            "victim": "victim: harmed" in result.lines,
            "neighbours": bool(re.search(r"^[1-9]\d* read, [1-9]", "\n".join(result.lines), re.M)),
            "panic": result.status < 0 or result.status in (70, 71) or "victim: done" not in result.lines,
        }
    found = re.search(r"^attacker: (.*)$", "\n".join(result.lines), re.M)
    return Seen([what for what, is_so in succeeded.items() if is_so], found[1] if found else "", result)


def unharmed(seen):
    """Whoever was not attacked is as he was, and uos has counted all."""
    for line in ("victim: done", "keep 1: kept"):
        assert line in seen.result.lines, f"no line {line!r}: {seen.result}"
    assert LEFT in seen.result.complaints, f"something is left: {seen.result}"
    equal(seen.result.status, 0, f"status of {seen.result}")


def judge(seen, kind, text):
    if kind == "succeeds":
        assert set(text.split(" or ")) & set(seen.what), f"succeeds in {seen.what}, should in {text}: {seen.result}"
        return
    equal(seen.what, [], f"in what it succeeded: {seen.result}")
    unharmed(seen)
    if kind == "ends":
        assert seen.attacker.startswith("signal "), f"is not killed: {seen.result}"
        assert any(text in line for line in seen.result.complaints), f"nothing says {text!r}: {seen.result}"
    if kind == "fails":
        equal(seen.attacker, "exit 0", f"how it ends: {seen.result}")
        assert text in seen.result.stdout.decode(), f"does not print {text!r}: {seen.result}"


@cache
def missing(level):
    """Why there is no such level here, or None."""
    result = run(f"--protect={level}", "hello")
    return None if result.status == 0 else f"uos --protect={level}: " + " ".join(result.stderr.decode().split())[:200]


def check(source, level):
    if missing(level):
        raise Skip(missing(level))
    said, needs = header(source.read_text())
    if needs == "vsyscall" and "[vsyscall]" not in Path("/proc/self/maps").read_text():
        raise Skip("this host has no vsyscall page")
    seen = attack(ATTACKS / source.stem, level, needs)
    if os.environ.get("SHOW"):
        print(f"{source.stem} at {level}: {seen.what}, {seen.attacker}: {seen.result}", file=sys.stderr)
    judge(seen, *said[level])


for each in SOURCES:
    for chosen in LEVELS:
        if re.search(os.environ.get("ATTACKS", ""), each.stem):
            test(f"{each.stem} at {chosen}: {' '.join(header(each.read_text())[0][chosen])}")(lambda each=each, chosen=chosen: check(each, chosen))


@test("are first lines read right?")
def _():
    said, needs = header('/* none: succeeds: secret; keys: ends "read of pid 2; x"; full: contained; needs: vsyscall */\nx')
    equal(said, {"none": ("succeeds", "secret"), "keys": ("ends", "read of pid 2; x"), "full": ("contained", "")}, "said")
    equal(needs, "vsyscall", "needs")
    for wrong in ("/* none: x; keys: contained; full: contained */", "/* none: succeeds: much; keys: contained; full: contained */", "x"):
        try:
            header(wrong)
            raise Exception(f"{wrong} passes")
        except AssertionError:
            pass


main()
