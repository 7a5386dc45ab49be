#!/usr/bin/env python3
"""Programs that nobody should run: cut off, for other machines, or made to harm the loader. One line and a status each."""

import os
import random
import re
import struct
from pathlib import Path

from uos import directory, equal, guest, host, main, matrix, program, run, test

EHDR = "<16sHHIQQQIHHHHHH"
EHDR_FIELDS = ("ident", "type", "machine", "version", "entry", "phoff", "shoff", "flags", "ehsize", "phentsize", "phnum",
               "shentsize", "shnum", "shstrndx")
PHDR = "<IIQQQQQQ"
PHDR_FIELDS = ("type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align")
SHDR = "<IIQQQQIIQQ"
SHDR_FIELDS = ("name", "type", "flags", "addr", "offset", "size", "link", "info", "addralign", "entsize")
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_PHDR, PT_TLS, PT_GNU_STACK = 1, 2, 3, 4, 6, 7, 0x6474e551
ET_REL, ET_EXEC, ET_DYN, ET_CORE = 1, 2, 3, 4
HUGE, MOST = 1 << 47, (1 << 64) - 1

# write(1, "tiny\n", 5); exit_group(0)
CODE = bytes.fromhex("b801000000 bf01000000 488d3510000000 ba05000000 0f05 b8e7000000 31ff 0f05") + b"tiny\n"


def segment(**fields):
    return dict({"type": PT_LOAD, "flags": 5, "offset": 0, "vaddr": 0, "paddr": 0, "filesz": 0x1000, "memsz": 0x1000,
                 "align": 0x1000}, **fields)


def tiny(segments=None, code_at=0x400, size=0x1000, **header):
    """A program of one page that prints "tiny", with these header fields and segments instead of the right ones."""
    segments = [segment()] if segments is None else segments
    base = segments[0]["vaddr"] if segments else 0
    fields = dict({"ident": b"\x7fELF\x02\x01\x01" + bytes(9), "type": ET_DYN, "machine": 62, "version": 1,
                   "entry": (base + code_at) & MOST, "phoff": 64, "shoff": 0, "flags": 0, "ehsize": 64, "phentsize": 56,
                   "phnum": len(segments), "shentsize": 64, "shnum": 0, "shstrndx": 0}, **header)
    image = bytearray(size)
    struct.pack_into(EHDR, image, 0, *(fields[name] for name in EHDR_FIELDS))
    for index, each in enumerate(segments):
        struct.pack_into(PHDR, image, 64 + 56 * index, *(each[name] for name in PHDR_FIELDS))
    image[code_at:code_at + len(CODE)] = CODE
    return bytes(image)


def run_file(content, *arguments, options=(), name="hostile"):
    with directory() as where:
        path = os.path.join(where, name)
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o755)
        return run(*options, " ".join([path, *arguments]), timeout=20)


def expect(content, statuses, what, *arguments):
    """Ends with one of the statuses, and with one line of uos unless it went well."""
    result = run_file(content, *arguments)
    assert result.status in statuses, f"{what}: status is not in {sorted(statuses)}: {result}"
    if result.status:
        equal(len(result.complaints), 1, f"{what}: lines of uos in {result}")
    return result


REFUSED = {126}
ANY = {0, 126, 132, 135, 137, 139}  # refused, or loaded as Linux would and then killed for what it does


@test("does the tiny program of this test run, on Linux and here, at any address or at its own?")
def _():
    for content in (tiny(), tiny([segment(vaddr=0x10000000)], type=ET_EXEC)):
        with directory() as where:
            path = os.path.join(where, "tiny")
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o755)
            equal((host([path]).stdout, run(path).stdout, run(path).status), (b"tiny\n", b"tiny\n", 0), "both")


@test("is a program for another machine 126, and does the line say so?")
def _():
    for what, content in (("aarch64", tiny(machine=183)), ("i386", tiny(machine=3)), ("riscv", tiny(machine=243)),
                          ("32 bits", tiny(ident=b"\x7fELF\x01\x01\x01" + bytes(9))),
                          ("big-endian", tiny(ident=b"\x7fELF\x02\x02\x01" + bytes(9))), ("no machine", tiny(machine=0))):
        result = expect(content, REFUSED, what)
        assert re.search(rb"x86-64|architecture|machine|32-bit|endian", result.stderr), str(result)


@test("is an object file, a core or a type that does not exist 126?")
def _():
    for kind in (0, ET_REL, ET_CORE, 5, 0xfe00, 0xffff):
        expect(tiny(type=kind), REFUSED, f"type {kind}")


