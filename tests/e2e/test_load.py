#!/usr/bin/env python3
"""Loading: through interpreters, at fixed addresses, scripts; what of a program is mapped and not copied; what cannot be loaded."""

import os
import re
import shlex
import shutil
import struct
import subprocess
import time
from pathlib import Path

from uos import GUESTS, UOS, Live, Skip, directory, equal, guest, host, main, matrix, program, run, same_as_host, test

GUEST_LOW, GUEST_HIGH = 0x10000, 0x300000000000
LEFT = "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries"
PYTHON, BUSYBOX = "/usr/bin/python3.11", "/bin/busybox"
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}


def needs(*paths):
    for path in paths:
        if not os.path.exists(path):
            raise Skip(f"{path} is not here")


def built(*names):
    """argv of each of these guests that could be built here."""
    for name in names:
        if "musl" in name and not shutil.which("musl-gcc"):
            continue
        yield [os.path.join(GUESTS, name)]


# ---- Interpreters -----------------------------------------------------------------------------------------------------------

@matrix("do programs say and end the same: glibc dynamic, at any address and at its own, musl dynamic?")
def _(options):
    for argv in built("hello-dynamic", "hello-dynamic-exec", "hello-musl-dynamic"):
        same_as_host(run(*options, shlex.join(argv)), argv)


@matrix("is what the auxiliary vector says true, of every kind?")
def _(options):
    for argv in built("auxv-dynamic", "auxv-dynamic-exec", "auxv-musl-dynamic"):
        result = run(*options, shlex.join([*argv, "a", "b c"]))
        same_as_host(result, [*argv, "a", "b c"])
        assert b": no\n" not in result.stdout, str(result)


@test("is the interpreter run as a program, too: by name, with a program to load?")
def _():
    loader = "/lib64/ld-linux-x86-64.so.2"
    needs(loader)
    argv = [loader, os.path.join(GUESTS, "hello-dynamic")]
    same_as_host(run(shlex.join(argv)), argv)


@matrix("may a program have a stack that can be executed, if it was linked so, and else not?")
def _(options):
    same_as_host(run(*options, guest("execstack")), [guest("execstack")])
    with directory() as where:
        image = bytearray(Path(guest("execstack")).read_bytes())
        phoff, phnum = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
        for header in range(phoff, phoff + 56 * phnum, 56):
            if struct.unpack_from("<I", image, header)[0] == 0x6474e551:
                struct.pack_into("<I", image, header + 4, 6)
        path = Path(where, "it")
        path.write_bytes(image)
        path.chmod(0o755)
        equal((run(*options, str(path)).status, host([str(path)]).status), (139, 139), "status")


def interpreted(where, name, content, mode=0o755):
    """A program in `where` whose interpreter is a file beside it with this content."""
    interpreter, path = Path(where, name), Path(where, "program")
    if content is not None:
        interpreter.write_bytes(content)
        interpreter.chmod(mode)
    image = bytearray(Path(GUESTS, "hello-dynamic").read_bytes())
    phoff, phnum = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
    for header in range(phoff, phoff + 56 * phnum, 56):
        if struct.unpack_from("<I", image, header)[0] == 3:
            offset, size = struct.unpack_from("<Q", image, header + 8)[0], struct.unpack_from("<Q", image, header + 32)[0]
            assert len(name) < size
            image[offset:offset + size] = name.encode().ljust(size, b"\0")
    path.write_bytes(image)
    path.chmod(0o755)
    return str(path)


def host_errno(path, cwd):
    code = "import os, sys\ntry: os.execv(sys.argv[1], [sys.argv[1]])\nexcept OSError as e: print(e.errno)"
    result = host([PYTHON, "-c", code, path], cwd=cwd)
    return int(result.stdout) if result.stdout.strip().isdigit() else 0


