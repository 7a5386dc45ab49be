#!/usr/bin/env python3
"""Files that are not as a program hopes: unreadable, in circles, shrinking, on a full disk or a read-only one; and programs
that are none. Everything says what it says on the host.
"""

import functools
import os
import resource
import shlex
import struct
import subprocess
import tempfile
from pathlib import Path

import scratch
from uos import GUESTS, UOS, Live, Skip, equal, guest, host, main, matrix, private_mounts, refused, run, run_argv, shorten, test

MOUNTS = private_mounts()
NOBODY = 65534
ENV = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
TOP = tempfile.TemporaryDirectory(prefix="uos-e2e-")
PLACE = os.path.join(TOP.name, "scratch")
os.chmod(TOP.name, 0o755)


def said(result):
    """What must be equal: all but uos's own lines."""
    return result.stdout, b"".join(line for line in result.stderr.splitlines(True) if not line.startswith(b"uos: ")), result.status


def both(commands, options=(), owner=None, prepare=lambda path: None, cwd=PLACE, tree=True, **more):
    """Runs the commands in turn on the host and under uos, each time in a fresh scratch directory: no difference."""
    ends = []
    who = {"user": owner, "group": owner, "extra_groups": []} if owner else {}
    for here in (False, True):
        scratch.prepare(PLACE, owner)
        undo = prepare(PLACE)
        try:
            ends.append([(run_argv([UOS, *options, command], cwd=cwd, env=ENV, **who, **more) if here else
                          host(command, cwd=cwd, env=ENV, **who, **more)) for command in commands])
            ends.append(scratch.snapshot(PLACE) if tree else {})
        finally:
            if undo:
                undo()
            scratch.clear(PLACE)
    wrong = [f"{command}:\n  uos: {shorten(repr(said(seen)).encode(), 700)}\n  host: {shorten(repr(said(real)).encode(), 700)}\n  stderr: {shorten(seen.stderr, 400)}"
             for command, real, seen in zip(commands, ends[0], ends[2]) if said(seen) != said(real)]
    wrong += scratch.differences(ends[3], ends[1])
    assert not wrong, "\n".join(wrong)
    return ends[0]


def python(code):
    return shlex.join(["python3.11", "-c", code])


@functools.cache
def nobody():
    """The user without rights, if we can be that user and it may run uos."""
    if os.geteuid() != 0:
        return None
    for path in (UOS, os.path.join(GUESTS, "shrink")):
        if host(["test", "-x", path], user=NOBODY, group=NOBODY, extra_groups=[]).status:
            raise Skip(f"{path} is out of reach for a user without rights")
    return NOBODY


@matrix("is what may not be read refused, as on the host?")
def _(options):
    results = both(["ls locked", "ls -l locked/secret", "cat locked/secret none file", "find . -name secret", "grep -r secret .", "cp -r locked copied",
                    "busybox ls locked", "rm -rf locked", "touch locked/new", python("import os; os.chdir('locked')"),
                    python("import os; os.listdir('locked')"), "cp file ro", "mv -f file ro"], options, owner=nobody())
    assert results[0].status == 2 and b"Permission denied" in results[0].stderr, f"this would be refused: {results[0]}"


@test("and a current directory that may not be read, entered or written?")
def _():
    for mode in (0o333, 0o555):
        both(["ls", "pwd", "cat file", "touch new", python("import os; print(os.getcwd())")], owner=nobody(), tree=False,
             prepare=lambda path, mode=mode: os.chmod(path, mode))
    if os.geteuid() == 0:  # who gets us into a directory that we may not enter
        scratch.prepare(PLACE, nobody())
        os.chmod(PLACE, 0o600)
        refused(run("ls", cwd=PLACE, env=ENV, user=nobody(), group=nobody(), extra_groups=[]), {125}, "current directory", "denied")
        scratch.clear(PLACE)


@matrix("are links that lead nowhere or in circles, names and paths too long told as on the host?")
def _(options):
    name, path = "n" * 256, "./" * 2047 + "x"
    both([f"cat dangling loop ping c1 c2 slashed/inner file/x {name} {path} {path}x", "ls -lL loop dangling c41", f"mkdir {name} {'m' * 255}",
          f"touch {name} loop dangling", "cp file dangling", "cp dangling loop copied", "rm loop dangling", "readlink -f c1", "find -L . -maxdepth 2",
          "grep -r x ping", f"busybox touch {name} {'t' * 255}", python("import os\nfor p in ('loop', '\\0', 'x' * 5000):\n try: os.stat(p)\n except Exception as e: print(e)")],
         options)


