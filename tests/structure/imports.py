#!/usr/bin/env python3
"""Who includes whom: cli -> kernel -> machine -> trace/ring, and nothing the other way."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import main, test  # noqa: E402

DIRECTIVE = re.compile(r"^\s*(?:(?:#|%:|\?\?=)\s*(?:include|include_next|import)\b|\.(?:include|incbin)\b)\s*(.*)", re.M)

# What the kernel may include of the host's: for types and numbers. That it calls none of their functions but pure ones,
# symbols.py sees. A header that is here for what it does (unistd.h, ucontext.h, sys/prctl.h, ...) does not belong here.
TYPES_AND_NUMBERS = set("""
    asm/ioctls.h asm/prctl.h asm/socket.h asm/termbits.h asm/unistd.h cpuid.h dirent.h elf.h errno.h fcntl.h limits.h linux/capability.h
    linux/close_range.h linux/futex.h linux/limits.h linux/magic.h linux/openat2.h linux/personality.h linux/prctl.h
    linux/stat.h poll.h sched.h signal.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h sys/file.h
    sys/epoll.h sys/eventfd.h sys/ioctl.h sys/mman.h sys/resource.h sys/signalfd.h sys/socket.h sys/stat.h sys/statfs.h sys/statvfs.h sys/sysinfo.h sys/sysmacros.h sys/time.h
    sys/timerfd.h sys/times.h sys/types.h sys/uio.h sys/un.h sys/utsname.h sys/wait.h sys/xattr.h termios.h time.h utime.h Zydis/Zydis.h
""".split())

# Folder (the longest that fits counts): what of ours it may include, as prefixes of paths from the root; what of the
# host's, None: all of it.
RULES = {
    "src/trace/ring": (["src/trace/ring."], None),
    "src/trace": (["src/trace/"], None),
    "src/machine": (["src/machine/", "src/trace/ring.h"], None),
    "src/kernel": (["src/kernel/", "src/machine/machine.h", "src/machine/device.h", "src/machine/disk.h", "src/machine/host.h",
                    "src/machine/mapping.h", "src/machine/relocate.h", "src/machine/rewrite.h", "src/machine/scan.h", "src/trace/ring.h", "include/uos/"], TYPES_AND_NUMBERS),
    "src/cli": (["src/cli/", "src/kernel/kernel.h", "src/machine/machine.h", "src/machine/disk.h", "src/machine/printable.h", "src/trace/", "include/uos/policy.h"], None),
    "include/uos": ([], None),
    "programs": (["include/uos/"], None),
}
# The machine's exports: what they include is exported, too.
EXPORTED = {"src/machine/machine.h": ["src/machine/clock.h", "src/machine/frame.h", "src/machine/memory.h"], "src/machine/clock.h": [],
            "src/machine/memory.h": [], "src/machine/frame.h": [], "src/machine/device.h": [],
            "src/machine/disk.h": [], "src/machine/host.h": [], "src/machine/printable.h": [],
            "src/machine/mapping.h": ["src/machine/machine.h"], "src/machine/rewrite.h": [], "src/machine/scan.h": [],
            "src/machine/relocate.h": ["src/machine/rewrite.h"]}


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def resolve(root, file, name, quoted):
    """The file of ours that is meant, from the root, or None if it is the host's."""
    places = [file.parent] if quoted else []
    for place in places + [root / "src", root / "include"]:
        found = place / name
        if found.is_file():
            return os.path.relpath(os.path.realpath(found), os.path.realpath(root))
    return None


def complaints_about(root, file, ours, hosts):
    here = str(file.relative_to(root))
    for match in DIRECTIVE.finditer(without_comments(file.read_text())):
        word = re.match(r'<([^>]+)>|"([^"]+)"', match[1])
        if not word:
            yield f"{here}: cannot tell what this includes: {match[0].strip()}"
            continue
        quoted = word[1] is None
        target = resolve(root, file, word[1] or word[2], quoted)
        if here.startswith("programs/") and quoted:
            yield f"{here}: {match[1].strip()}: a program includes <...> only"
        elif target is None and quoted:
            yield f"{here}: {match[1].strip()}: no such file of ours"
        elif target is None and hosts is not None and word[1] not in hosts:
            yield f"{here}: {match[1].strip()}: not among the host's headers that it may include"
        elif target is not None and not any(target.startswith(prefix) for prefix in EXPORTED.get(here, ours)):
            yield f"{here}: {match[1].strip()}: {target} is not its to include"


