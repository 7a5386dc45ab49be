#!/usr/bin/env python3
"""What a person types wrongly, and what a guest asks wrongly: one line or Linux's own behaviour, no crash, no hang."""

import os
import re
import shlex
import shutil
import subprocess

from uos import (UOS, directory, equal, guest, host, in_order, main, matrix, pidless, program, refused, run,
                 run_argv, same_as_host, shorten, test, ticks)


@test("is a missing file 127, with its name?")
def _():
    for name in ("nosuchprogram", "./nosuchprogram", "/nosuch/program"):
        refused(run(name), {127}, name)
        refused(run("hello", name), {127}, name)
    refused(run("nosuchprogram", env={**os.environ, "PATH": ""}), {127}, "nosuchprogram")


@test("is a directory 126?")
def _():
    for name in ("/tmp", "/", "./", "../"):
        refused(run(name, cwd="/tmp"), {126}, name)


@test("is a file that may not be executed 126?")
def _():
    with directory() as where:
        shutil.copy(program("hello")[0], f"{where}/hello")
        os.chmod(f"{where}/hello", 0o644)
        refused(run(f"{where}/hello"), {126}, f"{where}/hello", "permi")  # ...tted, ...ssion


@test("is a file that is no program 126, whatever it holds?")
def _():
    with directory() as where:
        for content in (b"", b"\x7f", b"\x7fELF", b"#!/no/such", b"text\n", bytes(5000), b"MZ" + bytes(300)):
            with open(f"{where}/it", "wb") as file:
                file.write(content)
            os.chmod(f"{where}/it", 0o755)
            refused(run(f"{where}/it", cwd=where), {126, 127 if content.startswith(b"#!") else 126}, f"{where}/it")


@test("are a FIFO, a socket and a device 126 and not waited for?")
def _():
    with directory() as where:
        os.mkfifo(f"{where}/fifo", 0o777)
        refused(run(f"{where}/fifo", timeout=10), {126})
    refused(run("/dev/null", timeout=10), {126})
    refused(run("/dev/zero", timeout=10), {126})


@test("is an empty PROG refused?")
def _():
    for words in ([""], ["   "], ["\t\n"], ["hello", ""], ["''"], ['"" x']):
        refused(run(*words), {125, 126, 127} if words[-1].strip() else {125})


@test("are unbalanced quotes 125?")
def _():
    for word in ("hello 'world", 'hello "world', "hello '", "'", '"', "hello\\", "hello 'a\"", "hello 'a' 'b"):
        refused(run(word), {125})
        refused(run("hello", word), {125})


@test("is nothing to run 125?")
def _():
    refused(run(), {125})
    refused(run("-m", "coop"), {125})
    refused(run("--"), {125})


@test("are nonsense durations 125, with the word?")
def _():
    for text in ("banana", "", "-5ms", "5parsecs", "1e999s", "nan", "inf", "9" * 40 + "s", "0x10ms", "ms", "5 ms ms",
                 "1..5ms", "+-1s", "0", "%s%s%s%n", "10ms\n", "0us", "18446744073709551616us"):
        refused(run("-q", text, "hello"), {125})
        refused(run(f"--quantum={text}", "hello"), {125})
        refused(run(f"--timeout={text}", "hello"), {125})


@test("is a quantum under the floor 125, and is the floor told?")
def _():
    for text in ("1us", "6us", "0.5us", "19us"):
        refused(run("-q", text, "hello"), {125}, text)
        assert re.search(rb"\b\d+ ?us\b", run("-q", text, "hello").stderr.replace(text.encode(), b"")), "no floor named"
    equal(run("-q", "50us", "hello").status, 0, "status at 50us")


@test("are unknown options and values 125?")
def _():
    for words in (["-x"], ["--nosuch"], ["-m", "sometimes"], ["--mode="], ["--switch=fast"], ["--protect=much"],
                  ["-m"], ["-q"], ["--timeout"], ["--verbose=9"], ["-vz"], ["---"], ["--help=me"]):
        refused(run(*words, *([] if words[-1] in ("-m", "-q", "--timeout") else ["hello"])), {125})


