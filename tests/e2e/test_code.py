#!/usr/bin/env python3
"""Level full: what sets PKRU is never executed, however it is hidden; and all other code is, as on Linux."""

import re
from pathlib import Path

from uos import GUESTS, Live, Skip, directory, equal, guest, host, keys_missing, main, matrix, run, test

# What `pku WAY` says before it tries, and what becomes of it then: it is killed, with a line, or an error says no.
KILLED = {"own": "", "written": "", "rewritten": "tame", "protected": "", "immediate": "", "border12": "", "border21": "", "border1": "",
          "border_called": "tame", "moved": "", "mapped": "", "discarded": "tame", "by_read": "tame", "race": ""}
REFUSED = {"shared_file": "mmap: EACCES", "memory_file": "mmap: EACCES", "shared_memory": "mprotect: EACCES"}
OTHER = {"changed": ("tame tame", 0), "waiting": ("tame tame", 0), "forked": ("tame tame", 128 + 9)}
OPENERS = re.compile(rb"\x0f(?:\x01\xef|\xae[\x28-\x2f\x68-\x6f\xa8-\xaf])", re.S)  # WRPKRU, XRSTOR from memory
QUANTA = "10ms", "200us", "50us"


def at(level, *args, **options):
    if keys_missing():
        raise Skip(keys_missing())
    return run(f"--protect={level}", *args, **options)


def said(result):
    return " ".join(result.lines)


@test("can a program at keys execute WRPKRU, in every way that is tried?")
def _():
    for way in [*KILLED, *REFUSED, *OTHER]:
        with directory() as top:
            result = at("keys", guest("pku", way), cwd=top)
            equal((result.status, result.lines[-1:]), (0, ["ran"] if way != "forked" else ["tame"]), f"{way}: {result}")


@test("and at full in none?")
def _():
    for quantum in QUANTA:
        for way, before in KILLED.items():
            with directory() as top:
                result = at("full", "-q", quantum, guest("pku", way), cwd=top)
                equal((said(result), result.status), (before, 128 + 9), f"{way}: {result}")
                assert any("killed: " in line and "WRPKRU" in line for line in result.complaints), f"{way}: {result}"
        for way, error in REFUSED.items():
            with directory() as top:
                result = at("full", "-q", quantum, guest("pku", way), cwd=top)
                equal((said(result), result.status), (error, 1), f"{way}: {result}")
        for way, (words, status) in OTHER.items():
            with directory() as top:
                result = at("full", "-q", quantum, guest("pku", way), cwd=top)
                equal((said(result), result.status), (words, status), f"{way}: {result}")


@matrix("is a program executed as it was last changed through a shared mapping?")
def _(options):
    for quantum in QUANTA:
        with directory() as top:
            result = run(*options, "-q", quantum, guest("renewed"), cwd=top)
            equal((result.lines, result.status), (["0 and 0 wrong"], 0), f"{quantum}: {result}")


@test("does code that is written while a program runs do the same at full as on Linux?")
def _():
    for quantum in QUANTA:
        for name in "jit", "execstack":
            equal(at("full", "-q", quantum, guest(name)), host(guest(name)), f"{name}, {quantum}")


@test("are instructions that have such bytes by accident done elsewhere?")
def _():
    assert len(OPENERS.findall(Path(GUESTS, "accident").read_bytes())) >= 4, "they are not there"
    for quantum in QUANTA:
        equal(at("full", "-q", quantum, guest("accident")), host(guest("accident")), quantum)


@test("and in the second of two segments of code, which is loaded farther behind its place in the file?")
def _():
    lines = re.findall(r"LOAD +0x(\w+) 0x(\w+) .* R E ", host(["readelf", "-lW", guest("accident-segments")]).stdout.decode())
    assert len({int(address, 16) - int(offset, 16) for offset, address in lines}) == 2, lines
    for quantum in QUANTA:
        equal(at("full", "-q", quantum, guest("accident-segments")), host(guest("accident-segments")), quantum)


@test("does XRSTOR restore at full what it does on Linux, by every mask, from both formats?")
def _():
    wanted = host(guest("xrstor"))
    assert len(set(wanted.lines)) > 50, wanted
    for quantum in QUANTA:
        equal(at("full", "-q", quantum, guest("xrstor")), wanted, quantum)


@test("does the copy of a file's code count against memory, holes and all?")
def _():
    if keys_missing():
        raise Skip(keys_missing())
    program = ("import mmap; f = open(\"sparse\", \"w+b\"); f.truncate(1 << 30); "
               "m = mmap.mmap(f.fileno(), 1 << 30, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC); print(\"mapped\", flush=True); input()")
    with directory() as top:
        with Live("--protect=full", "--memory=256M", f"/usr/bin/python3.11 -c '{program}'", cwd=top) as live:
            live.until("mapped")
            taken = int(re.search(r"^RssShmem:\s*(\d+) kB", Path(f"/proc/{live.pid}/status").read_text(), re.M).group(1)) << 10
            live.feed(b"\n")
            result = live.finish()
    equal(result.status, 0, str(result))
    assert taken < 512 << 20, f"{taken} bytes"


@test("and does that of a file that nobody shows any more give way to who needs memory?")
def _():
    program = ("import mmap\nfor i in range(6):\n f = open(str(i), 'w+b'); f.truncate(32 << 20)\n"
               " mmap.mmap(f.fileno(), 32 << 20, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC).close()\n")
    with directory() as top:
        Path(top, "first").write_text(program)
        Path(top, "second").write_text("print(len(bytearray(160 << 20)))\n")
        result = at("full", "--memory=256M", "sh -c 'python3.11 first && python3.11 second'", cwd=top)
    equal((result.status, result.lines), (0, [str(160 << 20)]), str(result))


main()