def rule_for(here):
    fitting = [prefix for prefix in RULES if here == prefix or here.startswith((prefix + "/", prefix + "."))]
    return RULES[max(fitting, key=len)] if fitting else None


def complaints(root):
    found = []
    for top in ("src", "include", "programs"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".c", ".h", ".S", ".s", ".tbl", ".inc"):
                continue
            rule = rule_for(str(file.relative_to(root)))
            if rule:
                found += complaints_about(root, file, *rule)
            else:
                found.append(f"{file.relative_to(root)}: in a folder that has no rule (see RULES)")
    return found


@test("do imports run one way, cli -> kernel -> machine -> ring, and do programs include nothing of the kernel?")
def _():
    found = complaints(ROOT)
    assert not found, "\n".join(found)


GOOD = {
    "src/trace/ring.h": "#include <stdint.h>",
    "src/machine/frame.h": "",
    "src/machine/machine.h": '#include "machine/frame.h"',
    "src/machine/hw.h": '#include <ucontext.h>\n#include "machine/machine.h"\n#include "trace/ring.h"',
    "src/machine/cpu.c": '#include "machine/hw.h"\n/*\n#include "kernel/proc.h"\n*/',
    "src/kernel/kernel.h": "",
    "src/kernel/proc.h": '#include "machine/machine.h"',
    "src/kernel/proc.c": '#include "proc.h"\n#include <errno.h>\n#include "trace/ring.h"',
    "src/cli/run.c": '#include <unistd.h>\n#include "kernel/kernel.h"\n#include "machine/machine.h"',
    "include/uos/gate.h": "#include <sys/auxv.h>",
    "programs/hello.c": "#include <unistd.h>\n#include <uos/gate.h>",
}
BAD = [  # one line more in a good tree, and what makes it wrong
    ("src/trace/ring.h", '#include "machine/machine.h"'),
    ("src/machine/cpu.c", '#include "kernel/proc.h"'),
    ("src/machine/cpu.c", "#include <kernel/kernel.h>"),
    ("src/machine/cpu.c", '#include "cli/run.c"'),
    ("src/machine/cpu.c", '# include "../kernel/proc.h"'),
    ("src/machine/machine.h", '#include "machine/hw.h"'),
    ("src/machine/cpu.c", "#include WHATEVER"),
    ("src/kernel/proc.c", '#include "machine/hw.h"'),
    ("src/kernel/proc.c", '#include "machine/frame.h"'),
    ("src/kernel/proc.c", '#include "cli/run.c"'),
    ("src/kernel/proc.c", "#include <ucontext.h>"),
    ("src/kernel/proc.c", "#include <sys/prctl.h>"),
    ("src/kernel/proc.c", "#include <sys/syscall.h>"),
    ("src/kernel/proc.c", "#include <unistd.h>"),
    ("src/kernel/proc.c", "#include <pthread.h>"),
    ("src/kernel/proc.c", "#include <immintrin.h>"),
    ("src/cli/run.c", '#include "machine/hw.h"'),
    ("src/cli/run.c", '#include "kernel/proc.h"'),
    ("include/uos/gate.h", '#include "machine/frame.h"'),
    ("programs/hello.c", "#include <machine/frame.h>"),
    ("programs/hello.c", '#include "uos/gate.h"'),
    ("programs/hello.c", '#include "../src/kernel/kernel.h"'),
]


def tree(folder, extra):
    for name, text in GOOD.items():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n{extra.get(name, '')}\n")
    return complaints(Path(folder))


@test("would it complain? (bad includes, each in a tree that is good otherwise)")
def _():
    with tempfile.TemporaryDirectory() as folder:
        assert not tree(folder, {}), f"about a good tree: {tree(folder, {})}"
        for name, line in BAD:
            found = tree(folder, {name: line})
            assert len(found) == 1 and found[0].startswith(name), f"{name}: {line}: {found}"


@test("does each header compile alone?")
def _():
    headers = [h for top in ("src", "include") for h in sorted((ROOT / top).rglob("*.h"))]
    compiler = os.environ.get("CC", "cc").split()
    wrong = []
    for header in headers:
        command = compiler + ["-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-I", str(ROOT / "src"),
                              "-I", str(ROOT / "include"), "-include", str(header), "-x", "c", "/dev/null"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            wrong.append(f"{header.relative_to(ROOT)}:\n{done.stderr}")
    assert headers and not wrong, "\n".join(wrong)


main()