@test("is an interpreter that cannot be one told by its name and what is wrong with it?")
def _():
    real = Path(os.path.realpath("/lib64/ld-linux-x86-64.so.2")).read_bytes()
    i386 = real[:4] + b"\1" + real[5:]
    arm = real[:18] + struct.pack("<H", 183) + real[20:]
    for what, name, content, mode, word in (
            ("missing", "none", None, 0, "No such file"), ("a directory", ".", None, 0, "Permission denied"),
            ("not executable", "it", real, 0o644, "Permission denied"), ("empty", "it", b"", 0o755, "empty"),
            ("text", "it", b"#!/bin/sh\n" * 20, 0o755, "not an ELF"), ("cut in its header", "it", real[:40], 0o755, "truncated"),
            ("cut in its program headers", "it", real[:100], 0o755, "program headers"), ("32 bits", "it", i386, 0o755, "32-bit"),
            ("cut in its segments", "it", real[:0x20000], 0o755, "beyond the end"), ("for another machine", "it", arm, 0o755, "aarch64"),
            ("behind a file", "program/x", None, 0, "Not a directory")):
        with directory() as where:
            path = interpreted(where, name, content, mode)
            result = run(path, cwd=where, env=ENV)
            equal((result.stdout, result.status), (b"", 127 if what == "missing" else 126), f"{what}: {result}")
            equal(len(result.stderr.splitlines()), 1, f"{what}: lines of {result}")
            for part in (f"its interpreter {name}: ", word):
                assert part in result.stderr.decode(), f"{what}: no {part!r} in {result}"
            if what not in ("32 bits", "cut in its segments"):  # Linux does not look, or finds out by a signal
                assert host_errno(path, where), f"{what}: it runs on the host"


@test("does an interpreter that is loaded, but is cut off, end its guest only?")
def _():
    real = Path(os.path.realpath("/lib64/ld-linux-x86-64.so.2")).read_bytes()
    phoff, phnum = struct.unpack_from("<Q", real, 32)[0], struct.unpack_from("<H", real, 56)[0]
    loads = [struct.unpack_from("<IIQQQQQQ", real, phoff + 56 * i) for i in range(phnum)]
    end = max(load[2] + load[5] for load in loads if load[0] == 1)
    with directory() as where:
        path = interpreted(where, "it", real[:end])
        equal(run("--protect=none", path, cwd=where, env=ENV).status, 0, "without sections")
        result = run(path, cwd=where, env=ENV)  # at full its XRSTOR is not known to be one
        assert result.status == 0 or b": killed: XRSTOR, which --protect=keys would run, at offset 0x" in result.stderr, str(result)
        for junk in (b"\xcc" * 16, bytes(4096)):  # all of its code traps, or is zeros
            code = next(load for load in loads if load[0] == 1 and load[1] & 1)
            spoilt = real[:code[2]] + (junk * code[5])[:code[5]] + real[code[2] + code[5]:]
            path = interpreted(where, "it", spoilt)
            result = run("-v", path, "hello", cwd=where, env=ENV)
            assert 128 < result.status < 160 and b"hello from pid 3\n" in result.stdout, str(result)
            assert LEFT in result.complaints, str(result)


# ---- Fixed addresses --------------------------------------------------------------------------------------------------------

@matrix("do two python3.11 and one busybox, all linked at 0x400000, run together?")
def _(options):
    needs(PYTHON, BUSYBOX)
    work = "import json, re; d = {str(i): [i, re.sub('7', 'x', str(i))] for i in range(%d)}; print(len(json.dumps(d)))"
    words = [[PYTHON, "-c", work % 3000], [PYTHON, "-c", work % 4000],
             [BUSYBOX, "awk", "BEGIN { for (; i < 60000; i++) s = (s * 31 + i) % 65537; print s }"]]
    for mode, quantum in (("coop", "10ms"), ("preempt", "200us")):
        result = run("-v", *options, "-m", mode, "-q", quantum, *map(shlex.join, words), env=ENV)
        equal(sorted(result.lines), sorted(line for argv in words for line in host(argv, env=ENV).lines), f"{mode}: {result}")
        equal((result.status, LEFT in result.complaints), (0, True), f"{mode}: {result}")


@matrix("does a program at a fixed address keep its memory whatever it maps elsewhere?")
def _(options):
    same_as_host(run(*options, guest("fixedmap")), [guest("fixedmap")])


@matrix("do ten dynamic ones at one fixed address take turns?")
def _(options):
    words = [[os.path.join(GUESTS, "nap-dynamic-exec"), str(20 + n), f"n{n}"] for n in range(10)]
    result = run("-v", *options, "-q", "200us", *map(shlex.join, words))
    equal(sorted(result.lines), sorted(f"n{n} {what}" for n in range(10) for what in ("asleep", "awake")), f"lines of {result}")
    assert LEFT in result.complaints, str(result)