@test("is a program with an interpreter 126, however the interpreter is named?")
def _():
    for what, interp in (("in the file", segment(type=PT_INTERP, offset=0x800, filesz=28, memsz=28)),
                         ("empty", segment(type=PT_INTERP, offset=0x800, filesz=0, memsz=0)),
                         ("outside", segment(type=PT_INTERP, offset=HUGE, filesz=28)),
                         ("overflowing", segment(type=PT_INTERP, offset=MOST, filesz=MOST)),
                         ("endless", segment(type=PT_INTERP, offset=0x800, filesz=0x800))):
        expect(tiny([segment(), interp]), REFUSED, what)
        expect(tiny([interp, segment()], entry=0x400), REFUSED, f"{what}, first")


@test("are program headers that are not there 126?")
def _():
    for what, content in (("none", tiny(phnum=0)), ("65535", tiny(phnum=0xffff)), ("behind the end", tiny(phoff=0x1000)),
                          ("far away", tiny(phoff=HUGE)), ("wrapping", tiny(phoff=MOST - 55)), ("at -1", tiny(phoff=MOST)),
                          ("half", tiny(phoff=0x1000 - 28)), ("of size 0", tiny(phentsize=0)),
                          ("of size 1", tiny(phentsize=1)), ("of size 55", tiny(phentsize=55)),
                          ("more than fit", tiny(phnum=100))):
        expect(content, REFUSED, what)
    for what, content in (("over the file header", tiny(phoff=0)), ("of size 57", tiny(phentsize=57)),
                          ("unaligned", tiny(phoff=65)), ("of size 65535", tiny(phentsize=0xffff)),
                          ("nothing to load", tiny([segment(type=PT_NOTE)]))):
        expect(content, ANY - {0}, what)


@test("are segments outside the file or the address space 126?")
def _():
    for what, fields in (("offset and size overflow", {"offset": MOST - 0xfff}),
                         ("filesz huge", {"filesz": HUGE, "memsz": HUGE}), ("filesz over memsz", {"memsz": 0x10}),
                         ("memsz -1", {"memsz": MOST}), ("memsz over the address space", {"memsz": 1 << 62}),
                         ("memsz 128 TiB", {"memsz": HUGE}), ("vaddr and offset differ", {"vaddr": 0x123}),
                         ("filesz -1", {"filesz": MOST, "memsz": MOST})):
        for kind in (ET_DYN, ET_EXEC):
            expect(tiny([segment(**dict({"vaddr": 0x10000000 if kind == ET_EXEC else 0}, **fields))], type=kind), REFUSED,
                   f"{what}, type {kind}")
    expect(tiny([segment(offset=HUGE)]), REFUSED | {135, 139}, "a segment far behind the end of the file")
    for what, vaddr in (("kernel's half", 0xffff800000000000), ("last page", MOST - 0xfff), ("no address", 1 << 47),
                        ("page before that", HUGE - 0x1000), ("page zero", 0)):
        expect(tiny([segment(vaddr=vaddr)], type=ET_EXEC), REFUSED, what)
    expect(tiny([segment(), segment(vaddr=0xffff800000000000)]), REFUSED, "second one in the kernel's half")


@test("is a segment at an address of uos's own refused?")
def _():
    # Where the kernel, its heap, its stack, its physical memory and the vDSO may be; no guest may map over any of them. And where guests' windows begin and end.
    for vaddr in (0x555555554000, 0x7ffff7ff0000, 0x7ffffffde000, 0xffffffff000, 0x100000000000, 0x100800000000, 0x101010000000, 0x2ffffffff000, 0x300000000000):
        expect(tiny([segment(vaddr=vaddr)], type=ET_EXEC), ANY, hex(vaddr))
    for length in (1 << 40, 1 << 46):
        expect(tiny([segment(vaddr=0x10000000, memsz=length)], type=ET_EXEC), ANY, f"from 0x10000000, {length:#x} bytes")


