#!/usr/bin/env python3
"""Verbs, policies and plug-ins on the command line: which words they are, and what is said about wrong ones."""

import os
import re
import shutil
import subprocess

from uos import ROOT, UOS, Skip, directory, equal, main, program, refused, run, run_argv, test

PLUG_IN = """
#include <uos/policy.h>
static struct uos_queue queue;
static uint64_t step;
static void start(uint64_t quantum, uint64_t seed) { (void)quantum; (void)seed; }
static void enqueue(struct uos_thread *t, uint64_t now) { (void)now; uos_queue_append(&queue, t); }
static void dequeue(struct uos_thread *t, uint64_t now) { (void)now; uos_queue_remove(&queue, t); }
static struct uos_thread *pick_next(uint64_t now) { (void)now; return queue.head; }
static void yield(struct uos_thread *t, uint64_t now) { dequeue(t, now); enqueue(t, now); }
static bool tick(struct uos_thread *t, uint64_t now) { yield(t, now); return true; }
static const struct uos_option options[] = { { "step", UOS_NUMBER, &step, 0, 1, 9, "how far" }, { .key = NULL } };
const struct uos_policy uos_policy = { .version = UOS_POLICY_VERSION, .name = "mine", .options = options,
	.start = start, .enqueue = enqueue, .dequeue = dequeue, .pick_next = pick_next, .tick = tick, .yield = yield };
"""


def build(folder, name, text):
    """A plug-in from outside the tree: only the installed headers are on its path."""
    with open(f"{folder}/{name}.c", "w") as file:
        file.write(text)
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", f"-I{ROOT}/include",
                    "-o", f"{folder}/{name}.so", f"{folder}/{name}.c"], check=True, capture_output=True)
    return f"{folder}/{name}.so"


def policies():
    return re.findall(r"^(\w+)(?: \(the default\))?$", run("-s", "help").stdout.decode(), re.M)


def machine_line(result):
    return next(line for line in result.complaints if line.startswith("uos: machine: protect"))


@test("does -s help list the policies and their options, and does each of them run programs?")
def _():
    result = run("-s", "help")
    equal((result.status, result.stderr, result.lines[0]), (0, b"", "rr (the default)"), "status, stderr, first line")
    assert {"rr", "fifo", "mlfq", "lottery"} <= set(policies()) and "  boost=DUR" in result.stdout.decode(), str(result)
    equal(run("compare", "--sched=help").stdout, result.stdout, "the same, of a verb")
    for name in policies():
        result = run("-v", "-s", name, "hello", "hello")
        equal((result.status, sorted(result.lines)), (0, ["hello from pid 2", "hello from pid 3"]), f"status and lines with {name}")
        assert machine_line(result).endswith(f", policy {name}"), f"not said: policy {name}: {result}"
    assert machine_line(run("-v", "hello")).endswith(", policy rr"), "the default is another"


@test("are programs and a policy's lists brought together?")
def _():
    equal(run("-s", "lottery:tickets=3/1", "hello", "hello").status, 0, "status")
    equal(run("-s", "sjf:lengths=10ms", "hello", "hello").status, 0, "status with a shorter list")
    equal(run("-s", "mlfq:queues=2,boost=1s", "--seed=18446744073709551615", "hello").status, 0, "status with two options")


@test("is an unknown policy 125, with the list and the nearest?")
def _():
    for word, near in (("mlfp", "did you mean mlfq?"), ("lotery:tickets=1", "did you mean lottery?"), ("zzzzz", "")):
        refused(run("-s", word, "hello"), {125}, f"unknown policy '{word.split(':')[0]}'", near, ", ".join(policies()))


@test("is an unknown key 125, with the list, its help and the nearest?")
def _():
    refused(run("-s", "mlfq:boots=1s", "hello"), {125}, "unknown option of mlfq 'boots'", "did you mean boost?", "queues: ")
    refused(run("-s", "mlfq:", "hello"), {125}, "unknown option of mlfq ''", "boost: ")
    refused(run("-s", "fifo:x=1", "hello"), {125}, "fifo has no options: 'x'")


@test("are weights, times and numbers out of range, and lists too long, 125 with both limits?")
def _():
    for word in ("mlfq:queues=0", "mlfq:queues=99999", "mlfq:boost=9223372036s", "lottery:tickets=0", "stride:tickets=1/0",
                 "fair:weights=0", "mlfq:queues=18446744073709551617"):
        value = word.split(":")[1].replace("=1/", "=")
        refused(run("-s", word, "hello", "hello"), {125}, value, "at least ", "at most ")
    refused(run("-s", "lottery:tickets=1/1/1", "hello", "hello"), {125}, "tickets", "more values than programs (2)")
    for word in ("lottery:tickets=", "lottery:tickets=-1", "lottery:tickets=1.5", "mlfq:boost=5", "mlfq:boost=-1s", "mlfq:queues"):
        refused(run("-s", word, "hello"), {125}, word.split(":")[1].split("=")[0])


@test("is a plug-in in the current directory or at a path loaded, with its options?")
def _():
    with directory() as where:
        build(where, "mine", PLUG_IN)
        for word in ("mine.so", "./mine.so", f"{where}/mine.so", "mine.so:step=9"):
            result = run("-v", "-s", word, "spin 1", "hello", cwd=where)
            equal((result.status, "hello from pid 3" in result.lines), (0, True), f"status and output with {word}")
            assert machine_line(result).endswith(", policy mine"), str(result)
        refused(run("-s", "mine.so:stop=9", "hello", cwd=where), {125}, "option of mine 'stop'", "did you mean step?", "how far")
        refused(run("-s", "mine.so:step=10", "hello", cwd=where), {125}, "step=10: at least 1, at most 9")


