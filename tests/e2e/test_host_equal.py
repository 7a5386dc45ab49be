#!/usr/bin/env python3
"""Ordinary programs, from ordinary compilers and from Debian: is their output the host's, byte for byte, and the status?"""

import os
import shlex
import shutil

from uos import GUESTS, Skip, equal, guest, host, main, matrix, pidless, program, run, same_as_host, shorten, test

BUSYBOX = "/bin/busybox"
# Numbers in no order, then lines with spaces and bytes that are no text: about 1.5 MB.
DATA = b"".join(b"%d line %d of\ttext\n" % (k * 7919 % 50021, k) for k in range(50000)) + bytes(range(256)) * 100


def hello(kind):
    """argv of hello as built by that compiler."""
    argv = program("hello") if kind == "static-pie" else shlex.split(guest(f"hello-{kind}"))
    if not os.path.exists(argv[0]) and kind == "musl" and not shutil.which("musl-gcc"):
        raise Skip("musl-gcc is not installed, so there is no hello-musl")
    return argv


def busybox(*args):
    if not os.path.exists(BUSYBOX):
        raise Skip(f"{BUSYBOX} is not installed (Debian: busybox-static)")
    return [BUSYBOX, *args]


def without(output, lines):
    """The output without these whole lines, each written by one call of another guest; they must be there."""
    for line in lines:
        assert output.count(line) >= 1, f"no {line!r} in {shorten(output)}"
        output = output.replace(line, b"", 1)
    return output


def applets():
    """argv of each, to be fed by stdin."""
    return [busybox("sha256sum"), busybox("sort"), busybox("sort", "-n", "-r"), busybox("md5sum"),
            busybox("awk", "{ n += $1; if ($3 % 1000 == 0) print $1, n / 3 } END { print NR, n }"),
            busybox("awk", "BEGIN { for (i = 0; i < 20000; i++) s = (s * 31 + i) % 65537; print s; exit 3 }"),
            busybox("sha512sum"), busybox("tr", "a-z", "A-Z"), busybox("wc"), busybox("cat"), busybox("false")]


for kind, what in (("static-pie", "glibc static-PIE"), ("exec", "glibc static ET_EXEC"), ("musl", "musl static")):
    @matrix(f"does hello, {what}, print the host's output with its status?")
    def _(options, kind=kind):
        for mode in ("coop", "preempt"):
            same_as_host(run(*options, "-m", mode, shlex.join(hello(kind))), hello(kind))


@test("are the three builds of hello what they are said to be?")
def _():
    for kind, elf_type in (("static-pie", 3), ("exec", 2)):
        with open(hello(kind)[0], "rb") as file:
            equal(file.read(18)[16], elf_type, f"e_type of {kind}")
    with open(hello("musl")[0], "rb") as file:
        assert b"GNU C Library" not in file.read(), "hello-musl is linked with glibc"


@matrix("does busybox, fed by stdin, print the host's output with its status?")
def _(options):
    for argv in applets():
        same_as_host(run(*options, shlex.join(argv), stdin=DATA), argv, stdin=DATA)


@matrix("and at a quantum of 200 us, beside two who compute?")
def _(options):
    others = [program("primes", 20000), program("fib", 24)]
    for argv in applets():
        result = run(*options, "-q", "200us", *map(shlex.join, [argv, *others]), stdin=DATA)
        real = host(argv, stdin=DATA)
        equal(result.status, real.status, f"status of {argv}")
        seen = without(result.stdout, [host(other).stdout for other in others])
        assert seen == real.stdout, f"{argv}: {shorten(seen)}\nshould be: {shorten(real.stdout)}"


@matrix("do three at once, each of another compiler, at a quantum of 200 us?")
def _(options):
    hellos = [shlex.join(hello(kind)) for kind in ("static-pie", "musl", "exec")]
    for three in (hellos, hellos[::-1], [hellos[1], hellos[1], hellos[0]], [hellos[2], *hellos[:2]]):
        result = run(*options, "-q", "200us", *three)
        equal((result.status, sorted(result.lines)), (0, [f"hello from pid {pid}" for pid in (2, 3, 4)]), f"{three}")
    for argv in applets():
        result = run(*options, "-q", "200us", hellos[0], shlex.join(argv), hellos[1], stdin=DATA)
        real = host(argv, stdin=DATA)
        equal(result.status, real.status, f"status of {argv}: {result}")
        seen = without(result.stdout, [b"hello from pid 2\n", b"hello from pid 4\n"])
        assert seen == real.stdout, f"{argv}: {shorten(seen)}\nshould be: {shorten(real.stdout)}"


@matrix("do eight static-PIE programs and one at a fixed address, at a quantum of 200 us?")
def _(options):
    eight = [shlex.join(program("primes", 3000 + 1000 * k)) for k in range(8)]
    result = run(*options, "-q", "200us", *eight, shlex.join(hello("exec")))
    equal(result.status, 0, f"status of {result}")
    wanted = b"".join(host(word).stdout for word in eight) + host(hello("exec")).stdout
    equal(sorted(pidless(result.stdout).splitlines()), sorted(pidless(wanted).splitlines()), "lines")


@matrix("do programs linked at the same address each keep memory of their own?")
def _(options):
    for mode, quantum in (("coop", "10ms"), ("preempt", "200us")):
        result = run(*options, "-m", mode, "-q", quantum, *[guest("keep-exec", k, 20) for k in range(1, 6)])
        equal((result.status, sorted(result.lines)), (0, [f"keep {k}: kept" for k in range(1, 6)]), f"{mode}: {result}")
    three = [busybox("sha256sum"), busybox("awk", "BEGIN { for (; i < 30000; i++) s = (s * 31 + i) % 65537; print s }"),
             hello("exec")]
    result = run(*options, "-q", "200us", *map(shlex.join, three), stdin=DATA)
    wanted = b"".join(host(argv, stdin=DATA).stdout for argv in three)
    equal((result.status, sorted(pidless(result.stdout).splitlines())), (0, sorted(pidless(wanted).splitlines())), "three")


@test("does the environment reach a guest as it is?")
def _():
    env = {"A": "1", "EMPTY": "", "LONG": "x" * 20000, "TWO": "two words\nand a line"}
    argv = shlex.split(guest("nolibc"))
    seen, real = run(shlex.join(argv), env=env), host(argv, env=env)
    equal(seen.stdout[seen.stdout.index(b"envp"):seen.stdout.index(b"AT_")],
          real.stdout[real.stdout.index(b"envp"):real.stdout.index(b"AT_")], "environment")


@test("is a large output complete, and large input read to its end?")
def _():
    data = os.urandom(1 << 20) * 8
    equal(run(shlex.join(busybox("cat")), stdin=data).stdout == data, True, "8 MiB through cat unchanged")
    same_as_host(run(guest("chatter", 20000)), guest("chatter", 20000))


assert os.path.isdir(GUESTS), f"no test guests in {GUESTS}: build them, or set UOS_GUESTS"
main()
