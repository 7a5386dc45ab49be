#!/usr/bin/env python3
"""uos -f FILE: a file of command lines runs as if they had been typed, and whatever is wrong with it is told with its place before
anything runs. Also --env."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

from uos import UOS, directory, equal, guest, main, program, refused, run, run_argv, test


def workload(where, text, name="jobs"):
    file = Path(where, name)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def complaints(result, status, *lines):
    """These and no others, and nothing ran."""
    equal((result.status, result.stdout, result.complaints), (status, b"", [f"uos: {line}" for line in lines]), str(result))


@test("do the file's programs run after those of the command line, pid by pid, whatever the lines' ends?")
def _():
    with directory() as where:
        for text in ("# first\n\nhello\n  spin 1 \nhello\n", "\ufeff# first\r\nhello\r\n\r\nspin 1\r\nhello", "hello\nspin 1\n#\nhello\n#x"):
            result = run("-v", "-m", "coop", "-f", workload(where, text), "hello")
            equal((result.status, result.lines), (0, ["hello from pid 2", "hello from pid 3", "spin 1/1", "hello from pid 5"]), text)
            names = re.findall(rb"^uos: pid \d: (\w+): exit 0$", result.stderr, re.M)
            equal(names, [b"hello", b"hello", b"spin", b"hello"], f"outcomes of {text!r}")


@test("may the file be standard input, a pipe, several, and the only thing that there is to run?")
def _():
    equal(run("-f", "-", stdin=b"hello\n").lines, ["hello from pid 2"], "from standard input")
    equal(run("-f-", guest("answer"), stdin=b"hello\n").status, run(guest("answer")).status, "status of one that reads its end")
    result = run_argv(["bash", "-c", 'exec "$1" -m coop -f <(echo hello; echo hello)', "bash", UOS])
    equal(result.lines, ["hello from pid 2", "hello from pid 3"], "from a pipe")
    with directory() as where:
        one, two = workload(where, "hello\n", "one"), workload(where, "spin 1\n", "two")
        equal(run("-m", "coop", "-f", one, f"--file={two}").lines, ["hello from pid 2", "spin 1/1"], "of two files")


@test("are words in a file what they are on the command line?")
def _():
    words = ["a b", "", "it's", 'say "x"', "back\\slash", "tab\there", "$HOME", "*", "ünï", "-la", "#no", "`x`", "x=y"]
    with directory() as where:
        line = guest("nolibc", *words)
        result = run("-f", workload(where, line + "\n"))
        equal((result.status, [each for each in result.lines if each.startswith("argv")]),
              (7, [each for each in run(line).lines if each.startswith("argv")]), "status and argv")


@test("is every line that is wrong told with its place, and does nothing run then?")
def _():
    with directory() as where:
        file = workload(where, "hello\nhello 'world\n# \"\n\nnosuchprogram x\nlenght=2s hello\nhello \\\nweight=0 hello\nweight=2\n''\n")
        complaints(run("-f", file), 125, f"{file}:2: hello 'world: unbalanced quote",
                   f"{file}:5: nosuchprogram: no such program among the built ones or in PATH",
                   f"{file}:6: unknown setting 'lenght': did you mean length? (length: CPU time that it needs in all | "
                   "weight: its share against others' | priority: 0 is the most urgent)",
                   f"{file}:7: hello \\: nothing after the last backslash",
                   f"{file}:8: weight=0: at least 1, at most 18446744073709551615",
                   f"{file}:9: nothing to run after what is said about it",
                   f"{file}:10: '': an empty name is no program")
        result = run("-f", file, "nosuchprogram")
        equal((result.status, result.complaints[0]), (127, "uos: nosuchprogram: no such program among the built ones or in PATH"),
              "the first is the command line's")
        complaints(run("-f", workload(where, "nosuchprogram\n" * 25)), 127,
                   *[f"{file}:{n}: nosuchprogram: no such program among the built ones or in PATH" for n in range(1, 21)],
                   "5 more are wrong")
        complaints(run("-f", "-", stdin=b"hello\n'\n"), 125, "-:2: ': unbalanced quote")


@test("is a program that cannot be loaded told with its place?")
def _():
    with directory() as where:
        shutil.copy(program("hello")[0], f"{where}/hello")
        os.chmod(f"{where}/hello", 0o644)
        for line, status, why in ((f"{where}/hello", 126, "not an executable file"), ("/nosuch/program", 127, "No such file or directory"),
                                  ("/", 126, "")):
            file = workload(where, f"hello\n{line}\n")
            result = run("-f", file)
            refused(result, {status}, f"uos: {file}:2: {line}: {why}")


@test("is a file that is no workload refused?")
def _():
    with directory() as where:
        nothing = "nothing to run: a line of it is a program and its arguments"
        for text in ("", "\n", "# only\n  # comments\n", "\r\n"):
            file = workload(where, text)
            complaints(run("-f", file), 125, f"-f {file}: {nothing}")
            complaints(run("-f", file, "hello"), 125, f"-f {file}: {nothing}")
        complaints(run("-f", "/nosuch/file", "hello"), 125, "-f /nosuch/file: No such file or directory")
        complaints(run("-f", where), 125, f"-f {where}: Is a directory")
        complaints(run("-f", "/dev/zero"), 125, "-f /dev/zero: over 16 MiB: not a workload")
        complaints(run("-f", workload(where, "hello\n\0\n")), 125, f"{file}:2: a NUL byte: this is not text")
        result = run("-f", workload(where, b"\x1b[31mred\xff\n", "a\x1b\nb"))
        assert re.fullmatch(rb"uos: [^\x00-\x1f\x7f]*\n", result.stderr), f"what reaches the terminal: {result.stderr!r}"


@test("are a thousand lines no trouble?")
def _():
    with directory() as where:
        result = run("-m", "coop", "-f", workload(where, f"{guest('exitwith', 0)}\n" * 999 + f"{guest('exitwith', 3)}\n"))
        equal((result.status, result.stdout, result.stderr), (3, b"", b""), "status and output")


@test("do policies learn what a line says of its program, and does a list of -s count before it?")
def _():
    with directory() as where:
        file = workload(where, "length=3s spin 1\nlength=1s fib 5\nlength=2s hello\n")
        fib = run("fib 5").lines
        equal(run("-s", "sjf", "-f", file).lines, [*fib, "hello from pid 4", "spin 1/1"], "the order of sjf")
        equal(run("-s", "sjf:lengths=1ms/2ms", "-f", file).lines[0], "spin 1/1", "the shortest by -s")
        equal(run("-s", "sjf", "length=2s spin 1", "length=1s hello").lines, ["hello from pid 3", "spin 1/1"], "said in PROGs")
        refused(run("-s", "prio", "-f", workload(where, "hello\npriority=100 hello\n")), {125},
                f"{file}:2: priority=100: at least 0, at most 99")
        refused(run("-s", "lottery", "weight=1000001 hello"), {125}, "uos: weight=1000001: at least 1, at most 1000000")


@test("does compare take a file, and say of it what uos says?")
def _():
    with directory() as where:
        file = workload(where, "length=1s spin 1\n# and\nhello\n")
        result = run("compare", "--json", "-r", 1, "-f", file, "sjf,native", "hello")
        seen = json.loads(result.stdout)
        equal([(p["name"], p["command"]) for p in seen["programs"]],
              [("hello", "hello"), ("spin", "length=1s spin 1"), ("hello", "hello")], "programs")
        equal([m["mode"] for m in seen["modes"]], ["sjf", "native"], "modes")
        equal(len(json.loads(run("compare", "--json", "-r", 1, "-f", file).stdout)["programs"]), 2, "programs without a PROG")
        complaints(run("compare", "-f", workload(where, "hello\nhello '\n")), 125, f"{file}:2: hello ': unbalanced quote")
        complaints(run("compare", "-f", workload(where, "nosuchprogram\n")), 127,
                   f"{file}:1: nosuchprogram: no such program among the built ones or in PATH")
        refused(run("compare", "prio", "priority=100 hello"), {125}, "priority=100: at least 0, at most 99")


def environment(*options, **more):
    words = ["compare", "-r", 1, "--show-output", "native"] if more.pop("native", False) else []
    lines = run(*words[:3], *options, *words[3:], guest("nolibc"), **more).lines
    return sorted(line for line in lines if line.startswith("envp: "))


@test("does --env set, replace and remove variables of the programs', and of uos's own nothing?")
def _():
    env = {"A": "1", "AB": "2", "C": "3", "PATH": os.environ["PATH"]}
    path = f"envp: 'PATH={env['PATH']}'"
    for native in (False, True):
        equal(environment("--env=A=x y", "--env", "C", "--env", "D=", "--env=D=4", "--env=NONE", env=env, native=native),
              sorted(["envp: 'A=x y'", "envp: 'AB=2'", "envp: 'D=4'", path]), f"variables, native {native}")
        equal(environment("--env=A=1=2", env={"A": "0"}, native=native), ["envp: 'A=1=2'"], "a value with =")
        equal(environment("--env=PATH", env=env, native=native), ["envp: 'A=1'", "envp: 'AB=2'", "envp: 'C=3'"], "without PATH")
    with directory() as where:
        shutil.copy(program("hello")[0], f"{where}/elsewhere")
        refused(run(f"--env=PATH={where}", "elsewhere"), {127}, "elsewhere")


main()
