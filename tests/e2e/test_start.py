#!/usr/bin/env python3
"""The first instruction of a program without a C library: are its registers clear, is its stack as on Linux?"""

import shlex

from uos import equal, guest, host, main, matrix, run, same_as_host, test

ENV = {"A": "1", "B": "two words", "C": ""}


def parts(result):
    """(registers and flags, argc to envp, the auxiliary vector's entries in any order, AT_RANDOM's words)."""
    lines = result.lines
    argc = next(index for index, line in enumerate(lines) if line.startswith("argc"))
    auxiliary = [line for line in lines if line.startswith("AT_")]
    random = [line for line in lines if line.startswith("random")]
    return lines[:argc], [line for line in lines[argc:] if line not in auxiliary + random], sorted(auxiliary), random


def dirty(options, *words):
    """Runs the words with others before and beside it, whose registers hold something."""
    return run(*options, *words, env=ENV)


@matrix("are all registers clear at entry, as on Linux?")
def _(options):
    word = guest("nolibc", "x")
    real = parts(host(word, env=ENV))
    equal(parts(dirty(options, word))[0], real[0], "registers")
    equal([line for line in real[0] if line.startswith("r") and not line.endswith("0x0")], [], "Linux's own")


@matrix("are they clear beside guests that fill them, preempted all the time?")
def _(options):
    word = guest("nolibc", "x")
    wanted = parts(host(word, env=ENV))[0]
    result = dirty([*options, "-q", "50us"], guest("state", 1), guest("state", 1), *[word] * 20, guest("state", 1))
    equal(result.status, 7, f"status of {result}")
    lines = [line for line in result.lines if line.split(":")[0] in {line.split(":")[0] for line in wanted}]
    for line in set(wanted):
        equal(lines.count(line), 20, f"times {line!r} in {len(lines)} lines")
    equal(len(lines), 20 * len(wanted), "lines about registers")


@matrix("are argc, argv and envp on the stack as on Linux?")
def _(options):
    for words in ([], ["x"], ["x", "y z", "", "-v"], ["word"] * 300):
        word = guest("nolibc", *words)
        result, real = run(*options, word, env=ENV), host(word, env=ENV)
        equal((parts(result)[1], result.status), (parts(real)[1], real.status), f"argc to envp of {len(words)} words")


@test("is the environment empty if it is empty?")
def _():
    equal(parts(run(guest("nolibc"), env={}))[1], ["argc: 0x1", f"argv: '{shlex.split(guest('nolibc'))[0]}'", "argv ends"],
          "argc to envp")


@matrix("does the auxiliary vector lead to the program's own headers and entry?")
def _(options):
    word = guest("nolibc")
    equal(parts(run(*options, word))[2], parts(host(word))[2], "entries")


@test("are the random bytes of two processes different, and not zero?")
def _():
    random = [line for _ in range(3) for line in parts(run(guest("nolibc")))[3]]
    both = [line for line in run("-m", "coop", guest("nolibc"), guest("nolibc")).lines if line.startswith("random")]
    equal((len(random), len(both), len(set(random + both))), (6, 4, 10), f"words, and different ones, in {random + both}")
    assert "random: 0x0" not in random + both, str(random)


@test("is the program's status that of its own exit?")
def _():
    same = run(guest("nolibc"), env={})
    equal(same.status, 7, "status")
    same_as_host(run(guest("fault", "nothing"), env={}), guest("fault", "nothing"), env={})


main()
