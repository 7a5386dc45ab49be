#!/usr/bin/env python3
"""Each program of tests/calls/ on the host and under uos, in the same fresh directory: equal output, status and directory?

What the first line of a program may say stands in tests/calls/say.h, what is in the directory in scratch.py.
CALLS=regex runs only those; SHOW=1 prints what the host says.
"""

import difflib
import os
import re
import resource
import shlex
import sys
from pathlib import Path

import scratch
from uos import GUESTS, ROOT, Result, Skip, argv_of, host, keys_missing, main, memory_directory, private_mounts, run_argv, test

CALLS = Path(os.environ.get("UOS_CALLS", Path(GUESTS).parent / "calls"))
SOURCES = sorted((ROOT / "tests/calls").glob("*.c"))
MATRIX = [(f"--switch={switch}", f"--protect={protect}")
          for switch, protects in (("ucontext", ("none", "keys")), ("asm", ("none", "full"))) for protect in protects]
if "UOS_REWRITE" in os.environ:
    MATRIX = MATRIX[1:2]  # it is asked beside a run of all of them
NOBODY = 65534
private_mounts()
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", "TZ": "UTC"}


def header(source):
    """What the first line says: {"calls": [...], "runs": [...], ...}."""
    line = source.read_text().split("\n", 1)[0]
    found = re.fullmatch(r"/\* (calls: .*) \*/", line)
    assert found, f"{source.name}: its first line is {line!r}, should be like /* calls: mkdir mkdirat */"
    fields = dict(part.split(":", 1) for part in found.group(1).split("; "))
    assert not fields.keys() - {"calls", "runs", "as", "stdin"}, f"{source.name}: what is {line!r}?"
    runs = [shlex.split(words) for words in shlex.split(fields.get("runs", "''"))]
    return {"calls": fields["calls"].split(), "runs": runs, "nobody": fields.get("as", "").strip() == "nobody",
            "stdin": fields.get("stdin", "").encode()}


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def once(path, argv, owner, stdin, here):
    """Runs argv in a fresh directory at `path`: (output, status, what the directory is like then). Always the same path: it is printed."""
    scratch.prepare(path, owner)
    as_owner = {"user": owner, "group": owner, "extra_groups": []} if owner else {}
    start, end = os.pipe()
    os.write(end, stdin)  # before it runs, so that nothing hangs on who is quicker
    os.close(end)
    try:
        result = (run_argv if here else host)(argv, stdin_file=start, cwd=path, env=ENV, umask=0o022, preexec_fn=limits,
                                              **as_owner)
    finally:
        os.close(start)
    return result, scratch.snapshot(path)


def difference(seen, wanted):
    """What the two runs do not have in common, or ""."""
    (result, tree), (real, real_tree) = seen, wanted
    told = [f"status {result.status}, should be {real.status}"] if result.status != real.status else []
    if result.stdout != real.stdout:
        both = [text.stdout.decode(errors="backslashreplace").splitlines() for text in (real, result)]
        same = next((k for k, (one, other) in enumerate(zip(*both)) if one != other), min(map(len, both)))
        both = [lines[same:same + 100] for lines in both]  # difflib takes minutes over thousands of lines
        told += [f"from line {same + 1}:", *list(difflib.unified_diff(*both, "host", "uos", n=0, lineterm=""))[:60]]
    told += scratch.differences(tree, real_tree)[:20]
    return "\n".join(told + [f"stderr: {result.stderr.decode(errors='replace').strip()[:500]}"]) if told else ""


def check(source):
    said = header(source)
    binary = CALLS / source.stem
    assert binary.exists(), f"{binary} is not built: is {source.stem} in tests/calls/meson.build?"
    wrong = []
    with memory_directory() as top:
        path = os.path.join(top, "scratch")
        for owner in [None] + [NOBODY] * (said["nobody"] and os.geteuid() == 0):
            for words in said["runs"]:
                argv = [str(binary), *words]
                real = once(path, argv, owner, said["stdin"], False)
                assert real[0].stdout, f"{source.stem} says nothing on the host: {real[0]}"
                if os.environ.get("SHOW"):
                    print(real[0].stdout.decode(errors="backslashreplace") + f"status {real[0].status}", file=sys.stderr)
                for options in MATRIX:
                    if "--protect=none" not in options and keys_missing():
                        continue
                    seen = once(path, argv_of(None, [*options, shlex.join(argv)]), owner, said["stdin"], True)
                    who = " as nobody" if owner else ""
                    wrong.append((f"{shlex.join([source.stem, *words])}{who}", " ".join(options), difference(seen, real)))
        scratch.clear(path)
    report(wrong)


def report(wrong):
    """Fails with each difference once, and the combinations that show it."""
    lines = []
    for (what, text) in dict.fromkeys((what, text) for what, _, text in wrong if text):
        where = [options for name, options, other in wrong if (name, other) == (what, text)]
        lines.append(f"{what} [{', '.join(where) if len(where) < len(MATRIX) else 'all'}]\n{text}")
    assert not lines, "\n".join(lines)


for each in SOURCES:
    if re.search(os.environ.get("CALLS", ""), each.stem):
        test(f"{each.stem}: {' '.join(header(each)['calls'])}")(lambda each=each: check(each))


@test("would a line, a status or a file that differs be seen, and said with where?")
def _():
    good = Result(b"mkdir(0) = -1 EFAULT\nrest\n", b"", 3), {"a": "-rw-r--r-- size 1"}
    assert not difference(good, good)
    for bad in ((good[0]._replace(stdout=b"mkdir(0) = -1 EINVAL\nrest\n"), good[1]), (good[0]._replace(status=4), good[1]), (good[0], {}),
                (good[0], {"a": "-rw-r--r-- size 2"})):
        assert difference(bad, good), f"{bad} passes"
        try:
            report([("x", "--one", difference(bad, good)), ("x", "--other", difference(good, good))])
            raise Exception("nothing is reported")
        except AssertionError as error:
            assert str(error).startswith("x [--one]\n" if len(MATRIX) > 1 else "x [all]\n"), str(error)


@test("is every program's output the same in two runs on the host?")
def _():
    if not os.environ.get("TWICE"):
        raise Skip("TWICE=1 asks it; the programs change seldom")
    for source in SOURCES:
        said = header(source)
        with memory_directory() as top:
            path = os.path.join(top, "scratch")
            for words in said["runs"]:
                twice = [once(path, [str(CALLS / source.stem), *words], None, said["stdin"], False) for _ in range(2)]
                assert not difference(*twice), f"{source.name}: {difference(*twice)}"
            scratch.clear(path)


main()