@test("does a dash after the first PROG show the quoting?")
def _():
    refused(run("ls", "-la"), {125}, "'-la' after 'ls': quote it: ", "uos 'ls -la'")
    refused(run("hello", "-m", "coop"), {125}, "'-m' after 'hello'")
    refused(run("nosuchprogram", "--version"), {125}, "quote it")


@test("do control characters of a word never reach the terminal?")
def _():
    for word in ("no\nsuch", "no\x1b[31msuch", "no\rsuch", "'no\x7f", "\x1b[2J'", "hello\n\\", "/tmp/\x1b[2J", "no\x9bsuch", "no\udc9bsuch"):
        for words in ([word], ["hello", word], ["hello", f"-{word}"], ["-q", word, "hello"], [f"--{word}"]):
            result = run(*words)
            equal([c for c in result.stderr[:-1].decode() if c < " " or "\x7f" <= c < "\xa0"], [], f"control characters in {result}")
            assert result.status in (125, 126, 127) and result.stderr.startswith(b"uos: "), f"{words}: {result}"


@test("do words that are very long or many fail with one line or work?")
def _():
    refused(run("n" * 100000), {126, 127})
    refused(run("/" + "n/" * 20000), {126, 127})
    equal(run(guest("exitwith", 0) + " x" * 5000).status, 0, "status with 5000 arguments")
    # More than a stack holds: Linux says E2BIG.
    assert run(guest("exitwith", 3) + " " + "x" * 120000).status in (3, 126)


@test("do quoted words reach the guest as the shell would hand them over?")
def _():
    words = ["a b", "", "it's", 'say "x"', "back\\slash", "tab\there", "$HOME", "*", "ünï", "-la", "#no", "`x`", "a\nb"]
    same = [line for line in run(guest("nolibc", *words)).lines if line.startswith("argv")]
    real = [line for line in host(shlex.split(guest("nolibc", *words))).lines if line.startswith("argv")]
    equal(same, real, "argv")
    quoted = run(guest("nolibc") + " \"a \\\" \\$ \\\\ b\" 'c'd\\ e")
    assert b"argv: 'a \" $ \\ b'\nargv: 'cd e'\n" in quoted.stdout, str(quoted)


@test("are closed stdin, stdout, stderr what they are on Linux?")
def _():
    cases = [("<&-", guest("answer")), (">&-", "hello"), (">&-", guest("chatter", 3)), ("2>&-", "hello"),
             ("<&- >&- 2>&-", "hello"), ("<&- >&- 2>&-", guest("chatter", 3)), ("<&- 2>&-", guest("answer")),
             (">&- 2>&-", guest("chatter", 3)), ("</dev/null", guest("answer")), (">/dev/full", guest("chatter", 3))]
    for closed, word in cases:
        argv = shlex.split(word) if "/" in word else program(word)
        real = run_argv(["sh", "-c", f'exec "$@" {closed}', "sh", *argv])
        for extra in ([], ["hello"]):
            result = run_argv(["sh", "-c", f'exec "$@" {closed}', "sh", UOS, word, *extra])
            equal(result.status, real.status, f"status of {word} {extra} {closed} ({result})")
            others = 1 if extra and ">&-" not in closed.replace("2>&-", "") else 0
            seen = pidless(result.stdout).replace(b"hello from pid N\n", b"", others)
            equal(seen, pidless(real.stdout), f"stdout of {word} {extra} {closed}")


