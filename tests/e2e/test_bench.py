#!/usr/bin/env python3
"""uos bench: is every row there, and does the JSON say what the table says? No test here decides by a time."""

import functools
import json
import math
import os
import re
import shutil
import signal
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from uos import UOS, Live, directory, equal, host, main, run, test  # noqa: E402

WHATS = ["switch", "trap", "preempt", "spawn", "timer", "scale"]
DENOMINATORS = {"switch": "sched_yield, processes", "trap": "null call, Linux", "preempt": "two Linux threads",
                "spawn": "posix_spawn + wait", "timer": "timer signal, one program, Linux, 1 ms", "scale": "Linux processes, N = 10"}
ROUNDS, MORE = 3, 8


def bench(*args):
    result = run("bench", *args, timeout=300)
    assert result.status == 0, result
    equal(result.stderr, b"", "standard error, which is no terminal")
    return result


@functools.cache
def measured(*whats, seed=1):
    return json.loads(bench("--json", "-r", ROUNDS, f"--seed={seed}", *whats).stdout)


def items(data, what):
    return {item["name"]: item for item in data["items"] if item["what"] == what}


def close(seen, wanted, what):
    assert math.isclose(seen, wanted, rel_tol=1e-6), f"{what}: {seen}, should be {wanted}"


def check_item(data, item):
    where = f"{item['what']}: {item['name']}"
    equal(item["failed"], None, where)
    equal(item["unit"], "percent" if item["what"] == "timer" else "ns", where)
    assert ROUNDS <= len(item["samples"]) <= MORE * ROUNDS, f"{len(item['samples'])} samples of {where}"
    counted = item["samples"][:item["alone"]] if item["alone"] >= 3 else item["samples"]
    close(item["median"], statistics.median(counted), f"median of {where}")
    assert min(counted) <= item["low"] <= item["median"] <= item["high"] <= max(counted), item
    if len(counted) < 9:  # from there on the interval leaves out the outermost
        equal([item["low"], item["high"]], [min(counted), max(counted)], f"interval of {where}")
    assert 0 < item["median"] < 1e9, item
    wanted = DENOMINATORS[item["what"]]
    equal(item["denominator"], wanted, f"denominator of {where}")
    close(item["ratio"], item["median"] / items(data, item["what"])[wanted]["median"], f"ratio of {where}")
    half = (item["high"] - item["low"]) / 2 / item["median"] * 100
    assert item["noisy"] == (half > 10) or math.isclose(half, 10, rel_tol=1e-6), f"{where}: noisy {item['noisy']} at {half} %"
    assert 0 <= item["disturbed"] <= item["batches"], item


@test("is there a row for each WHAT, with its cost, median, ratio and samples, and do they agree?")
def _():
    data = measured()
    equal({item["what"] for item in data["items"]}, set(WHATS), "WHATs")
    for what, denominator in DENOMINATORS.items():
        equal(items(data, what)[denominator]["ratio"], 1, f"ratio of {denominator} to itself")
    for item in data["items"]:
        check_item(data, item)


@test("does the JSON name the host, the clock, the seed, the noise and the schema?")
def _():
    data = measured("trap")
    equal(set(data), {"schema", "uos", "host", "seed", "rounds", "noise", "items", "order", "notes"}, "keys")
    equal(set(data["host"]), {"cpu", "kernel", "cpus", "pinned", "clock", "tsc_hz", "clock_resolution_ns", "tsc_step_ns"}, "host")
    equal([data["schema"], data["seed"], data["rounds"]], [3, 1, ROUNDS], "schema, seed, rounds")
    equal(data["noise"]["batches"], sum(item["batches"] for item in data["items"]), "batches")
    equal(data["noise"]["disturbed"], sum(item["disturbed"] for item in data["items"]), "disturbed")
    assert set(data["host"]["pinned"]) <= os.sched_getaffinity(0) and data["host"]["pinned"], data["host"]
    assert data["host"]["tsc_hz"] > 1e8, data["host"]


@test("have preempt's rows a p99 and a max, which are no less than the median of the same round?")
def _():
    rows = [item for item in measured()["items"] if item["what"] == "preempt" and "p99" in item]
    assert len(rows) >= 4, [row["name"] for row in rows]
    for row in rows:
        for middle, p99, most in zip(row["samples"], row["p99"]["samples"], row["max"]["samples"]):
            assert middle <= p99 <= most, f"{row['name']}: {middle}, {p99}, {most}"


