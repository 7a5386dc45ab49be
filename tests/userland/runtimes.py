"""Cases for tests/e2e/test_userland.py, as cases.py has them: programs that bring much of an operating system along."""

from cases import LINES

SCRIPTS = ("runtimes/Work.java", "runtimes/work.js", "runtimes/tmux.sh")
TEXTS, TOGETHER = {"lines": LINES}, {}
STDIN = {"ed, which writes to a file without a name": b"2d\n1,3p\n$=\nw edited\nq\n"}
QUANTA = ("200us",)

ALONE = {
    "java: compiler, threads, garbage, faults of its own, a child": "java Work.java",
    "node: timers, threads, children, files, a socket": "node work.js",
    "ed, which writes to a file without a name": "ed -s lines",
    "gdb, which reads a program that does not run": "gdb -batch -nx -ex 'print 6*7' -ex 'info functions ^main$' /bin/true",
    "cmake": """
        cmake --version
        cmake -E sha256sum lines""",
    "kubectl, by Go": "kubectl version --client",
    "tmux": "sh tmux.sh",
}