@test("do odd but possible segments neither crash nor hang?")
def _():
    for what, segments in (("align 0", [segment(align=0)]), ("align 3", [segment(align=3)]),
                           ("align 2^62", [segment(align=1 << 62)]), ("align -1", [segment(align=MOST)]),
                           ("the same twice", [segment(), segment()]),
                           ("overlapping", [segment(memsz=0x3000), segment(vaddr=0x1000, memsz=0x3000)]),
                           ("in falling order", [segment(vaddr=0x5000), segment()]),
                           ("zero sizes", [segment(), segment(vaddr=0x9000, filesz=0, memsz=0)]),
                           ("only zero sizes", [segment(filesz=0, memsz=0)]),
                           ("not executable", [segment(flags=4)]), ("no rights", [segment(flags=0)]),
                           ("all rights", [segment(flags=7)]), ("strange flags", [segment(flags=MOST >> 32)]),
                           ("40 of them", [segment(vaddr=0x1000 * i) for i in range(40)]),
                           ("16 TiB apart", [segment(), segment(vaddr=1 << 44)]),
                           ("126 TiB apart", [segment(), segment(vaddr=126 << 40)]),
                           ("1 TiB of zeros", [segment(memsz=1 << 40, flags=7)]),
                           ("thread-local storage outside", [segment(), segment(type=PT_TLS, offset=HUGE, vaddr=HUGE)]),
                           ("PT_PHDR outside", [segment(type=PT_PHDR, vaddr=HUGE), segment()]),
                           ("PT_DYNAMIC outside", [segment(), segment(type=PT_DYNAMIC, vaddr=HUGE, offset=HUGE)]),
                           ("stack of rights", [segment(), segment(type=PT_GNU_STACK, flags=7, memsz=MOST)])):
        for kind in (ET_DYN, ET_EXEC):
            shift = 0x10000000 if kind == ET_EXEC else 0
            moved = [dict(each, vaddr=(each["vaddr"] + shift) & MOST) for each in segments]
            expect(tiny(moved, type=kind, entry=shift + 0x400), ANY, f"{what}, type {kind}")


@test("is a program that fills its window of 32 GiB, or nearly, refused or run?")
def _():
    for room in (1 << 12, 1 << 16, 1 << 20, 1 << 21, 1 << 23, 1 << 25, 1 << 30):
        for kind, base in ((ET_DYN, 0), (ET_EXEC, 0x400000)):
            far = base + (32 << 30) - room
            expect(tiny([segment(vaddr=base), segment(flags=6, vaddr=far, filesz=0x10)], type=kind, entry=base + 0x400), ANY, f"{room:#x} free, type {kind}")


@test("is an entry outside the program a fault of the guest or refused?")
def _():
    for entry in (0, 0x10, 0x5000, HUGE, MOST, 0xffffffff81000000, 1 << 47, 0x8000000000000000):
        expect(tiny(entry=entry), ANY - {0}, f"entry {entry:#x}")


