#!/usr/bin/env python3
"""Level full, the machine's half: does nobody open memory by a jump to an instruction of uos, the C library or its loader?"""

import re
import shlex
import subprocess
from pathlib import Path

from uos import UOS, Live, equal, guest, main, matrix, program, run

LEFT = b"uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
WAYS = (("way_in_start", "way_in_end"), ("signal_in_start", "signal_in_end"), ("way_out", "way_out_end"))
# Label behind each of the checked instructions -> its length, and what it is.
GATES = {"gate_opened": (3, "WRPKRU"), "signal_in_opened": (3, "WRPKRU"), "way_out_set": (3, "WRPKRU"),
         "way_out_restored": (9, "XRSTOR"), "vectors_restored": (4, "XRSTOR")}
GUEST_LOWEST, GUEST_END = 0x10000, 0x300000000000
TF, DF, AC = 0x100, 0x400, 0x40000
# From which a WRPKRU that is jumped to takes what it opens, and an XRSTOR what it loads: nothing, the kernel's, everything; PKRU among it.
SHUT, KERNELS, ALL, MASK = 0x55555555, 0x55555550, 0, 0x2ff
# A WRPKRU, or an XRSTOR with a memory operand.
CHECK = bytes.fromhex("a900020000" "7402" "0f0b")  # test $0x200, %eax; jz over it; ud2
FORBIDDEN = re.compile(rb"\x0f\x01\xef|\x0f\xae[\x28-\x2f\x68-\x6f\xa8-\xaf]", re.S)


def symbols():
    rows = (line.split() for line in subprocess.check_output(["nm", UOS], text=True).splitlines())
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def instructions(start, end):
    """Addresses of the instructions from start to end."""
    code = subprocess.check_output(["objdump", "-d", f"--start-address={start:#x}", f"--stop-address={end:#x}", UOS], text=True)
    return [int(at, 16) for at in re.findall(r"^ +([0-9a-f]+):\t", code, re.M)]


def gates(names):
    """Address of each checked instruction -> what it is."""
    return {names[label] - length: what for label, (length, what) in GATES.items()}


def wild_jumps(options, jumps):
    """Runs a guest that jumps so, for each of the jumps; what uos said of each, besides how it ended."""
    gate = symbols()["way_in_start"]
    said = []
    for i in range(0, len(jumps), 50):
        batch = jumps[i:i + 50]
        words = [guest("wildjump", at - gate, *how) for at, *how in batch]
        result = run(*options, "-v", "-q", "1ms", guest("keep", 1, 200), *words, shlex.join(program("hello")), timeout=60)
        told = f"{[(hex(at), *how) for at, *how in batch]}: {result}"
        assert result.status in (3, *range(129, 160)), f"status of {told}"
        equal(result.lines, ["hello from pid %d" % (len(batch) + 3), "keep 1: kept"], f"stdout of {told}")
        for pid, jump in enumerate(batch, 3):
            assert re.search(rb"^uos: pid %d: \S*wildjump: (signal (4|5|7|8|11|14)|exit 3)$" % pid, result.stderr, re.M), \
                f"no end of the jump to {jump[0]:#x} with {jump[1:]}: {told}"
            line = re.search(rb"^uos: pid %d \(\S*wildjump\): (.*)$" % pid, result.stderr, re.M)
            said.append(line[1].decode() if line else "")
        assert LEFT in result.stderr.splitlines(), told
    return said


@matrix("is no jump to an instruction of the ways in and out of use, but the end of who jumps?", protects=["keys", "full"])
def _(options):
    names = symbols()
    places = [at for start, end in WAYS for at in instructions(names[start], names[end])]
    assert len(places) > 120, f"only {len(places)} instructions"
    wild_jumps(options, [(at, eax) for at in places for eax in (SHUT, KERNELS, ALL, MASK)])
    if "--switch=asm" in options:
        wild_jumps(options, [(at, eax, "buffer", TF | AC) for at in places for eax in (KERNELS, ALL, MASK)])
        wild_jumps(options, [(at, ALL, 0, DF) for at in places])


@matrix("is who jumps to an instruction that writes PKRU told what he tried, and ended?", ("asm",), ("keys", "full"))
def _(options):
    for at, what in gates(symbols()).items():
        jump = (at, ALL if what == "WRPKRU" else MASK, "buffer")
        for flags in (0, TF):
            said = wild_jumps(options, [(*jump, flags)])[0]
            assert f": forged {what} at 0x" in said, f"of the jump to {at:#x}: {said!r}"