@matrix("does a guest whose file shrinks die of SIGBUS, or its call of EFAULT, and nobody else?")
def _(options):
    for kind, act in (("shared", "read"), ("shared", "write"), ("shared", "calls"), ("private", "read"), ("private", "calls"), ("code", "read")):
        if kind == "code" and "--protect=full" in options:
            continue  # what is executed there is a copy, which stays
        ends = []
        for here in (False, True):
            scratch.prepare(PLACE)
            words = [UOS, *options, guest("shrink", "big", kind, act)] if here else [os.path.join(GUESTS, "shrink"), "big", kind, act]
            with Live(*words[1:], uos=words[0], cwd=PLACE) as live:
                live.until("mapped, ")
                os.truncate(os.path.join(PLACE, "big"), 5000)
                live.feed(b"\n")
                result = live.finish()
            ends.append((result.stdout, 128 - result.status if result.status < 0 else result.status))
        equal(ends[1], ends[0], f"{kind}, {act}")
        scratch.clear(PLACE)


@test("and do others beside it go on?")
def _():
    scratch.prepare(PLACE)
    with Live("-q", "200us", guest("shrink", "big", "shared", "read"), "primes 20000", guest("shrink", "big", "private", "calls"),
              cwd=PLACE) as live:
        live.until("mapped, [^$]*mapped, ")
        os.truncate(os.path.join(PLACE, "big"), 5000)
        live.feed(b"\n")
        live.feed(b"\n")
        result = live.finish()
    equal(result.status, 135, f"status of {result}")
    for line in (host([os.path.join(os.path.dirname(GUESTS), "..", "programs", "primes"), "20000"]).stdout, b"write from it: -1 EFAULT\n", b"ends\n"):
        assert line in result.stdout, f"no {line} in {result}"
    scratch.clear(PLACE)


def mounted(options):
    """prepare() for both(): inside, the directory disk/ is a small file system."""
    def prepare(path):
        if not MOUNTS:
            raise Skip("no right to mount a small disk")
        disk = os.path.join(path, "disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=20", "disk", disk], check=True)
        Path(disk, "there").write_bytes(b"there\n" * 100)
        Path(disk, "sparse").write_bytes(b"")
        os.truncate(os.path.join(disk, "sparse"), 1 << 20)
        if options:
            subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)
        return lambda: subprocess.run(["umount", disk], check=True)
    return prepare


@matrix("is a full disk told as on the host?")
def _(options):
    results = both(["dd if=/dev/zero of=disk/zeros bs=1000 count=100 status=none", "cp big disk", "ls disk", python("open('disk/py', 'w').write('x' * 100000)"),
                    "sqlite3 disk/db 'create table t(x); insert into t values (zeroblob(90000))'", "truncate -s 1M disk/there", "fallocate -l 70000 disk/there",
                    f"perl -e 'for (1 .. 30) {{ open my $f, q(>), qq(disk/$_) or die qq($_: $!) }}'", "mkdir disk/dir", "ln -s x disk/link", "rm disk/zeros", "cp file disk"],
                   options, prepare=mounted(""))
    assert b"No space left" in results[0].stderr, f"the disk is not full: {results[0]}"


@matrix("does a write to a mapping that the disk has no room for end in SIGBUS?")
def _(options):
    code = "import mmap; f = open('disk/sparse', 'r+b'); m = mmap.mmap(f.fileno(), 0)\nfor at in range(0, 1 << 20, 4096): m[at] = 1"
    results = both([python(code), python("f = open('disk/sparse', 'r+b'); f.seek(900000); f.write(b'x' * 100000); f.flush()")], options, prepare=mounted(""), tree=False)
    equal(results[0].status, 135, "status on the host")


@matrix("is a read-only disk told as on the host?")
def _(options):
    results = both(["touch disk/new", "mkdir disk/dir", "rm disk/there", "mv disk/there disk/x", "mv disk/there .", "cp file disk", "cp file disk/there", "ln disk/there disk/hard",
                    "ln -s x disk/link", "chmod 600 disk/there", "chown 1 disk/there", "truncate -s 1 disk/there", "touch disk/there", "cat disk/there", "ls disk",
                    "sqlite3 disk/db 'create table t(x)'", python("import os; print(os.access('disk', os.W_OK), os.statvfs('disk').f_flag & 1); open('disk/there', 'r+')"),
                    "cat missing disk/missing", "rmdir disk", "rm -rf disk/nothing"], options, prepare=mounted("ro"))
    assert b"Read-only file system" in results[0].stderr, f"the disk is not read-only: {results[0]}"


@test("is a limit on the size of files, which would be one on memory here, told so?")
def _():
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (5000, 5000))
    refused(run("ls", preexec_fn=limit), {125}, "ulimit -f")