@test("is a program that was cut off refused or killed, wherever it was cut?")
def _():
    with open(program("hello")[0], "rb") as file:
        whole = file.read()
    phoff, phnum = struct.unpack_from("<Q", whole, 32)[0], struct.unpack_from("<H", whole, 56)[0]
    headers = phoff + 56 * phnum
    loads = [struct.unpack_from(PHDR, whole, phoff + 56 * i) for i in range(phnum)]
    end = max(load[2] + load[5] for load in loads if load[0] == PT_LOAD)
    for length in (*range(0, 64, 7), 63, 64, 65, phoff, headers - 1):
        expect(whole[:length], REFUSED, f"cut at {length}")
    for length in (headers, headers + 1, 4096, 4097, end // 2, end - 4097, end - 1):
        zeros = {0} if length == end - 1 else set()  # the rest of a page is zeros
        expect(whole[:length], REFUSED | {135, 139} | zeros, f"cut at {length} of {end}")
    equal(run_file(whole[:end], name="hello").status, 0, "status when only sections and symbols are cut off")


def sections(image):
    shoff, count = struct.unpack_from("<Q", image, 40)[0], struct.unpack_from("<H", image, 60)[0]
    return {struct.unpack_from("<I", image, shoff + 64 * i + 4)[0]: shoff + 64 * i for i in range(count)}  # by type


@test("do wild section headers and symbols only cost the symbol in a fault's line?")
def _():
    path = guest("fault").split()[0]
    with open(path, "rb") as file:
        image = file.read()
    assert b"(deed_read+0x" in run_file(image, "read", "0", name="fault").stderr, "the unharmed program names no symbol"
    symtab = sections(image)[2]
    at, size, link = struct.unpack_from("<QQI", image, symtab + 24)
    strtab = struct.unpack_from("<Q", image, 40)[0] + 64 * link
    changes = [("shoff", 40, "<Q", (0, 1, HUGE, MOST, MOST - 63, len(image) - 32)), ("shentsize", 58, "<H", (0, 1, 0xffff)),
               ("shnum", 60, "<H", (0, 1, 0xffff)), ("shstrndx", 62, "<H", (0, 0xffff)),
               ("symtab offset", symtab + 24, "<Q", (0, 3, HUGE, MOST, len(image) - 8)),
               ("symtab size", symtab + 32, "<Q", (0, 1, 25, HUGE, MOST)), ("symtab link", symtab + 40, "<I", (0, 2**32 - 1)),
               ("symtab entsize", symtab + 56, "<Q", (0, 1, 23, MOST)), ("strtab offset", strtab + 24, "<Q", (HUGE, MOST)),
               ("strtab size", strtab + 32, "<Q", (0, 1, HUGE, MOST)), ("strtab type", strtab + 4, "<I", (8, 99))]
    for what, offset, form, values in changes:
        for value in values:
            harmed = bytearray(image)
            struct.pack_into(form, harmed, offset, value)
            expect(bytes(harmed), {139}, f"{what} {value:#x}", "read", "0")
    for what, field, form, value in (("name", 0, "<I", 2**32 - 1), ("value", 8, "<Q", MOST), ("size", 16, "<Q", MOST)):
        harmed = bytearray(image)
        for symbol in range(at, at + size, 24):
            struct.pack_into(form, harmed, symbol + field, value)
        expect(bytes(harmed), {139}, f"every symbol's {what}", "read", "0")


@test("do 200 programs with broken headers neither crash nor hang uos?")
def _():
    with open(program("hello")[0], "rb") as file:
        whole = file.read()
    chance = random.Random(6)
    for number in range(200):
        image = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            image[chance.randrange(16, 64 + 56 * 10)] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
        result = run_file(bytes(image), options=["--timeout=2s"])
        assert result.status >= 0 and result.status != 70, f"number {number}: {result}"


# What is read of a program besides its headers: of level full most (unwind tables, symbols, the code itself).
PARTS = (".eh_frame", ".eh_frame_hdr", ".symtab", ".strtab", ".dynsym", ".dynamic", ".gnu.hash")
ODD = (0, 1, 2, 0x7f, 0x80, 0xff, 0xfff, 0x1000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 63, MOST, MOST - 0xfff)
LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
BROKEN = 40


def parts(image):
    """Where what matters lies: {name: (start, end)}."""
    shoff, count, names = struct.unpack_from("<Q", image, 40)[0], *struct.unpack_from("<HH", image, 60)
    headers = [dict(zip(SHDR_FIELDS, struct.unpack_from(SHDR, image, shoff + 64 * i))) for i in range(count)]
    strings = headers[names]["offset"]
    found = {image[strings + each["name"]:image.index(0, strings + each["name"])].decode(): (each["offset"], each["offset"] + each["size"]) for each in headers}
    return {"headers": (0, 64 + 56 * 10), "sections": (shoff, shoff + 64 * count), **{name: found[name] for name in (*PARTS, ".text") if name in found}}


def broken(whole, chance):
    image, places = bytearray(whole), parts(whole)
    names = [name for name in places if name != ".text"]
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        start, end = places[".text" if chance.random() < 0.15 else chance.choice(names)]
        size = chance.choice((1, 2, 4, 8))
        at = chance.randrange(start, max(start + 1, end - size))
        old = int.from_bytes(image[at:at + size], "little")
        new = chance.choice((chance.choice(ODD), chance.getrandbits(8 * size), old + chance.choice((-8, -4, -1, 1, 4, 8, 0x1000))))
        image[at:at + size] = (new & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return bytes(image[:chance.randrange(64, len(image))] if chance.random() < 0.1 else image)


@matrix("do programs whose unwind tables, symbols, sections, code are broken harm nobody but themselves?", ("asm",), ("keys", "full"))
def _(options):
    chance = random.Random(7)
    for template in ("accident", "sites", "fault"):
        whole = Path(guest(template).split()[0]).read_bytes()
        assert {".eh_frame", ".symtab", ".text"} <= set(parts(whole)), f"{template} has {list(parts(whole))}"
        with directory() as where:
            for number in range(BROKEN):
                path = Path(where, f"broken{number}")
                path.write_bytes(broken(whole, chance))
                path.chmod(0o755)
            script = f"for i in $(seq 0 {BROKEN - 1}); do timeout 1 ./broken$i read 0 </dev/null >/dev/null 2>&1; echo $i: $?; done; echo all"
            result = run(*options, "-v", "hello", f"sh -c '{script}'", guest("keep", 1, 5), cwd=where, env={"PATH": "/usr/bin:/bin"})
        statuses = {line.split(": ")[1] for line in result.lines if re.match(r"\d+: ", line)}
        assert "all" in result.lines and "keep 1: kept" in result.lines and len(statuses) > 1, f"{template}: {result}"
        assert LEFT in result.complaints, f"{template}: {result}"


main()
