#!/usr/bin/env python3
"""Terminals as their users see them: job control of the shell outside and of shells inside, sizes, pseudo-terminals."""

import fcntl
import os
import re
import shlex
import struct
import tempfile
import termios
from pathlib import Path

from uos import UOS, Live, equal, guest, main, matrix, run, same_as_host, test

PROMPT = "<>"
PYTHON = "/usr/bin/python3"
ENV = {**os.environ, "PS1": PROMPT, "TERM": "xterm", "HISTFILE": "/dev/null", "LC_ALL": "C.UTF-8"}


class Session:
    """A Live at whose prompt one types; what came since then is looked at."""

    def __init__(self, live, prompt=PROMPT):
        self.live, self.mark, self.prompt = live, 0, prompt
        self.until(re.escape(prompt))

    def until(self, pattern):
        found = self.live.until(pattern, start=self.mark)
        return found.group(0).decode()

    def type(self, text, pattern=None):
        """Types, and waits until the pattern stands in what comes then, the prompt again if none is given."""
        self.mark = len(self.live.seen["out"])
        self.live.feed(text.encode())
        # the prompt of its own echo does not count: it is on the line that was typed
        return self.until(pattern if pattern else rf"\n(?:.*\n)*?.*{re.escape(self.prompt)}")

    def resize(self, rows, columns):
        fcntl.ioctl(self.live.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def outside():
    """The host's shell, in which uos is a job."""
    return Live("--norc", "--noprofile", "--noediting", "-i", tty=True, uos="/bin/bash", env=ENV)


def uos_line(*args):
    return shlex.join([UOS, *args]) + "\n"


def child_of(pid):
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def continue_in_foreground(shell, job):
    """fg, and waits until the job runs and the keyboard is its own: what is typed before that is the shell's."""
    shell.live.feed(b"fg\n")
    shell.live.holds(lambda: os.tcgetpgrp(shell.live.master) == job and Path(f"/proc/{job}/stat").read_text().split()[2] != "T",
                     "the job is in the foreground and runs")


STOPPED = rf"Stopped(?:.*\n)+.*{PROMPT}"


@matrix("does Ctrl-Z stop uos, do fg and bg continue it, does Ctrl-C end it then?")
def _(options):
    with outside() as live:
        shell = Session(live)
        shell.type(uos_line(*options, guest("nap", 100000, "nap")), "^nap asleep")
        uos = child_of(live.pid)
        for _ in range(3):
            shell.type("\x1a", STOPPED)
            continue_in_foreground(shell, uos)
        shell.type("\x1a", STOPPED)
        shell.type("bg\n")
        shell.type("jobs\n", rf"Running(?:.*\n)+.*{PROMPT}")
        continue_in_foreground(shell, uos)
        shell.type("\x03", rf"\^C(?:.*\n)*.*{PROMPT}")
        shell.type("echo status $?\n", "^status 130")
        live.feed(b"exit\n")
        live.finish()


@test("is the terminal as it was while uos is stopped, and as its program wants it when it goes on?")
def _():
    with outside() as live:
        shell = Session(live)
        before = termios.tcgetattr(live.slave)
        shell.type(uos_line(guest("terminal", "wait")), "^raw now")
        raw = termios.tcgetattr(live.slave)
        assert raw != before, "it is not raw"
        uos = child_of(live.pid)
        os.kill(uos, 20)  # SIGTSTP: Ctrl-Z is a byte now
        shell.until(STOPPED)
        equal(termios.tcgetattr(live.slave), before, "the modes while it is stopped")
        continue_in_foreground(shell, uos)
        live.holds(lambda: termios.tcgetattr(live.slave) == raw, "the modes that the program wants")
        os.kill(uos, 15)
        shell.until(rf"Terminated(?:.*\n)*.*{PROMPT}|{PROMPT}$")
        live.feed(b"exit\n")
        live.finish()


@test("does a program see the terminal's size, also after it has changed?")
def _():
    with outside() as live:
        shell = Session(live)
        for rows, columns in ((30, 100), (11, 22)):
            shell.resize(rows, columns)
            shell.type(uos_line("busybox stty size"), rf"^{rows} {columns}\n{PROMPT}")
        live.feed(b"exit\n")
        live.finish()


# ---- Shells inside ------------------------------------------------------------

SHELLS = {"bash": "bash --norc --noprofile --noediting -i", "dash": "dash -i", "busybox": "busybox sh -i"}


def inside(command, *options):
    return Live(*options, command, tty=True, env=ENV)


def job_control(command, *options):
    nap = guest("nap", 100000, "nap")
    with inside(command, *options) as live:
        shell = Session(live)
        shell.type("echo one two | wc -w\n", rf"^2\n(?:.*\n)*.*{PROMPT}")
        shell.type(nap + "\n", "^nap asleep")
        shell.type("\x03", rf"\^C(?:.*\n)*.*{PROMPT}")
        shell.type("echo status $?\n", rf"^status 130\n(?:.*\n)*.*{PROMPT}")
        shell.type(nap + "\n", "^nap asleep")
        shell.type("\x1a", rf"Stopped.*nap.*\n(?:.*\n)*.*{PROMPT}")
        shell.type("bg\n", rf"bg\n(?:.*\n)+.*{PROMPT}")
        shell.type("jobs\n", rf"Running.*nap.*\n(?:.*\n)*.*{PROMPT}")
        shell.type("kill -INT %1; wait\n", rf"wait\n(?:.*\n)*.*{PROMPT}")
        shell.type("cat &\n", rf"&\n(?:.*\n)*.*{PROMPT}")
        while b"Stopped" not in shell.type("jobs\n", rf"jobs\n(?:.*\n)+.*{PROMPT}").encode():
            pass  # it has not come to its read yet
        shell.type("fg\n", r"fg\n.*cat")
        shell.type("typed\n", r"^typed\ntyped$")
        shell.type("\x04", rf"{PROMPT}")
        live.feed(b"exit 3\n")
        equal(live.finish().status, 3, "status")


for name, command in SHELLS.items():
    @matrix(f"do Ctrl-C, Ctrl-Z, bg, jobs, fg and the end of the file work in {name}, with the terminal as before at the end?")
    def _(options, command=command):
        job_control(command, *options)


@test("has the terminal a name, and do ps and a program in a session of its own see whose it is?")
def _():
    with inside("dash -i") as live:
        shell = Session(live)
        shell.type("tty; tty </dev/tty\n", rf"^/dev/tty\n/dev/tty\n(?:.*\n)*.*{PROMPT}")
        shell.type("busybox ps -o pid,tty | cat\n", rf"^\s*2 5,0\n(?:.*\n)*.*{PROMPT}")
        shell.type("setsid sh -c 'echo x >/dev/tty' 2>&1 | cat\n", rf"No such device(?:.*\n)+.*{PROMPT}")
        live.feed(b"exit\n")
        live.finish()


@test("does a shell inside work at a short quantum?")
def _():
    for quantum in ("200us", "50us"):
        job_control(SHELLS["dash"], "-q", quantum)


@test("does a shell inside see the size change, and its programs?")
def _():
    with tempfile.TemporaryDirectory(prefix="uos-e2e-") as where, Live("bash --norc --noprofile -i", tty=True, env=ENV, cwd=where) as live:
        shell = Session(live)
        for rows, columns in ((30, 100), (50, 132)):
            shell.resize(rows, columns)
            shell.type("stty size; echo $COLUMNS\n", rf"{rows} {columns}\n{columns}\n(?:.*\n)*.*{PROMPT}")
        told = ("import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nsignal.signal(signal.SIGWINCH, lambda *_: None)\n"
                "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\nprint('up')\n"
                "while signal.sigwait([signal.SIGWINCH]): print(os.get_terminal_size())\n")
        Path(where, "told.py").write_text(told)
        shell.type(f"{PYTHON} told.py\n", "up$")
        for rows in (20, 21):
            shell.resize(rows, 70)
            shell.until(rf"columns=70, lines={rows}")
        live.idles()
        shell.type("\x03", rf"\^C(?:.*\n)*.*{PROMPT}")
        live.feed(b"exit\n")
        live.finish()


@test("is the terminal as before when a program that has made it raw is killed, and its shell lives on?")
def _():
    with inside(SHELLS["bash"]) as live:
        shell = Session(live)
        shell.type(guest("terminal", "wait") + " & sleep 0; fg\n", "^raw now")
        os.kill(live.pid, 15)
        equal(live.finish().status, 143, "status")


@test("does python's prompt take Ctrl-C and go on?")
def _():
    with Live(shlex.join([PYTHON, "-q", "-c", "import code; code.interact(banner='', exitmsg='')"]), tty=True, env={**ENV, "PYTHON_HISTORY": "/dev/null"}) as live:
        shell = Session(live, ">>> ")
        for _ in range(3):
            shell.type("import time; print('sleeps'); time.sleep(1000)\n", "^sleeps")
            live.idles()  # asleep: a signal that comes just before is told after 1000 s, on Linux too
            shell.type("\x03", r"KeyboardInterrupt(?:.*\n)+.*>>> ")
        shell.type("print(6 * 7)\n", "^42")
        live.feed(b"exit()\n")
        equal(live.finish().status, 0, "status")


# ---- Pseudo-terminals ---------------------------------------------------------

@test("does script run a command on a terminal of its own, as on Linux?")
def _():
    for command in ("echo one; echo two", "exit 7", "stty size", "test -t 0 && test -t 1 && test -t 2 && echo all"):
        argv = ["script", "-qec", command, "/dev/null"]
        same_as_host(run(shlex.join(argv)), argv)


@test("does python's pty.spawn run a shell whose keys do what they should?")
def _():
    spawn = "import pty; pty.spawn(['dash', '-i'])"
    with inside(shlex.join([PYTHON, "-c", spawn])) as live:
        shell = Session(live)
        shell.type("tty\n", rf"^/dev/pts/\d+\n(?:.*\n)*.*{PROMPT}")
        for _ in range(3):
            shell.type(guest("nap", 100000, "nap") + "\n", "^nap asleep")
            shell.type("\x03", rf"\^C(?:.*\n)*.*{PROMPT}")
            shell.type(guest("nap", 100000, "nap") + "\n", "^nap asleep")
            shell.type("\x1a", rf"Stopped.*nap.*\n(?:.*\n)*.*{PROMPT}")
            shell.type("kill -9 %%; wait\n", rf"wait\n(?:.*\n)*.*{PROMPT}")
        live.feed(b"exit\nexit\n")  # dash asks once if it has not heard of the last one's end
        live.finish()


@matrix("does a program on a pseudo-terminal whose master goes get SIGHUP?")
def _(options):
    program = """
import os, pty, signal
child, master = pty.fork()
if not child:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    os.write(1, b"up\\n")
    signal.sigwait([signal.SIGHUP])
    os._exit(9)
os.read(master, 100)
os.close(master)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    argv = [PYTHON, "-c", program]
    result = run(*options, shlex.join(argv))
    same_as_host(result, argv)
    equal(result.stdout, b"9\n", "how it ended")


# ---- Programs that fill the screen ---------------------------------------------

@test("does less show a file page by page, and vi write one?")
def _():
    with tempfile.TemporaryDirectory(prefix="uos-e2e-") as where:
        Path(where, "numbers").write_text("".join(f"line {k}\n" for k in range(1, 101)))
        with Live("less numbers", tty=True, cwd=where, env=ENV) as live:
            fcntl.ioctl(live.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            live.until("line 20")
            live.feed(b" ")
            live.until("line 40")
            live.feed(b"q")
            equal(live.finish().status, 0, "status of less")
        with Live("--rw", where, "busybox vi new", tty=True, cwd=where, env=ENV) as live:
            live.until("new")
            live.feed(b"ihello")
            live.until("hello")
            live.feed(b"\x1b")
            live.until(r"- new \[Modified\]")  # the key alone; with others behind it, it would begin another
            live.feed(b":wq\n")
            equal(live.finish().status, 0, "status of vi")
        equal(Path(where, "new").read_text(), "hello\n", "what vi wrote")


main()