def elf_with_interpreter(interpreter):
    """A dynamically linked program that asks for this one."""
    image = bytearray(Path("/bin/true").read_bytes())
    phoff, phnum = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
    for header in range(phoff, phoff + 56 * phnum, 56):
        if struct.unpack_from("<I", image, header)[0] == 3:
            offset, size = struct.unpack_from("<Q", image, header + 8)[0], struct.unpack_from("<Q", image, header + 32)[0]
            assert len(interpreter) < size, f"no room for {interpreter}"
            image[offset:offset + size] = interpreter.encode().ljust(size, b"\0")
            return bytes(image)
    raise Skip("/bin/true has no interpreter")


NO_PROGRAMS = {
    "script without #!": b"echo this is a script\n", "empty": b"", "one byte": b"#", "#! and nothing": b"#!", "#! and blanks": b"#!  \n\n", "text": b"\x7fELF, but no more",
    "interpreter missing": b"#!/no/such/interpreter\n", "interpreter that is a directory": b"#!/usr\n", "interpreter that may not be run": b"#!/etc/passwd\n",
    "interpreter that is itself": b"#!./program\n", "interpreter behind a file": b"#!/etc/passwd/x\n", "interpreter with a carriage return": b"#!/bin/sh\r\n",
    "line too long": b"#!/bin/sh " + b"x" * 300 + b"\n", "name too long": b"#!/" + b"n" * 300 + b"\n", "without a line's end": b"#!/bin/false",
    "ELF, interpreter missing": lambda: elf_with_interpreter("/no/such/ld.so"), "ELF, interpreter that is a directory": lambda: elf_with_interpreter("/usr"),
    "ELF, interpreter that is text": lambda: elf_with_interpreter("/etc/passwd"), "ELF, interpreter without name": lambda: elf_with_interpreter(""),
}


def host_exec(path, cwd):
    """errno of execve on the host, or the status it ends with."""
    code = "import os, sys\ntry: os.execv(sys.argv[1], [sys.argv[1], 'a', 'b c'])\nexcept OSError as e: print('errno', e.errno)"
    return host(["/usr/bin/python3.11", "-c", code, path], cwd=cwd, env=ENV)


for what, content in NO_PROGRAMS.items():
    @test(f"is a program told as on the host: {what}?")
    def _(what=what, content=content):
        scratch.prepare(PLACE)
        path = Path(PLACE, "program")
        path.write_bytes(content() if callable(content) else content)
        path.chmod(0o755)
        real, seen = host_exec("./program", PLACE), run("./program a 'b c'", cwd=PLACE, env=ENV)
        if real.stdout.startswith(b"errno"):
            error = int(real.stdout.split()[1])
            equal(seen.status, 127 if error == 2 else 126, f"status, where the host says {os.strerror(error)}: {seen}")
            equal((seen.stdout, len(seen.complaints), b"program" in seen.stderr), (b"", 1, True), f"lines: {seen}")
        else:
            equal(said(seen)[::2], (real.stdout, 128 - real.status if real.status < 0 else real.status), f"stdout, status: {seen}")
        scratch.clear(PLACE)


@test("is a program that is none told so: directory, no right, links in circles, a name too long?")
def _():
    scratch.prepare(PLACE)
    for name in ("./dir", "./noexec", "./loop", "./dangling", "./c1", "./file/x", "./" + "n" * 256, "./missing"):
        real, seen = host_exec(name, PLACE), run(name, cwd=PLACE, env=ENV)
        error = int(real.stdout.split()[1])
        equal((seen.stdout, seen.status), (b"", 127 if error == 2 else 126), f"{name[:20]}, where the host says {os.strerror(error)}: {seen}")
    scratch.clear(PLACE)


@matrix("do scripts run, with their interpreter's argument and their own?")
def _(options):
    scripts = {"sh": "#!/bin/sh\necho \"$0 $# $1 $2\"; exit 4\n", "dash -e": "#! /bin/sh -e\necho before\nfalse\necho after\n",
               "python": "#!/usr/bin/python3.11\nimport sys; print(sys.argv, __file__)\n", "busybox": "#!/bin/busybox sh\necho $0 $2\n",
               "perl -w -l": "#!/usr/bin/perl -w -l\nprint for @ARGV; print $0\n", "awk": "#!/usr/bin/mawk -f\nBEGIN { print ARGV[1], ARGC; exit 2 }\n",
               "nested": "#!./script-sh inner\n", "lua": "#!/usr/bin/lua5.4\nprint(arg[0], arg[2])\n", "sed": "#!/bin/sed -f\ns/0/zero/\n",
               "nested more": "#!./script-nested\n", "no end": "#!/bin/echo x y"}

    def prepare(path):
        for name, text in scripts.items():
            script = Path(path, "script-" + name.replace(" ", "-"))
            script.write_text(text)
            script.chmod(0o755)

    words = [f"./script-{name.replace(' ', '-')} file 'b  c'" for name in scripts if name != "sed"] + ["./script-sed file"]
    both(words, options, prepare=prepare)


main()
