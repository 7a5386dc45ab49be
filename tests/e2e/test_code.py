#!/usr/bin/env python3
"""Level full: what sets PKRU is never executed, however it is hidden; and all other code is, as on Linux."""

import os
import re
import shutil
import struct
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


@test("do instructions that are behind a system call stay there, if they ask where they are?")
def _():
    for level in "none", "keys", "full":
        for words in guest("behind"), guest("behind", "trap"):
            equal(at(level, words), host(words), f"{words}, {level}")


@test("does it matter to a program which part of its file another one has mapped first?")
def _():
    wanted = host(guest("xrstor"))
    for how, count in ("page", 0x5000), ("page", 0x20000), ("page", 0x40000), ("below", 0x3000), ("below", 0xc0000000):
        with directory() as top:
            path = shutil.copy(Path(GUESTS, "xrstor"), Path(top, "fresh"))
            words = guest("mapfirst", path, how, count)
            equal(at("full", f"sh -c '{words}; {path}'", cwd=top).lines, wanted.lines * 2, f"{how} {count:#x}")


@test("or that there was no memory when another one mapped it?")
def _():
    program = ("import mmap, os, sys\nhoard = []\nfor size in 1 << 20, 1 << 16:\n try:\n  while True: hoard.append(bytearray(size))\n"
               " except MemoryError: pass\nf = open('fresh', 'rb')\n"
               "m = mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)\n"
               "del hoard\nos._exit(os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn('fresh', ['fresh'], {}), 0)[1]))\n")
    with directory() as top:
        shutil.copy(Path(GUESTS, "xrstor"), Path(top, "fresh"))
        Path(top, "program").write_text(program)
        equal(at("full", "--memory=64M", "python3.11 program", cwd=top), host(guest("xrstor")), "after it was full")


def code_file(path, size, code=b"", symbols=(), tables=1):
    """A file of which all, by its one program header, is code; what is not given is a hole. Behind it, where functions are, so many times."""
    table = b"".join(struct.pack("<I2BH2Q", 1, 18, 0, 1, *symbol) for symbol in symbols)
    sections = [(0,) * 10, *[(0, 2, 0, 0, size, len(table), 1, 0, 8, 24)] * tables, (0, 3, 0, 0, 64, 1, 0, 0, 1, 0)] if symbols else []
    head = struct.pack("<16s2HI3QI6H", b"\x7fELF\2\1\1", 3, 62, 1, 0, 64, size + len(table) if sections else 0, 0, 64, 56, 1, 64,
                       len(sections), max(len(sections) - 1, 0))
    Path(path).write_bytes(head + struct.pack("<2I6Q", 1, 5, 0, 0, 0, size, size, 4096) + code)
    os.truncate(path, size)
    with open(path, "ab") as file:
        file.write(table + b"".join(struct.pack("<2I4Q2I2Q", *section) for section in sections))


MAP_ALL = ("import mmap, os, sys\ndef code(name):\n f = open(name, 'rb')\n"
           " return mmap.mmap(f.fileno(), os.path.getsize(name), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)\n")
NUMBER = b"\xb8\x0f\x01\xef\x00"  # mov $0xef010f, %eax: must stay


@test("is code that is full of such bytes, or of system calls, dealt with in no time?")
def _():
    equal(at("full", guest("crowded"), timeout=30), host(guest("crowded")), "a function of 50,000")
    for level in "none", "full":
        equal(at(level, guest("callful"), timeout=30), host(guest("callful")), f"300 pages of system calls, {level}")
    with directory() as top:
        code_file(Path(top, "armed"), 48 << 20, b"\x0f\x01\xef" * ((48 << 20) // 3 - 3000) + b"\xc3" * (9000 - 120))
        equal(at("full", guest("lastbyte", "armed"), cwd=top, timeout=30).lines, ["it returned"], "12,000 pages of them")


@test("and what takes long to decode, or to sort?")
def _():
    with directory() as top:
        reach = 256 << 10
        code_file(Path(top, "decode"), 200 << 20, symbols=[(i * reach, reach) for i in range(1, 800)])
        with open(Path(top, "decode"), "r+b") as file:
            for i in range(1, 800):
                file.seek((i + 1) * reach - 16)
                file.write(NUMBER)
        code_file(Path(top, "sort"), 8192, bytes(4096) + NUMBER, [(i * 2654435761 % (1 << 30), 1) for i in range(1, 500000)], 100)
        Path(top, "program").write_text(MAP_ALL + "both = code('decode'), code('sort')\nprint('mapped')\n")
        equal(at("full", "python3.11 program", cwd=top, timeout=30).lines, ["mapped"], "200 MiB of functions; 100 tables of 500,000")


@test("and what is mapped at thousands of places?")
def _():
    with directory() as top:
        code_file(Path(top, "code"), 8192, bytes(4096 - 120) + b"\xb8\7\0\0\0\xc3")
        equal(at("full", guest("slotful", "code"), cwd=top), host(guest("slotful", "code"), cwd=top), "3,000")


@test("does the copy of a file's code count against memory, holes and all?")
def _():
    if keys_missing():
        raise Skip(keys_missing())
    with directory() as top:
        for name in "first", "second":
            code_file(Path(top, name), 200 << 20)
        Path(top, "program").write_text(MAP_ALL + "both = code('first'), code('second')\nprint('mapped', flush=True)\ninput()\n")
        with Live("--protect=full", "--memory=256M", "python3.11 program", cwd=top) as live:
            live.until("mapped")
            taken = int(re.search(r"^RssShmem:\s*(\d+) kB", Path(f"/proc/{live.pid}/status").read_text(), re.M).group(1)) << 10
            live.feed(b"\n")
            result = live.finish()
    equal(result.status, 0, str(result))
    assert 200 << 20 <= taken < 300 << 20, f"{taken} bytes: neither one, nor only one, of two"


@test("and does that of a file that nobody shows any more give way to who needs memory?")
def _():
    with directory() as top:
        for i in range(6):
            code_file(Path(top, str(i)), 32 << 20)
        Path(top, "first").write_text(MAP_ALL + "for i in range(6): code(str(i)).close()\n")
        Path(top, "second").write_text("print(len(bytearray(160 << 20)))\n")
        result = at("full", "--memory=256M", "sh -c 'python3.11 first && python3.11 second'", cwd=top)
    equal((result.status, result.lines), (0, [str(160 << 20)]), str(result))


main()
