#!/usr/bin/env python3
"""Is glibc's swapcontext really the context switch? gdb counts its calls from outside, uos says how often it switched."""

import os
import re
import shutil

from uos import UOS, Skip, equal, keys_missing, main, run_argv, test

# A signal that arrives at the breakpoint makes gdb report it twice: before the handler and after. So a call that saves to
# the same place (rdi) as the one before is the same call; nobody switches away twice without having been switched to.
BREAKPOINT = ["set $from = 0", "handle all nostop noprint pass",
              "break swapcontext if ($again = ((long)$rdi == $from), $from = (long)$rdi, !$again)",
              "ignore 1 1000000000", "run", "info breakpoints"]


def counted(*args):
    """Runs uos under gdb: how often swapcontext was called, how often uos says that it switched, its status."""
    if not shutil.which("gdb"):
        raise Skip("no gdb")
    command = ["gdb", "-q", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set breakpoint pending on"]
    for line in BREAKPOINT:
        command += ["-ex", line]
    result = run_argv([*command, "--args", UOS, "-v", *args], env={**os.environ, "SHELL": "/bin/sh"})
    if re.search(rb"ptrace: |Could not trace|not permitted", result.stderr):
        raise Skip("gdb may not trace here: " + result.stderr.decode(errors="replace").splitlines()[0])
    ended = re.search(rb"\[Inferior 1 .* exited (?:normally|with code (\d+))", result.stdout)
    hits = re.search(rb"breakpoint already hit (\d+) time", result.stdout)
    switches = re.search(rb"^uos: switches: (\d+)", result.stderr, re.M)
    assert ended and switches and re.search(rb"(in |<)swapcontext", result.stdout), f"no count: {result}"
    assert int(ended[1] or b"0", 8) == 0, f"uos failed: {result}"
    return int(hits[1]) if hits else 0, int(switches[1])


WORKLOADS = {  # what runs, and how many switches at least
    "two yield in coop": (6, "-m", "coop", "yield 3", "yield 3"),
    "two yield in preempt": (6, "-m", "preempt", "yield 3", "yield 3"),
    "spin and hello in coop": (2, "-m", "coop", "spin 1", "hello"),
    "spin and hello in preempt": (3, "-m", "preempt", "spin 1", "hello"),
    "two spin in turns of 5 ms": (50, "-q", "5ms", "spin 1", "spin 1"),
    "three sleepers": (3, "sleeper", "sleeper", "sleeper"),
}


def register(protect, name, least, args):
    options = [f"--protect={protect}"]

    @test(f"does each switch call swapcontext? {name} [{protect}]")
    def _():
        if protect == "keys" and keys_missing():
            raise Skip(keys_missing())
        calls, switches = counted("--switch=ucontext", *options, *args)
        print(f"# {calls} calls, {switches} switches")
        equal(calls, switches, "calls of swapcontext, against switches")
        assert switches >= least, f"{switches} switches, at least {least} were to be seen"

    @test(f"does none with --switch=asm? {name} [{protect}]")
    def _():
        if protect == "keys" and keys_missing():
            raise Skip(keys_missing())
        calls, switches = counted("--switch=asm", *options, *args)
        equal(calls, 0, f"calls of swapcontext in {switches} switches")
        assert switches >= least, f"{switches} switches, at least {least} were to be seen"


for protection in ("none", "keys"):
    for title, (minimum, *words) in WORKLOADS.items():
        register(protection, title, minimum, words)
main()
