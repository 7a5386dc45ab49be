"""The end-to-end tests' harness: run uos or plain Linux, drive a terminal, speak TAP.

    @test("does hello print?")                      one test, a sentence for a name
    @matrix("does hello print?")                    the same once per switch backend and protection level
    main()                                          last line of a script: run, print TAP, exit

A test passes if it returns, fails if it raises, is skipped if it raises Skip(reason). Nothing here waits for time to
pass: every wait is for a line, a file or an exit, with a deadline after which the test fails and shows what it saw.
"""

import contextlib
import fcntl
import functools
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import traceback
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
UOS = os.environ.get("UOS", str(ROOT / "build/uos"))
UOS_HOOKS = os.environ.get("UOS_HOOKS", str(ROOT / "build/uos-hooks"))
PROGRAMS = os.environ.get("UOS_PROGRAMS", str(ROOT / "build/programs"))
GUESTS = os.environ.get("UOS_GUESTS", str(ROOT / "build/tests/guest"))
TIMEOUT = int(os.environ.get("UOS_PATIENCE", 60))

# What nohup or `&` ignores for us, programs on Linux would inherit, and guests do not (docs/limits.md).
for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)


class Skip(Exception):
    """The host lacks what the test needs: the message says what."""


class Result(NamedTuple):
    stdout: bytes
    stderr: bytes
    status: int  # of uos: as wait() tells it, negative if uos itself died of a signal; of host(): 128+n then

    def __str__(self):
        return f"status {self.status}\nstdout: {shorten(self.stdout)}\nstderr: {shorten(self.stderr)}"

    @property
    def lines(self):
        return self.stdout.decode(errors="replace").splitlines()

    @property
    def complaints(self):
        """The lines of stderr that are uos's own."""
        return [line for line in self.stderr.decode(errors="replace").splitlines() if line.startswith("uos: ")]


def shorten(data, most=3000):
    text = data.decode(errors="backslashreplace")
    return text if len(text) <= most else f"{text[:most // 2]}\n[... {len(text) - most} more ...]\n{text[-most // 2:]}"


def guest(name, *args):
    """The PROG word for a test guest with these arguments, each quoted."""
    return shlex.join([os.path.join(GUESTS, name), *map(str, args)])


def program(name, *args):
    """argv of one of our programs, for host()."""
    return [os.path.join(PROGRAMS, name), *map(str, args)]


def run_argv(argv, stdin=b"", timeout=TIMEOUT, **options):
    """Runs argv to its end in a process group of its own; a hang is a failure that shows what came until then."""
    process = subprocess.Popen(argv, stdin=options.pop("stdin_file", subprocess.PIPE), start_new_session=True,
                               stdout=options.pop("stdout_file", subprocess.PIPE), stderr=subprocess.PIPE, **options)
    try:
        out, err = process.communicate(stdin if process.stdin else None, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"hung for {timeout} s: {shlex.join(argv)}\n{Result(out or b'', err, 0)}") from None
    return Result(out or b"", err, process.returncode)


def argv_of(uos, args):
    """The command line of uos, or of what the test starts it from; UOS_REWRITE=off runs every test without rewriting."""
    runs = uos in (None, UOS, UOS_HOOKS) and args and args[0] not in ("compare", "bench", "doctor")
    choice = [f"--rewrite={os.environ['UOS_REWRITE']}"] if "UOS_REWRITE" in os.environ and runs else []
    return [uos or UOS, *choice, *map(str, args)]


def run(*args, uos=None, **options):
    return run_argv(argv_of(uos, args), **options)


def host(argv, **options):
    """The same on plain Linux, its status as uos would report it."""
    argv = shlex.split(argv) if isinstance(argv, str) else argv
    result = run_argv(argv, **options)
    return result._replace(status=128 - result.status if result.status < 0 else result.status)


def pidless(output):
    return re.sub(rb"\bpid \d+", b"pid N", output)


def equal(seen, wanted, what):
    assert seen == wanted, f"{what}: {seen!r}, should be {wanted!r}"


def in_order(result, *lines):
    """These lines stand in stdout, in this order."""
    at = -1
    for line in lines:
        assert line in result.lines[at + 1:], f"no line {line!r} after {result.lines[:at + 1][-1:]}: {result}"
        at = result.lines.index(line, at + 1)


