#!/usr/bin/env python3
"""A guest that does what it must not: killed and named, with one line, and nobody else notices."""

import os
import re
import subprocess
from pathlib import Path

from uos import (UOS, UOS_HOOKS, Live, directory, equal, guest, host, in_order, main, matrix, program, run, shorten,
                 test)


def fault_line(result, pid, name, signal, deed, symbol=None):
    """Exactly one line of uos, which tells all this; symbol: where, "" if nowhere in the program, None if anywhere."""
    where = "" if symbol == "" else rf" \({symbol}\+0x[0-9a-f]+\)" if symbol else r"( \([\w.]+\+0x[0-9a-f]+\))?"
    wanted = rf"uos: pid {pid} \((\S*/)?{name}\): {signal}: ({deed}) at 0x[0-9a-f]+{where}"
    equal(len(result.complaints), 1, f"lines of uos in {result}")
    assert re.fullmatch(wanted, result.complaints[0]), f"{result.complaints[0]!r} is not {wanted!r}"


# PROG, signal, what the line says it did, in which function
DEEDS = [
    ("wildptr", 11, "read of 0x0", "main"), ("wildptr 0x7123456000", 11, "read of 0x7123456000", "main"),
    ("wildptr 0x10 w", 11, "write of 0x10", "main"), ("divzero", 8, "integer division by zero", "main"),
    ("overflow", 11, "stack overflow", "deeper.*"),
    ("privileged hlt", 11, "privileged instruction hlt", None), ("privileged cli", 11, "privileged instruction cli", None),
    ("privileged lidt", 11, "privileged instruction lidt", None),
    ("privileged in", 11, "privileged instruction in[bswl]?", None),
    ("privileged int", 11, "privileged instruction int( \\$?0x21| 33)?", None),
    (guest("fault", "read", "0"), 11, "read of 0x0", "deed_read"),
    (guest("fault", "write", "abc123"), 11, "write of 0xabc123", "deed_write"),
    (guest("fault", "jump", "0"), 11, "jump to 0x0", ""),
    (guest("fault", "jump", "7123456780"), 11, "jump to 0x7123456780", ""),
    (guest("fault", "data"), 11, "jump to 0x[0-9a-f]+( at 0x[0-9a-f]+ \\(data\\+0x0\\))?", ""),
    (guest("fault", "divide"), 8, "integer division by zero", "deed_divide"),
    (guest("fault", "overflow"), 11, "stack overflow", "deed_overflow_depth.*"),
    (guest("fault", "rsp"), 11, "(write of 0x8|stack overflow)", "deed_rsp"),
    (guest("fault", "ud2"), 4, ".*", "deed_ud2"), (guest("fault", "int3"), 5, ".*", "deed_int3"),
    (guest("fault", "trap"), 5, ".*", "deed_trap"), (guest("fault", "unaligned"), 11, ".*", "deed_unaligned"),
    (guest("fault", "noncanonical"), 11, ".*", "deed_noncanonical"),
]
SIGNALS = {4: "SIGILL", 5: "SIGTRAP", 8: "SIGFPE", 11: "SIGSEGV"}


@matrix("does each fault end its guest as on Linux, with one line that says what it did and where?")
def _(options):
    wrong = []
    for word, signal, deed, symbol in DEEDS:
        argv = word.split() if "/" in word else program(*word.split())
        try:
            result, real = run(*options, word), host(argv)
            equal(real.status, 128 + signal, f"status of {word} on Linux")
            equal((result.status, result.stdout), (real.status, real.stdout), "status and stdout")
            fault_line(result, 2, os.path.basename(argv[0]), SIGNALS[signal], deed, symbol)
        except AssertionError as error:
            wrong.append(f"{word}: {error}")
    assert not wrong, "\n".join(wrong)


@matrix("do the others go on when one is killed, in coop and preempt?")
def _(options):
    for mode in ("coop", "preempt"):
        for word, signal, deed, _ in DEEDS:
            result = run(*options, "-m", mode, "yield 2", word, "hello")
            equal(result.status, 128 + signal, f"{mode}, {word}: status of {result}")
            in_order(result, "A 1", "A 2")
            in_order(result, "hello from pid 4")
            fault_line(result, 3, r"\w+", SIGNALS[signal], deed)


@test("is every fault of many told, each with its own pid?")
def _():
    result = run("-v", *["wildptr", "divzero", "hello"] * 5)
    equal(result.status, 139, "status")
    for pid in range(2, 17):
        lines = [line for line in result.complaints if line.startswith(f"uos: pid {pid} (")]
        equal(len(lines), 0 if pid % 3 == 1 else 1, f"lines about pid {pid} in {result}")
    assert "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries" in result.complaints, str(result)


@test("is a stripped program's fault told without a symbol?")
def _():
    with directory() as where:
        subprocess.run(["strip", "-o", f"{where}/bare", program("wildptr")[0]], check=True)
        result = run(f"{where}/bare")
    equal(result.status, 139, f"status of {result}")
    assert re.fullmatch(rb"uos: pid 2 \((\S*/)?bare\): SIGSEGV: read of 0x0 at 0x[0-9a-f]+\n", result.stderr), str(result)


