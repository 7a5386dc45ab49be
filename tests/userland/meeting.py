"""Cases for tests/e2e/test_userland.py, as cases.py has them: programs that meet by FIFOs, sockets, locks and shared memory."""

from cases import LINES

SCRIPTS = tuple(f"meeting/{name}" for name in ("fifos.sh", "locks.sh", "follow.sh", "events.py", "processes.py", "rows.py"))
TEXTS, STDIN, TOGETHER = {"lines": LINES}, {}, {}
QUANTA = ("10ms", "200us")

ALONE = {
    "FIFOs": "bash fifos.sh",
    "flock": "bash locks.sh",
    "tail -f": "bash follow.sh",
    "python, asyncio and selectors": "python3.11 events.py",
    "python, processes that share": "python3.11 processes.py",
    "python, sqlite3 of four processes": "python3.11 rows.py",
}