def same_as_host(result, argv, **options):
    """Bytes and status equal those of argv on Linux, pids aside."""
    real = host(argv, **options)
    assert pidless(result.stdout) == pidless(real.stdout), f"stdout differs.\nuos: {result}\nhost: {real}"
    assert result.status == real.status, f"status differs.\nuos: {result}\nhost: {real}"


def refused(result, statuses, *words):
    """One line of uos on stderr with these words in it, nothing on stdout, one of the statuses."""
    assert result.status in statuses, f"status is not in {statuses}: {result}"
    equal((result.stdout, len(result.stderr.splitlines())), (b"", 1), f"stdout and lines of stderr: {result}")
    assert result.stderr.startswith(b"uos: ") and result.stderr.endswith(b"\n"), str(result)
    for word in words:
        assert word.lower() in result.stderr.decode(errors="replace").lower(), f"no {word!r} in {result}"


def ticks(result):
    """(raised, ended, continued, early, alone, merged) of -v's line, which must add up."""
    line = rb"^uos: ticks: raised (\d+) = ended (\d+) \+ continued (\d+) \+ early (\d+) \+ alone (\d+) \+ merged (\d+)$"
    found = re.search(line, result.stderr, re.M)
    assert found, f"no ticks line: {result}"
    counts = tuple(map(int, found.groups()))
    assert counts[0] == sum(counts[1:]), f"ticks raised are not those accounted: {found.group(0)!r}"
    return counts


