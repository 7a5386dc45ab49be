#!/usr/bin/env python3
"""Does uos doctor tell what this machine gives, and agree with the machine and with uos?"""

import json
import os
import re
import resource
from pathlib import Path

from uos import UOS, equal, main, run, run_argv, test


def report(*args, **options):
    result = run("doctor", "--json", *args, **options)
    equal(result.stderr, b"", "stderr")
    return result.status, json.loads(result.stdout)


def proc(file, pattern):
    return re.search(pattern, Path(file).read_text(), re.M)[1].strip()


@test("does what it reads agree with /proc?")
def _():
    status, found = report()
    equal((status, found["schema"], found["runs"]), (0, 1, True), "status, schema, runs")
    equal(found["uos"], run("--version").lines[0].split()[1], "version")
    equal(found["kernel"], f"{os.uname().sysname} {os.uname().release}", "kernel")
    equal(found["cpu"], proc("/proc/cpuinfo", r"^model name\s*:(.*)$"), "CPU")
    equal(found["cpus"], os.sysconf("SC_NPROCESSORS_ONLN"), "CPUs")
    equal(found["max_map_count"], int(Path("/proc/sys/vm/max_map_count").read_text()), "vm.max_map_count")
    equal(found["memory_bytes"], 1024 * int(proc("/proc/meminfo", r"^MemTotal:(.*) kB$")), "memory")
    equal(found["address_limit_bytes"], None, "limit of addresses")
    flags = proc("/proc/cpuinfo", r"^flags\s*:(.*)$").split()
    equal([found[name] for name in ("fsgsbase", "xsave", "avx", "avx512")],
          [name in flags for name in ("fsgsbase", "xsave", "avx", "avx512f")], "flags")
    equal(found["keys"] > 0, "ospke" in flags, "protection keys")
    assert 0 <= found["stolen_since_boot"] <= 1 and 0 <= found["stolen_meanwhile"] <= 1, str(found)


@test("does it tell what the programs' /tmp is, and leave nothing of it behind?")
def _():
    before = set(Path("/dev/shm").glob("uos-*"))
    assert report()[1]["private_tmp"] in ("a file system of its own", "a directory in /dev/shm")
    equal(set(Path("/dev/shm").glob("uos-*")), before, "directories in /dev/shm")


@test("does it name the level that uos then uses, and the same reason?")
def _():
    found = report()[1]
    ran = run("-v", "hello")
    assert any(line.startswith(f"uos: machine: protect {found['level']},") for line in ran.complaints), f"{found}\n{ran}"
    reasons = [line.split(", because ", 1)[-1] for line in ran.complaints if line.startswith("uos: machine: protected no better, ")]
    equal([found["why"]] if found["why"] else [], reasons, "why")
    levels = ("none", "keys", "full")
    for level in levels:
        can = levels.index(level) <= levels.index(found["level"])
        result = run(f"--protect={level}", "hello")
        equal(result.status, 0 if can else 125, f"status with {level}")
        assert can or found["why"] in result.stderr.decode(), f"{found}\n{result}"


@test("do its measurements fit together?")
def _():
    found = report()[1]
    assert found["timer_late_p50_ns"] <= found["timer_late_p99_ns"] <= found["timer_late_max_ns"], str(found)
    equal(found["smallest_quantum_ns"], max(20000, 100 * (found["interrupt_ns"] + found["timer_set_ns"])), "smallest quantum")
    assert found["timer_floor_ns"] >= 1000 and found["interrupt_ns"] > 0 and found["timer_set_ns"] > 0, str(found)


@test("has the table a row for each finding, and a sentence on the level?")
def _():
    result = run("doctor")
    found = report()[1]
    equal((result.status, result.stderr), (0, b""), "status and stderr")
    said_otherwise = {"schema", "uos", "runs", "level", "why"}
    equal(len(result.lines), len(found) - len(said_otherwise) + 1, f"rows: {result}")
    assert f"--protect={found['level']}" in result.lines[-1] and (found["why"] or "") in result.lines[-1], result.lines[-1]
    assert re.search(r"^kernel +" + re.escape(found["kernel"]) + "$", result.stdout.decode(), re.M), str(result)
    assert re.search(r"^smallest quantum that costs under 1 % +[\d.]+ [mu]s$", result.stdout.decode(), re.M), str(result)


@test("does it say what keeps uos from running, with status 1?")
def _():
    limit = 1 << 33
    limited = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))}
    status, found = report(**limited)
    equal((status, found["runs"], found["level"], found["address_limit_bytes"]), (1, False, None, limit), "status, findings")
    assert "ulimit -v" in found["why"], found["why"]
    assert found["why"] in run("hello", **limited).stderr.decode(), "uos itself says otherwise"
    last = run("doctor", **limited).lines[-1]
    assert last.startswith("uos cannot run here: ") and "ulimit -v" in last, last


@test("is a report that cannot be written no success?")
def _():
    equal(run_argv(["sh", "-c", 'exec "$@" >/dev/full', "sh", UOS, "doctor"]).status, 1, "status")


main()
