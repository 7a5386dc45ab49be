#!/usr/bin/env python3
"""Terminals as their users see them: job control of the shell outside and of shells inside, sizes, pseudo-terminals."""

import fcntl
import os
import re
import shlex
import struct
import termios
from pathlib import Path

from uos import UOS, Live, equal, guest, host, main, matrix, run, same_as_host, test

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


main()
