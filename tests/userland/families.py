"""Cases for tests/e2e/test_userland.py, as cases.py has them: programs with children, threads and signals."""

from cases import LINES

SCRIPTS = tuple(f"families/{name}" for name in ("work.sh", "work.bash", "git.sh", "family.py", "coreutils.sh", "sqlite.sh", "pipes.sh",
                                                "one.c", "two.c", "two.h", "project.sh"))
TEXTS, STDIN, TOGETHER = {"lines": LINES}, {}, {}
QUANTA = ("10ms", "200us")

ALONE = {
    "dash script": "dash work.sh",
    "bash script": "bash work.sh",
    "busybox ash script": "busybox ash work.sh",
    "bash's own": "bash work.bash",
    "coreutils": "bash coreutils.sh",
    "gcc": """
        gcc -O2 -o twice one.c two.c
        sh -c './twice 21'
        gcc -c one.c missing.c
        rm -f twice one.o""",
    "make -j4": "dash project.sh",
    "git": "dash git.sh",
    "tar czf": """
        tar czf packed.tgz dir many lines
        tar tzf packed.tgz
        mkdir unpacked
        tar xzf packed.tgz -C unpacked""",
    "python, subprocess": "python3.11 family.py subprocess",
    "python, fork": "python3.11 family.py fork",
    "python, threading": "python3.11 family.py threads",
    "python, multiprocessing": "python3.11 family.py processes",
    "python, asyncio": "python3.11 family.py asyncio",
    "python, signal": "python3.11 family.py signal",
    "threads, glibc": "threads-glibc",
    "threads, musl": "threads-musl",
    "sqlite3, two writers": "dash sqlite.sh",
    "pipelines": "bash pipes.sh",
}
