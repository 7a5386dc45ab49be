#!/usr/bin/env python3
"""/proc is of uos's own processes: do the programs that read it find them there, and nobody else?"""

import hashlib
import os
import re
import shlex
import shutil
import signal
from pathlib import Path

from uos import Live, Skip, directory, equal, main, matrix, run, test

BUSYBOX = "/bin/busybox"
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", "ONE": "1"}


def need_busybox():
    if not os.path.exists(BUSYBOX):
        raise Skip(f"{BUSYBOX} is not installed (Debian: busybox-static)")


def lines(*programs, options=(), cwd=None, **more):
    """What the programs print."""
    need_busybox()
    result = run(*options, *programs, cwd=cwd, env=ENV, **more)
    equal((result.status, result.complaints), (0, []), f"status and complaints of {result}")
    return result.lines


def asleep(command, options=()):
    """The lines of `command`, pid 3, while pid 2 sleeps: until 3 has ended and nobody computes, however long that takes."""
    need_busybox()
    with Live(*options, "/bin/busybox sleep 1000", f"/bin/busybox {command}", env=ENV) as live:
        live.until(r"[\s\S]")
        live.idles()
        os.kill(live.pid, signal.SIGINT)
        result = live.finish()
    equal((result.status, result.complaints), (130, []), f"status and complaints of {result}")
    return result.lines


@matrix("are there only pids 1, 2 and 3, though the host has others?")
def _(options):
    seen = asleep("ls /proc", options)
    equal([name for name in seen if name.isdigit()], ["1", "2", "3"], "pids")
    for name in ("self", "cpuinfo", "meminfo", "mounts", "stat", "uptime", "version"):
        assert name in seen, f"no {name} in {seen}"


@test("can one process read another's name, program, arguments, environment and directory?")
def _():
    equal(asleep("cat /proc/2/comm"), ["busybox"], "comm")
    equal(asleep("readlink /proc/2/exe"), [os.path.realpath(BUSYBOX)], "exe")
    equal(asleep("cat /proc/2/cmdline"), ["/bin/busybox\0sleep\x001000\0"], "cmdline")
    assert "ONE=1" in asleep("cat /proc/2/environ")[0].split("\0")
    equal(asleep("readlink /proc/2/cwd"), [os.getcwd()], "cwd")
    equal(asleep("ls /proc/2/task"), ["2"], "threads")
    equal([line.split()[1] for line in asleep("cat /proc/2/status") if line.startswith(("State:", "PPid:"))], ["S", "1"], "state")


@test("is what is no process, or no longer one, not there?")
def _():
    for name in ("/proc/4", "/proc/self/task/2", f"/proc/{os.getpid()}", "/proc/2/fd/9", "/proc/kcore", "/proc/kmsg", "/proc/1/mem"):
        result = run("/bin/busybox sleep 0.1", f"/bin/busybox stat {name}")
        assert result.status == 1 and b"No such file" in result.stderr, f"{name}: {result}"


@test("do the numbers of stat, statm and maps fit each other?")
def _():
    fields = asleep("cat /proc/2/stat")[0].split()
    equal((len(fields), fields[0], fields[1], fields[2]), (52, "2", "(busybox)", "S"), "stat")
    pages = int(asleep("cat /proc/2/statm")[0].split()[0])
    areas = [re.fullmatch(r"([0-9a-f]+)-([0-9a-f]+) [r-][w-][x-][ps] [0-9a-f]{8} \w+:\w+ \d+ *(.*)", line) for line in asleep("cat /proc/2/maps")]
    assert all(areas), "a line of maps is not like Linux's"
    equal((sum(int(a[2], 16) - int(a[1], 16) for a in areas), int(fields[22])), (pages * 4096, pages * 4096), "size by maps, stat and statm")
    assert {os.path.realpath(BUSYBOX), "[stack]", "[heap]"} <= {a[3] for a in areas}, [a[3] for a in areas]


@test("does opening /proc/PID/exe give the program, even if guests have no name for it?")
def _():
    with directory() as top:
        copy = os.path.join(top, "busybox")
        shutil.copy(BUSYBOX, copy)
        seen = lines(f"{copy} md5sum /proc/self/exe", cwd="/")  # /tmp is another one for guests
        equal(seen[0].split()[0], hashlib.md5(Path(BUSYBOX).read_bytes()).hexdigest(), "its bytes")
        result = run(f"{copy} dd of=/proc/self/exe count=0", cwd="/")
        assert result.status == 1 and b"Read-only" in result.stderr, str(result)


@test("are a pipe and a file without a name opened anew by their descriptor?")
def _():
    equal(lines("/bin/busybox cat /proc/self/fd/0", stdin=b"through a pipe\n"), ["through a pipe"], "stdin")
    equal(lines("/bin/busybox cat /dev/stdin", stdin=b"through a pipe\n"), ["through a pipe"], "/dev/stdin")
    equal(lines("/bin/busybox tee /dev/stderr", stdin=b"both\n"), ["both"], "/dev/stdout")


@test("do mounts say what may be written?")
def _():
    with directory() as top:
        found = {line.split()[1]: line.split()[3].split(",")[0] for line in lines("/bin/busybox cat /proc/mounts", cwd=top)}
    equal((found["/"], found["/tmp"], found["/proc"], found[top]), ("ro", "rw", "ro", "rw"), "mounts")


@test("do Debian's ps, free, uptime, df and pmap find what they look for?")
def _():
    for command, pattern in (("ps -e -o pid,comm", r"\s+2 \S+"), ("free", r"Mem:\s+\d+"), ("uptime", r"load average"),
                             ("df /", r" /$"), ("pmap 2", r"\[ stack \]"), ("nproc", r"^1$")):
        if not shutil.which(command.split()[0]):
            raise Skip(f"{command.split()[0]} is not installed")
        result = run(command, env=ENV)
        assert result.status == 0 and re.search(pattern, result.stdout.decode(), re.M), f"{command}: {result}"


THREADS = '''
import os, subprocess, sys, threading
go, ready = threading.Event(), threading.Semaphore(0)
threads = [threading.Thread(target=lambda: (ready.release(), go.wait())) for _ in range(3)]
for thread in threads:
    thread.start()
    ready.acquire()
seen = subprocess.run(sys.argv[1:] + [str(os.getpid())], capture_output=True, text=True)
print(seen.returncode, repr(seen.stderr))
numbers = [line.split()[0] for line in seen.stdout.splitlines() if line.split()[-1:] == ["python3.11"]]
print(sorted(numbers) == sorted(str(n) for n in [os.getpid(), *[thread.native_id for thread in threads]]), seen.stdout.count("python3.11"))
go.set()
'''


@test("do ps -L and top -H show every thread?")
def _():
    for command in ("ps -L -o lwp,comm -p", "top -w 120 -H -b -n 1 -p"):
        if not shutil.which(command.split()[0]) or not os.path.exists("/usr/bin/python3.11"):
            raise Skip(f"{command.split()[0]} or python3.11 is not installed")
        equal(lines(shlex.join(["/usr/bin/python3.11", "-c", THREADS, *command.split()])), ["0 ''", "True 4"], command)


main()