@test("is a plug-in that cannot be one 125, and is it said why?")
def _():
    with directory() as where:
        good = build(where, "good", PLUG_IN)
        changed = {
            "version": ("UOS_POLICY_VERSION,", "99,", "made for version 99", "has version 1"),
            "symbol": ("uos_policy uos_policy", "uos_policy my_policy", "does not define uos_policy"),
            "function": (".tick = tick", ".wakeup = NULL, .slice = NULL", "lacks one of", "tick"),
            "name": ('"mine"', "NULL", "has no name"),
            "limits": ("1, 9,", "9, 1,", "least > most"),
            "undefined": ("{ (void)now; uos_queue_append", "{ extern void nowhere(void); nowhere(); (void)now; uos_queue_append",
                          "undefined symbol: nowhere"),
        }
        for name, (old, new, *words) in changed.items():
            text = PLUG_IN.replace(old, new)
            assert text != PLUG_IN, f"nothing to replace: {old}"
            refused(run("-s", build(where, name, text), "hello"), {125}, f"{name}.so: ", *words)
        refused(run("-s", f"{where}/nosuch.so", "hello"), {125}, "nosuch.so: No such file")
        refused(run("-s", "nosuch.so", "hello", cwd=where), {125}, "nosuch.so: No such file")
        refused(run("-s", where, "hello"), {125}, "not a regular file")
        os.mkfifo(f"{where}/fifo.so")
        refused(run("-s", f"{where}/fifo.so", "hello", timeout=10), {125}, "not a regular file")
        with open(good, "rb") as file:
            bytes_of_it = file.read()
        for content, why in ((b"", "too short"), (b"text\n" * 100, "invalid ELF header"), (bytes_of_it[:4096], "damaged"),
                             (bytes_of_it[:500], "cannot read file data")):
            with open(f"{where}/bad.so", "wb") as file:
                file.write(content)
            refused(run("-s", f"{where}/bad.so", "hello"), {125}, "bad.so: not a shared object that can be loaded: ", why)
        refused(run("-s", UOS, "hello"), {125}, "not a shared object that can be loaded")
        os.chmod(good, 0)
        if os.geteuid():
            refused(run("-s", good, "hello"), {125}, "Permission denied")


@test("do words that are like verbs run programs?")
def _():
    with directory() as where:
        for name in ("bench", "compare", "doctor", "top"):
            shutil.copy(program("hello")[0], f"{where}/{name}")
        env = {**os.environ, "PATH": where}
        for words in (["--", "bench"], ["--", "doctor"], ["./bench"], [f"{where}/compare"], ["top"], ["-v", "doctor"], ["-mcoop", "bench"]):
            result = run(*words, cwd=where, env=env)
            equal((result.status, result.lines), (0, ["hello from pid 2"]), f"status and lines of {words}")
        equal(len(run("hello", "bench", "compare", cwd=where, env=env).lines), 3, "lines of three programs")


@test("has each verb a help of its own, on stdout?")
def _():
    for verb in ("compare", "bench", "doctor"):
        result = run(verb, "--help")
        equal((result.status, result.stderr), (0, b""), f"status and stderr of {verb}")
        assert f"Usage: uos {verb}" in result.stdout.decode() and max(map(len, result.lines)) <= 80, str(result)
    equal(run("bench", "--version").stdout, run("--version").stdout, "version")
    equal(run_argv(["sh", "-c", 'exec "$@" >/dev/full', "sh", UOS, "-s", "help"]).status, 1, "status when nothing can be written")


@test("are options that belong elsewhere 125, with their place?")
def _():
    refused(run("-r", "5", "hello"), {125}, "--runs is an option of uos compare, uos bench only")
    refused(run("compare", "-t", "lde", "hello"), {125}, "--trace is no option of uos compare")
    refused(run("doctor", "hello"), {125}, "'hello'")
    refused(run("compare"), {125}, "nothing to compare", "./uos compare spin hello")
    refused(run("compare", "ls", "-la"), {125}, "quote it: ./uos compare 'ls -la'")
    refused(run("compare", "-r", "0", "hello"), {125}, "1 to 10000")


@test("does a misspelt value get the nearest and the list?")
def _():
    refused(run("-m", "premept", "hello"), {125}, "did you mean preempt? (coop or preempt)")
    refused(run("-t", "ldf", "hello"), {125}, "did you mean lde? (lde or lde:FILE)")
    refused(run("--stats=jason", "hello"), {125}, "did you mean json? (json or json:FILE)")
    refused(run("--seed=0", "hello"), {125}, "1 to 18446744073709551615")


@test("is an unknown bench name 125, with the list and the nearest?")
def _():
    refused(run("bench", "swich"), {125}, "'swich'", "did you mean switch?", "trap", "preempt", "spawn", "timer", "scale")


@test("is an output file that cannot be written told before anything runs?")
def _():
    for option in ("--stats=json:", "--trace=lde:"):
        refused(run(f"{option}/nosuch/file", "hello"), {125}, "/nosuch/file: No such file")
        refused(run(f"{option}/tmp", "hello"), {125}, "/tmp: Is a directory")


main()