class Live:
    """A running uos whose lines one can wait for, on pipes or, with tty=True, on a terminal of its own."""

    def __init__(self, *args, tty=False, stdin=None, stderr_tty=False, uos=None, cwd=None, env=None, before=None):
        self.seen = {"out": b"", "err": b""}
        self.argv = argv_of(uos, args)
        self.master, self.slave = pty.openpty() if tty or stderr_tty else (None, None)
        self.modes = termios.tcgetattr(self.slave) if self.slave is not None else None
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            self.argv, stdin=self.slave if tty else stdin if stdin is not None else pipe,
            stdout=self.slave if tty else pipe, stderr=self.slave if self.slave else pipe,
            start_new_session=True, cwd=cwd, env=env, preexec_fn=(lambda: fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)) if tty else before)
        self.pid = self.process.pid
        self.sources = {self.master: "out" if tty else "err"} if self.slave else {self.process.stderr.fileno(): "err"}
        if not tty:
            self.sources[self.process.stdout.fileno()] = "out"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()
        for end in (self.process.stdin, self.process.stdout, self.process.stderr):
            if end:
                end.close()
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)

    def _pump(self, seconds):
        for fd in select.select(list(self.sources), [], [], seconds)[0]:
            data = os.read(fd, 65536)
            if data:
                self.seen[self.sources[fd]] += data
            else:
                del self.sources[fd]

    def fail(self, message):
        raise AssertionError(f"{message}\n{shlex.join(self.argv)}\n"
                             f"{Result(self.seen['out'], self.seen['err'], self.process.poll())}")

    def until(self, pattern, stream="out", start=0, timeout=TIMEOUT):
        """Waits until pattern stands in the stream (from offset start), returns the match."""
        deadline = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None
            self._pump(0 if ended else 0.05)
            found = re.search(pattern.encode(), self.seen[stream][start:].replace(b"\r\n", b"\n"), re.M)
            if found:
                return found
            if ended and not select.select(list(self.sources), [], [], 0)[0]:
                self.fail(f"ended without {pattern!r}")
            if time.monotonic() > deadline:
                self.fail(f"no {pattern!r} in {timeout} s")

    def holds(self, condition, what, timeout=TIMEOUT, ended=False):
        """Waits until condition() is true, reading the output meanwhile; uos must not have ended unless that is said."""
        deadline = time.monotonic() + timeout
        while True:
            over = time.monotonic() > deadline or (not ended and self.process.poll() is not None)
            if condition():
                return
            if over:
                self.fail(f"never: {what}")
            self._pump(0.01)

    def feed(self, data):
        os.write(self.master if self.master is not None else self.process.stdin.fileno(), data)

    def interrupt(self):
        """Types Ctrl-C and returns once uos has taken the signal (echoed by the terminal, no longer pending)."""
        before = len(self.seen["out"])
        self.feed(b"\x03")
        self.until(r"\^C", start=before)
        self.holds(lambda: self.process.poll() is not None or not self._sigint_pending(), "SIGINT taken")

    def idles(self):
        """Until every guest waits: uos itself sleeps then."""
        self.holds(lambda: Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1][0] == "S", "uos idles")

    def _sigint_pending(self):
        masks = re.findall(r"(?:SigPnd|ShdPnd):\s*(\w+)", Path(f"/proc/{self.pid}/status").read_text())
        return any(int(mask, 16) >> (signal.SIGINT - 1) & 1 for mask in masks)

    def cpu_ns(self):
        """CPU time of all its threads so far."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def finish(self, timeout=TIMEOUT):
        """Waits for its end; with a terminal, also checks that the terminal is as it was."""
        if self.process.stdin:
            self.process.stdin.close()
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            self._pump(0.05)
            if time.monotonic() > deadline:
                self.fail(f"did not end in {timeout} s")
        while self.sources and select.select(list(self.sources), [], [], 0)[0]:
            self._pump(0)
        if self.slave is not None:
            os.write(self.slave, b"\0")  # what comes out of the terminal before this was written by uos
            self.holds(lambda: any(seen.endswith(b"\0") for seen in self.seen.values()), "end of output", ended=True)
            self.seen = {name: seen.rstrip(b"\0") for name, seen in self.seen.items()}
            equal(termios.tcgetattr(self.slave), self.modes, "the terminal's modes afterwards")
        return Result(self.seen["out"].replace(b"\r\n", b"\n"), self.seen["err"].replace(b"\r\n", b"\n"),
                      self.process.returncode)


@functools.cache
def keys_missing():
    """Why --protect=keys does not work here, or None."""
    result = run("--protect=keys", shlex.join(program("hello")))
    if result.status == 0 and b"hello" in result.stdout:
        return None
    return "uos --protect=keys hello: " + " ".join(result.stderr.decode(errors="replace").split())[:200]


TESTS = []


def test(name):
    def register(function):
        TESTS.append((name, function))
        return function
    return register


def matrix(name, switches=("ucontext", "asm"), protects=None):
    """Levels, unless they are named: none with each backend, keys with one, full, which is keys and more, with the other."""
    def register(function):
        for switch in switches:
            for protect in protects or ("none", "full" if switch == "asm" else "keys"):
                options = [f"--switch={switch}", f"--protect={protect}"]
                TESTS.append((f"{name} [{switch}, {protect}]", functools.partial(_combination, function, options)))
        return function
    return register


def _combination(function, options):
    if "--protect=none" not in options and keys_missing():
        raise Skip(keys_missing())
    function(options)


def private_mounts():
    """Starts this script anew in a mount namespace of its own, where it may mount; without the right to, nothing happens."""
    argv = ["unshare", "--mount", "--propagation", "private"]
    if "UOS_MOUNTS" not in os.environ and os.geteuid() == 0 and shutil.which("unshare") and host([*argv, "true"]).status == 0:
        os.environ["UOS_MOUNTS"] = "private"
        os.execvp("unshare", [*argv, sys.executable, *sys.argv])
    return "UOS_MOUNTS" in os.environ


@contextlib.contextmanager
def memory_directory():
    """A new directory, in memory where we may mount and UOS_ON_DISK does not ask for the disk: directories are made a lot faster there."""
    with directory() as top:
        mount = "UOS_MOUNTS" in os.environ and "UOS_ON_DISK" not in os.environ
        if mount:
            subprocess.run(["mount", "-t", "tmpfs", "memory", top], check=True)
        try:
            os.chmod(top, 0o755)
            yield top
        finally:
            if mount:
                subprocess.run(["umount", top], check=True)


def directory():
    return tempfile.TemporaryDirectory(prefix="uos-e2e-")


def main():
    only = os.environ.get("ONLY")
    chosen = [(name, function) for name, function in TESTS if not only or re.search(only, name)]
    print(f"TAP version 13\n1..{len(chosen)}")
    failures = 0
    for number, (name, function) in enumerate(chosen, 1):
        name = name.replace("#", "No.")
        try:
            function()
            verdict, detail = f"ok {number} - {name}", ""
        except Skip as reason:
            verdict, detail = f"ok {number} - {name} # SKIP {reason}", ""
        except Exception as error:  # the next test still runs
            known = isinstance(error, AssertionError) and str(error)
            verdict, detail = f"not ok {number} - {name}", str(error) if known else traceback.format_exc()
            failures += 1
        print(verdict, flush=True)
        if detail:  # on stderr: meson shows that of a test that failed, not TAP's comments
            print(f"{name}:\n{detail}", file=sys.stderr, flush=True)
    sys.exit(1 if failures else 0)