@test("do the rows of the layers stand in the order in which they must: a call, the gate, a signal?")
def _():
    rows = {name: item["median"] for name, item in items(measured("trap"), "trap").items()}
    order = ["direct call", "gate, none", "syscall instruction (SIGSYS), uos, none"]
    equal(sorted(order, key=rows.get), order, "from cheap to dear")  # factors of 10 apart: no timing decision


@test("is the order of each round another, and the same for the same seed?")
def _():
    first, again, other = measured("spawn"), json.loads(bench("--json", "-r", ROUNDS, "spawn").stdout), measured("spawn", seed=2)
    count = len(first["items"])
    equal(len(first["order"]), ROUNDS, "rounds in the order")
    for order in first["order"]:
        equal(sorted(order), list(range(count)), "a round has every item once")
    assert len({tuple(order) for order in first["order"]}) > 1, first["order"]
    equal(again["order"], first["order"], "order of seed 1")
    assert other["order"] != first["order"], "seed 2 has the order of seed 1"


@test("is the table plain text, with a header, a named denominator and a number in every row?")
def _():
    result = bench("-r", ROUNDS, "switch", "spawn")
    text = result.stdout.decode()
    assert "\x1b" not in text and "\r" not in text, result
    for word in ("CPU ", "Linux ", "TSC", "timer resolution", "noise: ", "seed 1", f"{ROUNDS} rounds"):
        assert word in text, f"no {word!r} in the header: {text}"
    for what in ("switch", "spawn"):
        assert re.search(rf"^{what}: .*vs {re.escape(DENOMINATORS[what])}", text, re.M), text
    rows = re.findall(r"^  \S.*$", text, re.M)
    assert len(rows) > 15, text
    for row in rows:
        assert re.search(r"\s[\d.]+\s+\d+ %( !)?\s+[\d.e+-]+$", row), f"not filled: {row!r}"
    assert "trap:" not in text and "scale:" not in text, "more than was asked for"


@test("on a terminal: one line of progress, which is gone at the end, and the table beside it")
def _():
    with Live("bench", "-r", ROUNDS, "spawn", stderr_tty=True) as live:
        result = live.finish(timeout=120)
    equal(result.status, 0, "status")
    assert f"round {ROUNDS} of {ROUNDS}".encode() in result.stderr and result.stderr.endswith(b"\r\x1b[K") and b"\n" not in result.stderr, result
    assert b"\x1b" not in result.stdout, result


@test("does Ctrl-C end it with its progress gone from the terminal?")
def _():
    with Live("bench", "spawn", tty=True) as live:
        live.until("warm-up 1 of 1: ")
        live.feed(b"\x03")
        live.until(r"\^C")
        live.holds(lambda: live.process.poll() is not None, "its end", ended=True)
        result = live.finish()
    equal(result.status, -signal.SIGINT, f"status of {result}")
    assert result.stdout.endswith(b"^C\r\x1b[K"), f"what is on the terminal: {result.stdout!r}"


@test("is an unknown name refused before anything runs, with the nearest and the list?")
def _():
    for typed, nearest in (("swich", "switch"), ("traps", "trap"), ("preemt", "preempt"), ("scales", "scale")):
        result = run("bench", "spawn", typed)
        equal([result.status, result.stdout], [125, b""], typed)
        equal(len(result.complaints), 1, f"lines about {typed}")
        assert f"'{typed}': did you mean {nearest}?" in result.complaints[0], result
        assert all(what in result.complaints[0] for what in WHATS), result
    result = run("bench", "zzzzzzzzzzzzzzzzzzzzz")
    assert result.status == 125 and "did you mean" not in result.complaints[0], result


@test("are fewer than three rounds refused?")
def _():
    result = run("bench", "-r", 2, "spawn")
    equal([result.status, result.stdout], [125, b""], "status, output")
    assert "at least 3" in result.complaints[0], result


@test("is an item that fails a row that says so, and the status 1?")
def _():
    with directory() as folder:  # a uos whose bench/ has one program, which fails
        shutil.copy(UOS, f"{folder}/uos")
        os.mkdir(f"{folder}/bench")
        births = Path(folder, "bench/births")
        births.write_text("#!/bin/sh\necho cannot, for once >&2\nexit 3\n")
        births.chmod(0o755)
        result = run("bench", "-r", ROUNDS, "--json", "spawn", uos=f"{folder}/uos")
        equal(result.status, 1, "status")
        data = json.loads(result.stdout)
        equal({item["failed"] for item in data["items"]}, {"cannot, for once"}, "what failed")
        assert any("not built" in note for note in data["notes"]), data["notes"]
        result = run("bench", "-r", ROUNDS, "spawn", uos=f"{folder}/uos")
        assert b"fork + exit + wait: failed: cannot, for once" in result.stdout, result