# ---- What can be executed, and what is whose ----------------------------------------------------------------------------------

class Waiting:
    """uos with a guest that waits for its input."""

    def __init__(self, protect):
        self.live = Live(f"--protect={protect}", "cat")

    def __enter__(self):
        self.live.__enter__()
        self.live.feed(b"x\n")
        self.live.until("^x$")
        return self.live.pid

    def __exit__(self, *_):
        self.live.__exit__(*_)


def mappings(pid):
    """(start, end, rights, name, protection key) of each."""
    found, text = [], Path(f"/proc/{pid}/smaps").read_text()
    for m in re.finditer(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ *([^\n]*)\n((?:\w+:.*\n)*)", text, re.M):
        key = re.search(r"^ProtectionKey: +(\d+)$", m[5], re.M)
        found.append((int(m[1], 16), int(m[2], 16), m[3], m[4], int(key[1]) if key else None))
    return found


def is_guests(start):
    return GUEST_LOWEST <= start < GUEST_END


def dangerous(pid):
    """Addresses in the host's own executable memory where a WRPKRU or XRSTOR begins, but for the checked ones in uos itself."""
    names, found, maps = symbols(), [], mappings(pid)
    base = min(start for start, _, _, name, _ in maps if name == UOS)
    checked = {base + at for at in gates(names)} | {base + at + 1 for at in gates(names)}  # with or without a prefix
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for start, end, rights, name, _ in maps:
            if "x" in rights and not is_guests(start) and name != "[vsyscall]":
                memory.seek(start)
                text = memory.read(end - start)
                found += [(name, hex(m.start())) for m in FORBIDDEN.finditer(text) if start + m.start() not in checked]
    return found


@matrix("is there no other instruction in all of the host's code that opens memory?", ("ucontext",), ("keys", "full"))
def _(options):
    level = options[1].partition("=")[2]
    with Waiting(level) as pid:
        found = dangerous(pid)
    if level == "full":
        equal(found, [], "places")
    else:
        assert len(found) > 2, f"it would find none: {found}"  # pkey_set's, and boot's at least


def operand_end(code):
    """Length of ModRM byte, SIB and displacement of an operand in memory."""
    mod, rm = code[0] >> 6, code[0] & 7
    sib = rm == 4
    base = code[1] & 7 if sib else rm
    return 1 + sib + (4 if mod == 2 or (mod == 0 and base == 5) else mod)


def unchecked(pid):
    """Addresses in guests' executable memory where a WRPKRU begins, or an XRSTOR that the check of its mask does not follow."""
    found, checked = [], 0
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for start, end, rights, name, _ in mappings(pid):
            if "x" in rights and is_guests(start):
                memory.seek(start)
                text = memory.read(end - start)
                for m in FORBIDDEN.finditer(text):
                    behind = m.start() + 2 + operand_end(text[m.start() + 2:])
                    is_checked = text[m.start() + 1] == 0xae and text[behind:].startswith(CHECK)
                    checked += is_checked
                    found += [] if is_checked else [(name, hex(start + m.start()))]
    return found, checked


@matrix("has a guest's code, the C library's and its loader's, at full no XRSTOR that is not checked, and no WRPKRU?", ("ucontext",), ("keys", "full"))
def _(options):
    with Waiting(options[1].partition("=")[2]) as pid:
        found, checked = unchecked(pid)
    if options[1] == "--protect=full":
        assert found == [] and checked > 0, (found, checked)
    else:
        assert len(found) > 1 and checked == 0, f"it would find none: {found}"


@matrix("has every mapping of the host's key 0, but one page that guests read; and every guest's one of its own?", ("asm",), ("keys", "full"))
def _(options):
    with Waiting(options[1].partition("=")[2]) as pid:
        maps = mappings(pid)
    guests = [m for m in maps if is_guests(m[0])]
    hosts = [m for m in maps if not is_guests(m[0])]
    readable = [m for m in hosts if m[4] not in (0, None) or (m[4] is None and m[3] != "[vsyscall]")]
    equal([(end - start, rights, key) for start, end, rights, _, key in readable], [(4096, "r--s", 1)], "what is not of key 0")
    equal({key for *_, key in guests}, {2}, "keys of the guest's mappings")
    equal([m for m in hosts if "x" in m[2] and "w" in m[2]], [], "what the host may write and execute")


main()
