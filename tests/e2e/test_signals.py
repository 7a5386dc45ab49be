#!/usr/bin/env python3
"""Signals end to end: handlers in programs that are preempted, in shells and interpreters; what a person sees of a fault, and of Ctrl-C."""

import os
import shlex
import shutil
from pathlib import Path

from uos import GUESTS, Live, Skip, equal, guest, host, main, matrix, run, same_as_host, test

CALLS = Path(os.environ.get("UOS_CALLS", Path(GUESTS).parent / "calls"))
TIMES = int(os.environ.get("TIMES", "3"))  # how often what is rare is tried


@matrix("is a computation's result the host's while a handler runs a thousand times a second, beside another of the kind?")
def _(options):
    wanted = host(guest("ticking", 10)).stdout
    for quantum in ("50us", "10ms"):
        equal(run(*options, "-q", quantum, guest("ticking", 10), timeout=120).stdout, wanted, f"output at {quantum}")
        result = run(*options, "-q", quantum, guest("ticking", 5), guest("ticking", 5), timeout=120)
        equal((result.stdout, result.status), (wanted * 2, 0), f"output of two at {quantum}")


@matrix("do the programs that compare handlers, queues and threads' signals say the same when preempted at every corner?")
def _(options):
    for name in ("handlers", "sigqueue", "thread_signals", "stops"):
        argv = [str(CALLS / name)]
        wanted = host(argv)
        for _ in range(TIMES):
            for quantum in ("50us", "200us"):
                result = run(*options, "-q", quantum, shlex.join(argv), timeout=60)
                equal((result.stdout, result.status), (wanted.stdout, wanted.status), f"{name} at {quantum}: {result}")


SCRIPTS = [
    """trap 'echo got' USR1; kill -USR1 $$; echo done""",
    """trap 'echo bye' EXIT; trap 'echo term; exit 3' TERM; kill -TERM $$; echo no""",
    """sleep 100 & kill $!; wait $!; echo $?""",
    """(trap 'echo child; exit 5' TERM; kill -STOP 0; kill -TERM $BASHPID) & wait $!; echo $?""",
    """trap '' PIPE; yes 2>/dev/null | head -1; echo $?""",
    """kill -SEGV $$""",
    """timeout 0.2 sleep 10; echo $?; timeout -s KILL 0.2 sleep 10; echo $?""",
]


@test("do shells trap, kill, stop and wait as on Linux?")
def _():
    for shell in ("bash", "dash"):
        if not shutil.which(shell):
            continue
        for script in SCRIPTS:
            if "BASHPID" in script:
                script = script.replace("kill -STOP 0; ", "") if shell == "bash" else "true"
            argv = [shell, "-c", script]
            same_as_host(run(shlex.join(argv)), argv)


@test("does bash's job control stop, list and continue a job?")
def _():
    if not shutil.which("bash"):
        raise Skip("there is no bash")
    script = """set -m; cat <(sleep 0) - < /dev/zero > /dev/null & kill -STOP %1; while ! jobs -s | grep -q Stopped; do :; done
                echo stopped; kill -CONT %1; kill %1; wait %1; echo $?"""
    argv = ["bash", "-c", script]
    same_as_host(run(shlex.join(argv)), argv)


PYTHON = """
import os, signal, subprocess, threading, time
signal.signal(signal.SIGUSR1, lambda number, frame: print("handler", number))
os.kill(os.getpid(), signal.SIGUSR1)
signal.signal(signal.SIGALRM, lambda number, frame: 1 / 0)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True: pass
except ZeroDivisionError: print("out of the loop")
signal.setitimer(signal.ITIMER_REAL, 0.05)
try: os.read(os.pipe()[0], 1)
except ZeroDivisionError: print("out of read")
child = subprocess.Popen(["sleep", "100"])
child.send_signal(signal.SIGSTOP)
print(os.WSTOPSIG(os.waitpid(child.pid, os.WUNTRACED)[1]))
child.send_signal(signal.SIGCONT)
child.terminate()
print(child.wait())
thread = threading.Thread(target=lambda: print(signal.sigwait([signal.SIGUSR2])))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
thread.start()
os.kill(os.getpid(), signal.SIGUSR2)
thread.join()
"""


@matrix("does python handle signals while it computes, reads, waits for children and has threads?")
def _(options):
    argv = ["python3", "-c", PYTHON]
    same_as_host(run(*options, shlex.join(argv)), argv)


@matrix("does a forged return from a signal hurt nobody but the forger?")
def _(options):
    result = run(*options, guest("forge", 400), timeout=120)
    equal((result.stdout, result.status), (b"400 of 400\n", 0), f"output of {result}")


@test("is a fault told only if the program does not handle it?")
def _():
    equal(run(str(CALLS / "handlers")).complaints, [], "lines of one that handles its faults")
    told = run(shlex.join([str(CALLS / "handlers"), "die", "overflow"])).complaints
    assert len(told) == 1 and "stack overflow" in told[0], f"told: {told}"
    told = run(shlex.join([str(CALLS / "handlers"), "die", "nostack"])).complaints
    assert len(told) == 1 and "no room on the stack for the handler" in told[0], f"told: {told}"


@matrix("does Ctrl-C run the handlers, as often as it is pressed?")
def _(options):
    script = "trap 'n=$((n + 1)); echo int $n; [ $n = 3 ] && exit 4' INT; echo ready; while :; do read -t 100 line; done"
    with Live(*options, shlex.join(["bash", "-c", script]), tty=True) as live:
        live.until("^ready$")
        for n in (1, 2, 3):
            live.idles()  # in read(2): a signal between bash's last look for one and that is told after the next line, on Linux too
            live.interrupt()
            live.until(f"^(\\^C)?int {n}$")
        equal(live.finish().status, 4, "status")


main()
