#!/usr/bin/env python3
"""What the objects ask of one another: all host calls live in the machine, and nothing that runs while a guest's vector
registers are live touches them."""

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("UOS_BUILD", ROOT / "build"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import main, test  # noqa: E402

# libc's functions that the kernel may call: they compute, and ask nothing of the host (malloc: memory, for the process).
PURE = set("""
    malloc calloc realloc free strdup memcpy memmove memset memchr memcmp
    qsort strlen strnlen strcmp strncmp strchr strchrnul strrchr strcpy strncpy snprintf vsnprintf strerror strsignal sigabbrev_np
""".split())

NO_RETURN = "ends the machine"
AT_BOOT = "called before there is a guest"
# What libgeneral's objects may call with the guest's vector registers live, and why each leaves them alone. libc's memcpy
# and its like never: they move by vectors. Functions of libgeneral and libkernel are compiled without vector instructions.
GENERAL = {
    "clock_now": "reads the TSC and multiplies integers",
    "timer_arm": "one host call and integers; libc's setitimer is its system call and no more (below)",
    "timer_armed_by": "compares two integers",
    "frame_save_vectors": "is what saves them",
    "device_next": "an epoll_wait and a sem_post: their code is looked at below",
    "cpu_idle": "the CPU idles only after a call that blocks, and those are FULL, or after an exit",
    "cpu_take_interrupts": "runs the handlers, which are in these objects",
    "trap_set_handler": AT_BOOT,
    "context_start": AT_BOOT,
    "machine_panic": NO_RETURN,
    "host_stolen": "a pread, its code is looked at below, and integers",
    "host_thread_cpu": "a clock_gettime, its code is looked at below",
    "host_times": "called when the machine ends",
    "machine_power_status": "a variable",
    "machine_blame": "a variable",
    "calloc": AT_BOOT,
}
# These do touch vector registers (by libc). Only a function that calls frame_save_vectors, too, may call them.
SAVED_BEFORE = {
    "vm_activate": "may map and evict: mmap, memmove",
    "context_switch": "swapcontext loads the control words that it saved",
    "console_line": "formats: vsnprintf",
    "event_text_in": "memcpy",
    "console_keys": "asks the host for the terminal's settings, signals to guests",
}
ONLY_AT_BOOT = {"sched_start": "there is no guest yet"}
# Functions of libkernel that run with live vector registers and come back: they are looked at in the same way.
KERNEL_COMES_BACK = {"files_device_ready"}
# And those that find the vectors saved, or whose process does not live on.
KERNEL_MAY = {"fault_handler": "comes by signal: saved already", "sites_trapped": "likewise", "proc_exit": "never returns to its guest",
              "signals_deliver": "saves them first", "signal_send": "Ctrl-C saves them first", "kernel_halt": NO_RETURN, "sys_write": "its address is compared"}
# libc's functions behind those machine functions, on the paths that come back to the guest.
HOST_CALLS = ["setitimer", "epoll_wait", "sem_post", "__libc_pread"]

VECTOR = re.compile(r"%[xyz]mm\d|%mm\d|%st\b|%k[1-7]\b|\b(?:fx?(?:save|rstor)|xsave|xrstor|ldmxcsr|stmxcsr|vldmxcsr|fn?init"
                    r"|emms|fld|fst|fn?st(?:cw|env|sw)|vzero)\w*")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def objects(patterns):
    found = sorted(path for pattern in patterns.split() for path in BUILD.glob(pattern))
    assert found, f"no {patterns} in {BUILD}: build first, or set UOS_BUILD"
    return [str(path) for path in found]


def undefined(files):
    """Symbol -> the objects that want it."""
    wanted = defaultdict(list)
    for file in files:
        for line in output("nm", "-u", file).splitlines():
            if line.split()[0] in "Uwv" and line.split()[1] != "_GLOBAL_OFFSET_TABLE_":
                wanted[line.split()[1]].append(Path(file).name)
    return wanted


def defined(files):
    return {line.split()[2] for line in output("nm", "-g", "--defined-only", *files).splitlines() if len(line.split()) == 3}


KERNEL = "libkernel.a.p/*.o"
GENERAL_OBJECTS = "libgeneral.a.p/*.o"
MACHINE = "uos.p/src_machine_*.o libmachine.a.p/*.o"
CLI = "libcli.a.p/*.o"


def kernel_complaints(wanted, machine, kernel, header):
    for symbol, by in sorted(wanted.items()):
        if symbol in machine and symbol not in header:
            yield f"{symbol} ({', '.join(by)}) is the machine's own: its headers do not have it"
        elif symbol not in machine | kernel | PURE and not symbol.startswith("Zydis"):
            yield f"{symbol} ({', '.join(by)}) is neither the machine's, nor the kernel's, nor a pure function of libc"


def words(*files):
    return {word for file in files for word in re.findall(r"\w+", (ROOT / file).read_text())}


@test("does the kernel ask the machine only, and of libc only what is pure?")
def _():
    kernel = objects(KERNEL) + objects(GENERAL_OBJECTS)
    header = words(*(f"src/machine/{name}.h" for name in ("machine", "clock", "memory", "device", "disk", "host", "mapping", "relocate", "rewrite", "scan")))
    found = list(kernel_complaints(undefined(kernel), defined(objects(MACHINE)), defined(kernel), header))
    assert not found, "\n".join(found)
    fake = {"swapcontext": ["a.o"], "prctl": ["a.o"], "cpu_frame": ["a.o"], "memcpy": ["a.o"], "phys_pointer": ["a.o"]}
    assert len(list(kernel_complaints(fake, {"cpu_frame", "phys_pointer"}, set(), header))) == 3, "it would not complain"


@test("does the machine ask nothing of the kernel or the command line, and the kernel nothing of the command line?")
def _():
    kernel, cli = objects(KERNEL) + objects(GENERAL_OBJECTS), objects(CLI)
    upward = (set(undefined(objects(MACHINE))) & (defined(kernel) | defined(cli))) | (set(undefined(kernel)) & defined(cli))
    assert not upward, f"asked of a layer above: {', '.join(sorted(upward))}"


@test("is every call that is marked GENERAL in an object that is compiled for it?")
def _():
    calls = re.findall(r"^CALL\(\d+,\s*(\w+),\s*GENERAL\b", (ROOT / "src/kernel/syscall.tbl").read_text(), re.M)
    outside = {f"sys_{name}" for name in calls} - defined(objects(GENERAL_OBJECTS))
    assert calls and not outside, f"GENERAL, but not in libgeneral: {', '.join(sorted(outside))}"


def functions(files):
    """Function -> what it calls or takes the address of. What the compiler split off counts with its origin."""
    asked = defaultdict(set)
    for file in files:
        name = ""
        for line in output("objdump", "-dr", "--no-show-raw-insn", file).splitlines():
            if head := re.match(r"[0-9a-f]+ <([\w.]+)>:", line):
                name = head[1].split(".")[0]
                asked[name] |= set()
            elif symbol := re.search(r"\sR_X86_64_\w+\s+([A-Za-z_]\w*)", line):
                asked[name].add(symbol[1])
    return asked


def general_complaints(asked, own):
    for name, symbols in sorted(asked.items()):
        for symbol in sorted(symbols - own - set(GENERAL) - KERNEL_COMES_BACK - set(KERNEL_MAY)):
            if symbol in SAVED_BEFORE:
                if "frame_save_vectors" not in symbols and name not in ONLY_AT_BOOT:
                    yield f"{name} calls {symbol} ({SAVED_BEFORE[symbol]}) without frame_save_vectors: a GENERAL call's " \
                          "guest would get its vector registers back clobbered"
            else:
                yield f"{name} calls {symbol}, which is not known to leave vector registers alone"


def variables(files):
    lines = [line.split() for line in output("nm", "-g", "--defined-only", *files).splitlines()]
    return {line[2] for line in lines if len(line) == 3 and line[1] in "BDRV"}


@test("do the objects for GENERAL calls call only what leaves the guest's vector registers alone?")
def _():
    files = objects(GENERAL_OBJECTS)
    own = defined(files) | variables(objects(KERNEL))
    asked = functions(files)
    below = functions(objects(KERNEL))
    assert KERNEL_COMES_BACK <= set(below), f"gone: {', '.join(sorted(KERNEL_COMES_BACK - set(below)))}"
    asked.update({name: below[name] for name in KERNEL_COMES_BACK})
    found = list(general_complaints(asked, own))
    assert not found, "\n".join(found)
    fake = {"a": {"memcpy"}, "b": {"vm_activate"}, "c": {"vm_activate", "frame_save_vectors"}, "d": {"clock_now"}}
    assert len(list(general_complaints(fake, set()))) == 2, "it would not complain"


@test("is each name in this file's lists still in use?")
def _():
    asked = set(undefined(objects(GENERAL_OBJECTS))) | {"device_next", "proc_exit", "thread_exit", "threads_summon"}
    stale = (set(GENERAL) | KERNEL_COMES_BACK | set(KERNEL_MAY)) - asked
    assert not stale, f"nobody calls {', '.join(sorted(stale))}: take it off the list"


def vector_lines(file, symbol=None):
    text = output("objdump", "-d", "--no-show-raw-insn", *([f"--disassemble={symbol}"] if symbol else []), str(file))
    code = [line for line in text.splitlines() if re.match(r"\s+[0-9a-f]+:\s", line)]
    assert code or not symbol, f"no code of {symbol} in {file}"
    return [f"{Path(file).name}: {line.strip()}" for line in code if VECTOR.search(line)]


@test("does no object of kernel or machine contain a vector or x87 instruction, but where state is saved and loaded?")
def _():
    deliberate = {"src_machine_xstate.c.o": {"xsave64", "xsavec64", "xrstor64", "fninit", "ldmxcsr"},
                  "src_machine_entry.S.o": {"xrstor64"}}
    found = []
    for file in objects(KERNEL) + objects(GENERAL_OBJECTS) + objects(MACHINE):
        allowed = deliberate.get(Path(file).name, set())
        found += [line for line in vector_lines(file) if line.split()[2] not in allowed]
    assert not found, "\n".join(found)


@test("would a vector instruction be seen?")
def _():
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "a.c"), Path(folder, "a.o")
        for body in ("double f(double a) { return a * a; }", "long double f(long double a) { return a * a; }"):
            source.write_text(body)
            output("cc", "-O2", "-c", str(source), "-o", str(result))
            assert vector_lines(result), f"nothing seen in {body}"


@test("do the host calls on a GENERAL call's way back stay off vector registers in this libc?")
def _():
    libc = re.search(r"libc\.so\.6 => (\S+)", output("ldd", str(BUILD / "uos")))[1]
    found = [line for name in HOST_CALLS for line in vector_lines(libc, name)]
    assert not found, "\n".join(found)


main()