# ---- Mappings ---------------------------------------------------------------------------------------------------------------

def mappings(pid):
    """The lines of the host's maps where guests are."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return [line for line in lines if GUEST_LOW <= int(line.split("-")[0], 16) < GUEST_HIGH]


def asleep(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "S"


def mappings_while(argv, options, line):
    """What the host maps for this one guest, once it has said `line` and waits."""
    with Live(*options, shlex.join(argv)) as live:
        live.until(line)
        live.holds(lambda: asleep(live.pid), "it waits")
        return mappings(live.pid)


def mappings_at_the_end(argv, options):
    """What the host maps for a guest that wants to say its first words, to a pipe that takes none."""
    end, full = os.pipe()
    os.set_blocking(full, False)
    try:
        while True:
            os.write(full, bytes(4096))
    except BlockingIOError:
        os.set_blocking(full, True)
    with subprocess.Popen([UOS, *options, shlex.join(argv)], stdout=full, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not asleep(process.pid) or not mappings(process.pid):
                assert time.monotonic() < deadline and process.poll() is None, "it never waits"
            return mappings(process.pid)
        finally:
            process.kill()
            os.close(end)
            os.close(full)


@matrix("does a small program take five mappings of the host, hello six as static-PIE of glibc, eighteen with its shared libc?",
        protects=("none", "keys"))  # rewritten code, and at full all code, is a copy that has slots below it
def _(options):
    options = [*options, "--rewrite=off"]
    for most, seen in ((5, mappings_while([os.path.join(GUESTS, "still")], options, "^still$")),
                       (6, mappings_at_the_end(program("hello"), options)),
                       (18, mappings_at_the_end([os.path.join(GUESTS, "hello-dynamic")], options))):
        assert len(seen) <= most, f"{len(seen)}, should be {most}:\n" + "\n".join(seen)
        print(f"# {len(seen)} of {most}")


@matrix("are code and constants of a program and of its interpreter mapped from their files, not copied?",
        protects=("none", "keys"))
def _(options):
    options = [*options, "--rewrite=off"]
    for name in ("nap-dynamic", "nap-dynamic-exec"):
        seen = mappings_while([os.path.join(GUESTS, name), "100000", "it"], options, "^it asleep$")
        for file in (name, "ld-linux", "libc.so"):
            code = [line for line in seen if " r-xp " in line and file in line]
            equal(len(code), 1, f"mappings of code of {file} in {seen}")
        copies = [line for line in seen if "uos-memory" in line and line.split()[1][2] == "x"]
        assert not copies, f"memory that is code: {copies}"


@matrix("does a guest that has all the mappings of the host cost others none of theirs, and at worst itself?")
def _(options):
    with directory() as where:
        for words in ([guest("crowd", "maps"), "hello"], [guest("crowd", "maps"), guest("crowd", "files", 900), "hello"]):
            result = run("-v", "-m", "coop", *options, *words, cwd=where)
            equal(result.lines[0], "crowd: ENOMEM", f"first line of {result}")
            assert f"hello from pid {len(words) + 1}" in result.lines and LEFT in result.complaints, str(result)
            if len(words) == 2:
                assert result.status == 0 and "crowd: still there" in result.lines, str(result)
            else:  # the files' aliases are the kernel's own, and stay as long as the files are mapped
                assert "crowd: files seen: all" in result.lines, str(result)
                assert result.status == 0 or b"(crowd): killed: the host gives no more mappings" in result.stderr, str(result)


# ---- Scripts ----------------------------------------------------------------------------------------------------------------

def script(where, name, first, rest="echo in it\n", mode=0o755):
    path = Path(where, name)
    path.write_bytes((first.encode() if isinstance(first, str) else first) + b"\n" + rest.encode())
    path.chmod(mode)
    return f"./{name}"


@test("are scripts of scripts followed as far as Linux follows them, and no further?")
def _():
    with directory() as where:
        script(where, "s0", "#!/bin/echo base")
        for n in range(1, 9):
            script(where, f"s{n}", f"#!./s{n - 1} arg{n}")
        for n in range(9):
            result, error = run(f"./s{n} x 'y z'", cwd=where, env=ENV), host_errno(f"./s{n}", where)
            if error:
                equal((result.status, result.stdout), (126, b""), f"{n + 1} scripts: {result}")
                assert b"interpreter is a script" in result.stderr, str(result)
            else:
                same_as_host(result, [f"./s{n}", "x", "y z"], cwd=where, env=ENV)


@test("is a script that programs cannot see told so, instead of one of the same name run?")
def _():
    with directory() as where, directory() as elsewhere:
        script(where, "it", "#!/bin/sh")
        result = run(f"{where}/it", cwd=elsewhere, env=ENV)
        equal((result.status, result.stdout, len(result.complaints)), (126, b"", 1), str(result))
        assert b"programs in uos see no such file" in result.stderr, str(result)


@test("does a script find itself where names are other ones: --root, --cwd, a link, a relative name?")
def _():
    needs(BUSYBOX)
    with directory() as where:
        for name in ("bin", "sub"):
            os.mkdir(os.path.join(where, name))
        shutil.copy(BUSYBOX, os.path.join(where, "bin/busybox"))
        script(os.path.join(where, "bin"), "it", "#!/bin/busybox sh", 'echo "$0" "$1"; while read line; do last=$line; done <"$0"; echo "$last"\n# the end\n')
        os.symlink("../bin/it", os.path.join(where, "sub/link"))
        for options, name, cwd, said in (
                (("--root", where), f"{where}/bin/it", "/", "/bin/it"), (("--root", where), "./bin/it", where, "./bin/it"),
                (("--root", where), "./link", f"{where}/sub", "./link"), (("--root", where, "--cwd", "/sub"), "./it", f"{where}/bin", "/bin/it"),
                (("--cwd", "/usr"), "./bin/it", where, f"{where}/bin/it"), ((), "../bin/it", f"{where}/sub", None)):
            result = run(*options, f"{name} word", cwd=cwd, env=ENV)
            if said is None:  # only the directory itself is there
                equal((result.status, len(result.complaints)), (126, 1), f"{options} {name}: {result}")
            else:
                equal((result.status, result.lines), (0, [f"{said} word", "# the end"]), f"{options} {name}: {result}")


@test("does a missing or unfit interpreter of a script stand in the line about it?")
def _():
    with directory() as where:
        for first, status, word in (("#!/no/such", 127, "its interpreter /no/such: No such file"), ("#!/etc", 126, "/etc: Permission denied"),
                                    ("#!/etc/passwd", 126, "/etc/passwd: Permission denied"), ("#!  ", 126, "names no interpreter"),
                                    ("echo", 126, "does not begin with #!"), (b"\0\1\2", 126, "does not begin with #!")):
            result = run(script(where, "it", first), cwd=where, env=ENV)
            equal((result.status, result.stdout, len(result.stderr.splitlines())), (status, b"", 1), f"{first}: {result}")
            assert word in result.stderr.decode(), f"{first}: {result}"


@matrix("is /proc/self/exe the interpreter of a script, and the program of a program?")
def _(options):
    needs("/usr/bin/readlink")
    with directory() as where:
        name = script(where, "it", "#!/usr/bin/readlink /proc/self/exe")
        same_as_host(run(*options, name, cwd=where, env=ENV), [name], cwd=where, env=ENV)
        equal(run(*options, "readlink /proc/self/exe", env=ENV).stdout, host("readlink /proc/self/exe", env=ENV).stdout, "readlink's")


# ---- Files that change ------------------------------------------------------------------------------------------------------

@matrix("does a guest that runs beyond the end of its own file die with a line that says so?")
def _(options):
    with directory() as where:
        path = os.path.join(where, "nap")
        shutil.copy(os.path.join(GUESTS, "nap-dynamic"), path)
        with Live(*options, f"{path} 300 it", "sleeper 100 5", cwd=where) as live:
            live.until("^it asleep$")
            os.truncate(path, 4096)
            result = live.finish()
        equal(result.status, 135, f"status of {result}")
        assert re.search(rb"^uos: pid 2 \(nap\): SIGBUS: (read|jump).* beyond the end of the mapped file", result.stderr, re.M), str(result)
        assert b"sleeper 5/5" in result.stdout, str(result)


main()