def maps(pid):
    """(start, end, permissions, path) of each mapping of a process."""
    rows = (line.split(None, 5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines())
    return [(*(int(x, 16) for x in row[0].split("-")), row[1], row[5] if len(row) > 5 else "") for row in rows]


def memory(pid, address, write=None):
    """Reads (or writes) a byte of a process from outside, as a debugger would."""
    with open(f"/proc/{pid}/mem", "r+b" if write else "rb", buffering=0) as file:
        file.seek(address)
        return file.write(write) if write else file.read(1)


def kernel_addresses(pid, writable):
    """An address in each kind of the running kernel's memory: its own data, its libc's, its heap, its stack."""
    wanted = {os.path.realpath(UOS): "its data", "libc": "its libc's data", "[heap]": "its heap", "[stack]": "its stack"}
    found = {}
    for start, end, rights, path in maps(pid):
        for part, name in wanted.items():
            if part in path and rights[0] == "r" and (rights[1] == "w") == writable:
                # the end of data and heap, the start of what only is read: bytes that do not change
                found.setdefault(name, start + 64 if not writable or name == "its stack" else end - 16)
    assert "its data" in found, f"no mapping of {UOS} in /proc/{pid}/maps"
    return found


def kernel_victim(options, deed, name, writable):
    """Runs `fault DEED` on an address of that kind; returns the result and the address."""
    with Live(*options, guest("fault", deed, "-"), "hello") as live:
        live.until("fault: ready")
        address = kernel_addresses(live.pid, writable).get(name)
        if address is None:
            live.feed(b"0\n")
            return None, None
        live.feed(b"%x %x\n" % (address, memory(live.pid, address)[0]))  # what is there is what is written
        return live.finish(), address


KINDS = ("its data", "its libc's data", "its heap", "its stack")


@matrix("is a guest that reads or writes kernel memory killed and named?", protects=["keys"])
def _(options):
    for deed, writable in (("read", False), ("read", True), ("write", True)):
        for name in KINDS:
            result, address = kernel_victim(options, deed, name, writable)
            if result:
                equal(result.status, 139, f"{deed} of {name}: status of {result}")
                fault_line(result, 2, "fault", "SIGSEGV", rf"{deed} of kernel memory at {address:#x}", f"deed_{deed}")
                in_order(result, "hello from pid 3")


@matrix("does the same guest succeed without protection?", protects=["none"])
def _(options):
    for deed, writable in (("read", False), ("read", True), ("write", True)):
        result, address = kernel_victim(options, deed, "its data", writable)
        equal(result.status, 0, f"status of {result}")
        assert f"fault: {deed} of {address:#x} went well, byte " in result.stdout.decode(), str(result)


def neighbour(options, deed):
    """`fault DEED` on a byte of `victim`; returns the result after both have ended."""
    with Live(*options, guest("fault", deed, "-"), guest("victim")) as live:
        live.until("fault: ready")
        address = int(live.until(r"victim: (0x[0-9a-f]+)").group(1), 16)
        live.feed(b"%x %x\n" % (address, ord("w")))
        live.until(r"fault: \w+ of .* went well|^uos: pid 2 ", "out" if "--protect=none" in options else "err")
        if (deed, *options[1:]) != ("write", "--protect=none"):  # its byte is as it was: let it end
            memory(live.pid, address, write=b"e")
        return live.finish(), address


@matrix("is a guest that reads or writes its neighbour's memory killed and named?", protects=["keys"])
def _(options):
    for deed in ("read", "write"):
        result, address = neighbour(options, deed)
        equal(result.status, 139, f"status of {result}")
        fault_line(result, 2, "fault", "SIGSEGV", rf"{deed} of pid 3's memory at {address:#x}", f"deed_{deed}")
        in_order(result, "victim: found 'e'")


@matrix("does it succeed without protection?", protects=["none"])
def _(options):
    for deed, byte in (("read", "76"), ("write", "77")):
        result, address = neighbour(options, deed)
        equal(result.status, 0, f"status of {result}")
        in_order(result, f"fault: {deed} of {address:#x} went well, byte {byte}")
        in_order(result, "victim: found 'w'" if deed == "write" else "victim: found 'e'")


@matrix("can no system call be talked into the kernel's memory, or into killing uos?")
def _(options):
    for name in KINDS:
        with Live(*options, guest("grab"), "hello") as live:
            live.until("grab: ready")
            address = kernel_addresses(live.pid, True).get(name)
            if address is None:
                continue
            page, before = address & ~4095, memory(live.pid, address)
            mapped = [row for row in maps(live.pid) if row[0] <= page < row[1]]
            # What grab reads to the address would come from here; it is told where by the first line.
            live.feed(b"%x %d\nXXXXXXXXXXXXXXXX" % (address, live.pid))
            result = live.finish()
        equal(result.status, 0, f"{name}: status of {result}")
        in_order(result, "hello from pid 3")
        answers = dict(line.split(": ") for line in result.lines if ": " in line)
        equal(answers.pop("munmap"), "ok", f"{name}: munmap, which Linux grants where nothing is")
        taken = [call for call, answer in answers.items() if answer == "ok"]
        equal((taken, bool(mapped), before), ([], True, before), f"{name}: calls that went well in {result}")
        assert result.stderr == b"" or all("not implemented" in line for line in result.complaints), str(result)


@matrix("does an overflow of a kernel stack panic with a report, status 70, and so does a panic?")
def _(options):
    for number in (1000, 1001):
        result = run(*options, *program("hello"), guest("hook", number), uos=UOS_HOOKS)
        equal(result.status, 70, f"call {number}: status of {result}")
        report = rb"uos: panic: .*stack overflow.*, rip 0x[0-9a-f]+\n" if number == 1000 else rb"uos: panic: \S"
        assert re.match(report, result.stderr), f"call {number}: {shorten(result.stderr)}"
        assert b"hook:" not in result.stdout, f"the call returned: {result}"
        with Live(*options, guest("hook", number), tty=True, uos=UOS_HOOKS) as live:
            equal(live.finish().status, 70, "status on a terminal, whose modes are as before")


@test("does uos itself not have the tests' calls?")
def _():
    result = run(guest("hook", 1001))
    equal((result.status, result.stdout), (3, b"hook: -1 ENOSYS\n"), "status and stdout")


main()