@test("does a usage error stay one without stderr?")
def _():
    equal(run_argv(["sh", "-c", 'exec "$@" 2>&-', "sh", UOS, "--nosuch"]).status, 125, "status")
    equal(run_argv(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", UOS, "nosuchprogram"]).status, 127, "status")


def first_line(argv):
    """argv | head -1, with everybody's status: stdout is closed after the first line."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    line = process.stdout.readline()
    process.stdout.close()
    try:
        errors = process.communicate(timeout=30)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        raise AssertionError(f"hung after its output was closed: {shlex.join(argv)}") from None
    return line, process.returncode, errors


@matrix("does `| head -1` end a talkative guest as on Linux, by SIGPIPE?")
def _(options):
    real = first_line(shlex.split(guest("chatter")))
    equal(real, (b"chatter 1\n", -13, b""), "the host")
    for mode in ("coop", "preempt"):
        line, status, errors = first_line([UOS, *options, "-m", mode, guest("chatter")])
        equal((line, status), (b"chatter 1\n", 141), f"line and status ({shorten(errors)})")
        status = first_line([UOS, *options, "-m", mode, guest("chatter"), guest("chatter")])[1]
        equal(status, 141, "status of two")


@test("does the end of the pipe kill only the guest that writes to it?")
def _():
    status = first_line([UOS, guest("exitwith", 5, 3000), guest("chatter")])[1]
    equal(status, 5, "status")


@test("are missing calls ENOSYS for the guest, and named once at the end?")
def _():
    result = run(guest("missing"), guest("missing"))
    equal((result.status, sorted(result.lines)), (0, ["kexec_load: ENOSYS"] * 2 + ["swapon: ENOSYS"] * 6), "status, lines")
    notes = [line for line in result.complaints if line.startswith("uos: not implemented: ")]
    equal(len(notes), 1, f"notes in {result}")
    assert "swapon (6)" in notes[0] and "kexec_load (2)" in notes[0], notes[0]


@matrix("does rawsyscall print what it prints on Linux?")
def _(options):
    same_as_host(run(*options, "rawsyscall"), program("rawsyscall"))


NEEDED = ("read(", "write(", "writev(", "readv(", "fstat(", "nanosleep(", "clock_gettime(", "rt_sigaction", "uname(",
          "getrandom(", "munmap", "mprotect", "mmap", "arch_prctl", "brk")


@matrix("does a wild pointer to any call get Linux's answer?")
def _(options):
    result = run(*options, guest("wildcalls"), "hello", stdin=b"123456789\n")
    real = host(guest("wildcalls"), stdin=b"123456789\n")
    seen = [line for line in result.lines if "hello from" not in line]
    equal(len(seen), len(real.lines), f"number of lines ({result})")
    equal(result.status, 0, "status")
    differ = [f"{line}, on Linux {other}" for line, other in zip(seen, real.lines)
              if line != other and "afterwards" not in line and (not line.endswith("ENOSYS") or line.startswith(NEEDED))]
    assert not differ, "\n".join(differ)


@test("does a read to a wild pointer leave the input to the next read, as on Linux?")
def _():
    line = [line for line in run(guest("wildcalls"), stdin=b"123456789\n").lines if "afterwards" in line]
    equal(line, [line for line in host(guest("wildcalls"), stdin=b"123456789\n").lines if "afterwards" in line], "line")


@matrix("do a guest's setitimer, sigaction(SIGALRM), prctl, limits and closing leave the machine's alone?")
def _(options):
    result = run("-v", *options, "-m", "preempt", guest("selfish"), "hello", "sleeper 20 40")
    equal(result.status, 0, f"status of {result}")
    in_order(result, "selfish: begins", "selfish: computes", "selfish: ends")
    in_order(result, "hello from pid 3")
    lines = result.lines
    meanwhile = lines[lines.index("selfish: computes") + 1:lines.index("selfish: ends")]
    assert any(line.startswith("sleeper ") for line in meanwhile), f"nobody else ran while selfish computed: {result}"
    in_order(result, *[f"sleeper {k}/40" for k in range(1, 41)])
    assert ticks(result)[0] > 0 and "uos: left: 0 pages, 0 descriptors, 0 mappings, 0 entries" in result.complaints, str(result)


@matrix("do registers that no compiler leaves so survive calls and ticks?")
def _(options):
    for quantum in ("200us", "10ms"):
        same_as_host(run(*options, "-q", quantum, guest("oddregs")), guest("oddregs"))
    result = run(*options, "-q", "200us", guest("oddregs"), "sums 20", guest("oddregs"))
    equal(result.status, 0, str(result))


main()