FAKE = """#!/bin/sh
# Instead of build/bench/work: a number, at once.
case $1 in
prepare) echo "$2" >"$UOS_BENCH_WORK/bytes"; exit ;;
esac
[ "$(cat "$UOS_BENCH_WORK/bytes")" = 100000000 ] || exit 9
case "$1 $2 $4" in
*linux*) echo 1000000000 ;;
"sort uos ") echo sort: wrong output >&2; exit 1 ;;
*keys) echo 3000000000 ;;
*) echo 2000000000 ;;
esac
"""


def with_work(folder, script):
    """A uos whose bench/ has nothing but this for work, and what shows that it runs at all; its temporary directory."""
    shutil.copy(UOS, f"{folder}/uos")
    os.mkdir(f"{folder}/bench")
    os.mkdir(f"{folder}/tmp")
    work = Path(folder, "bench/work")
    work.write_text(script)
    work.chmod(0o755)
    shutil.copy(Path(UOS).parent / "bench/exit", f"{folder}/bench/exit")
    return {"uos": f"{folder}/uos", "env": {**os.environ, "TMPDIR": f"{folder}/tmp"}}


@test("work: in ms, each row beside its job's on Linux or at level none, a wrong output a failed row, and no file left?")
def _():
    with directory() as folder:
        result = run("bench", "--json", "work", **with_work(folder, FAKE))
        equal(result.status, 1, f"status: one is wrong: {result}")
        data = json.loads(result.stdout)
        rows = {item["name"]: item for item in data["items"]}
        equal(data["rounds"], 5, "rounds")
        equal({item["unit"] for item in data["items"]}, {"ms"}, "units")
        equal([name for name, item in rows.items() if item["failed"]], ["sort --parallel=4 of 100 MB, uos"], "failed rows")
        for name, against, ratio in (("xz -0 of 100 MB, Linux", "xz -0 of 100 MB, Linux", 1), ("xz -0 of 100 MB, uos", "xz -0 of 100 MB, Linux", 2),
                                     ("make -j4 of 12 files, uos, none", "make -j4 of 12 files, uos, none", 1)):
            equal((rows[name]["denominator"], rows[name]["ratio"]), (against, ratio), name)
        close(rows["xz -0 of 100 MB, Linux"]["median"], 1e9 / data["host"]["tsc_hz"] * 1e3, "a time in ms")
        if "make -j4 of 12 files, uos, keys" in rows:
            equal(rows["make -j4 of 12 files, uos, keys"]["ratio"], 1.5, "keys against none")
        for level in ("keys", "full"):
            told = any(f"no rows at level {level}" in note for note in data["notes"])
            equal(any(name.endswith(level) for name in rows), not told, f"rows at level {level}")
        equal(os.listdir(f"{folder}/tmp"), [], "what is left")


@test("work: is its directory gone after Ctrl-C, and soon after kill -9?")
def _():
    for how in (signal.SIGINT, signal.SIGKILL):
        with directory() as folder:
            options = with_work(folder, FAKE.replace("echo 1000000000", "exec sleep 60"))
            with Live("bench", "work", stderr_tty=True, **options) as live:
                live.until("warm-up 1 of 1: ", stream="err")
                assert os.listdir(f"{folder}/tmp"), "there is none yet"
                os.kill(live.pid, how)
                live.holds(lambda: live.process.poll() is not None, "its end", ended=True)
                equal(live.process.returncode, -how, "status")
                if how == signal.SIGKILL:
                    live.holds(lambda: not os.listdir(f"{folder}/tmp"), "the directory is gone", ended=True)
                equal(os.listdir(f"{folder}/tmp"), [], f"what is left after {how.name}")


@test("work: does each job write under uos what it writes on Linux, and is it seen if not?")
def _():
    program = Path(UOS).parent / "bench/work"
    with directory() as folder:
        def job(*args):
            return host([str(program), *args], env={**os.environ, "UOS_BENCH_WORK": folder}, cwd=folder)

        equal(job("prepare", "300000").status, 0, "prepare")
        for name in ("xz", "unxz", "sort", "count", "forks", "make"):
            assert b"nothing to compare" in job(name, "uos", UOS).stderr, f"{name}: Linux must be first"
            for where in (["linux"], ["uos", UOS], ["linux"]):
                result = job(name, *where)
                assert result.status == 0 and float(result.stdout) > 0, f"{name} {where}: {result}"
            Path(folder, f"{name}.sum").write_text("123\n")
            result = job(name, "uos", UOS)
            assert result.status == 1 and b"wrong output" in result.stderr and not result.stdout, f"{name}: {result}"


main()
