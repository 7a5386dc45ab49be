#!/usr/bin/env python3
"""The proof: an interrupt injected at every instruction of the ways in and out loses nothing.

proof.py UOS MAP PROOF GUESTS           the proof, for each protection level and switch backend
proof.py --broken N UOS MAP PROOF GUESTS  UOS was built without rollback rule N: the proof must fail, or proves nothing

The ranges are those of the linker map; what lies in them, objdump says. TAP on stdout.
"""

import itertools
import os
import re
import subprocess
import sys
import tempfile

SECTIONS = (".text.way_in", ".text.signal_in", ".text.way_out")
STEPPED = 133  # 128 + SIGTRAP: how a guest ends that steps itself


def ranges_of(map_file):
    """Section -> (start, length), from the linker map."""
    text = open(map_file).read()
    return {s: tuple(int(x, 16) for x in re.search(rf"{re.escape(s)}\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) ", text).groups())
            for s in SECTIONS}


def symbols_of(uos):
    lines = subprocess.run(["nm", uos], capture_output=True, text=True, check=True).stdout.split("\n")
    return {f[2]: int(f[0], 16) for f in map(str.split, lines) if len(f) == 3}


def instructions(uos, start, stop, section=".text"):
    """(address, mnemonic) of each."""
    out = subprocess.run(["objdump", "-D", "-j", section, "--no-show-raw-insn", f"--start-address={start}", f"--stop-address={stop}", uos],
                         capture_output=True, text=True, check=True).stdout
    found = [(int(a, 16), m) for a, m in re.findall(r"^\s*([0-9a-f]+):\s+(\S+)", out, re.M)]
    assert found and found[0][0] == start, f"objdump at {start:#x} says {found[:1]}"
    return found


class Plan:
    def __init__(self, uos, map_file, keys):
        self.symbols = s = symbols_of(uos)
        self.ranges = ranges_of(map_file)
        self.uos, self.keys = uos, keys
        self.without_keys = [("gate_keys", "gate_open"), ("signal_in_keys", "signal_in_open"), ("way_out_keys", "way_out_closed")]
        way_in, signal_in, way_out = (self.of(section) for section in SECTIONS)
        arrive = [i for i in signal_in if i[0] < s["signal_in_return"]]
        leave = [i for i in way_out if i[0] < s["way_out_step"]]
        listings = [[(scenario, self.name(a), a) for a, _ in listing] for scenario, listing in (
            ("gate", way_in + leave), ("sigsys", arrive + leave), ("tick", arrive + leave), ("nested", signal_in))]
        # By turns: else one scenario's places are all hit within a few of the guests' rounds, which may be all of a kind.
        self.lines = [line for lines in itertools.zip_longest(*listings) for line in lines if line]
        self.steps = [("step", self.name(a), a) for a, _ in way_out if a >= s["way_out_step"]]

    def of(self, section):
        """The section's instructions that this level runs; a ud2 stands where only an attack gets to."""
        start, length = self.ranges[section]
        skip = [] if self.keys else [(self.symbols[a], self.symbols[b]) for a, b in self.without_keys]
        return [(a, m) for a, m in instructions(self.uos, start, start + length)
                if m != "ud2" and not any(low <= a < high for low, high in skip)]

    def name(self, address):
        section = next(s for s in SECTIONS if self.ranges[s][0] <= address < sum(self.ranges[s]))
        return f"{section[6:]}+{address - self.ranges[section][0]:#x}"

    def write(self, lines):
        f = tempfile.NamedTemporaryFile("w", suffix=".plan", delete=False)
        for name in ("gate_open", "signal_in_start", "way_out", "way_out_jump", "way_out_step", "cpu_scratch"):
            f.write(f"symbol {name} {self.symbols[name]:x}\n")
        for scenario, name, offset in lines:
            f.write(f"{scenario} {name} {offset:x}\n")
        f.close()
        return f.name


def prove(proof, plan, lines, status, uos, options, guests):
    """(all that was hit, the tracer's output, did it succeed)"""
    path = plan.write(lines)
    try:
        result = subprocess.run([proof, path, str(status), uos, *options, "-v", *guests], capture_output=True, text=True,
                                timeout=1200)
    finally:
        os.unlink(path)
    hit = [tuple(line.split()[1:]) for line in result.stdout.splitlines() if line.startswith("hit ")]
    return hit, result.stdout + result.stderr, result.returncode == 0


def ticks_add_up(output):
    found = re.search(r"raised (\d+) = ended (\d+) \+ continued (\d+) \+ early (\d+) \+ alone (\d+) \+ merged (\d+)", output)
    return bool(found) and int(found[1]) == sum(map(int, found.groups()[1:]))


def one(number, uos, map_file, proof, guests, protect, switch):
    plan = Plan(uos, map_file, protect != "none")
    options = [f"--protect={protect}", f"--switch={switch}", "-q", "300us"]
    wanted = {line[:2] for line in plan.lines + plan.steps}
    hit, output, fine = prove(proof, plan, plan.lines, 0, uos, options, [f"{guests}/state stdin"] * 2)
    fine = fine and ticks_add_up(output)
    for step in plan.steps if fine else []:
        again, said, good = prove(proof, plan, [step], STEPPED, uos, options, [f"{guests}/stepped"])
        hit, fine = hit + again, fine and good
        output += said if not good else ""
    share = 100 * len(wanted & set(hit)) / len(wanted)
    name = f"an interrupt at each of {len(wanted)} places, {protect}, {switch}: {share:.4g} % hit"
    counts = {s: sum(h[0] == s for h in set(hit)) for s in ("gate", "sigsys", "tick", "nested", "step")}
    ok = fine and wanted == set(hit)
    print(f"# {counts}")
    if not ok:
        print("".join(f"# {line}\n" for line in output.splitlines() if not line.startswith("hit ")), end="")
    print(f"{'ok' if ok else 'not ok'} {number} - {name}", flush=True)
    return ok


def main():
    broken = sys.argv[2] if sys.argv[1] == "--broken" else None
    uos, map_file, proof, guests = sys.argv[3 if broken else 1:]
    keys = subprocess.run([uos, "--protect=keys", f"{guests}/exitwith 0"], capture_output=True).returncode == 0
    if broken:
        print("1..1")
        plan = Plan(uos, map_file, keys)
        # what libc asks for is of no account to `state`, and harm done to that would not be seen: it stays out of the gate
        options = ["--protect=keys" if keys else "--protect=none", "-q", "300us", "--rewrite=off"]
        _, output, fine = prove(proof, plan, plan.lines, 0, uos, options, [f"{guests}/state stdin"] * 2)
        print("".join(f"# {line}\n" for line in output.splitlines()[-12:]), end="")
        print(f"{'not ok' if fine else 'ok'} 1 - without rollback rule {broken} the proof fails")
        return fine
    print("1..4")
    good = True
    for number, (protect, switch) in enumerate((("none", "ucontext"), ("none", "asm"), ("keys", "ucontext"), ("full", "asm")), 1):
        if protect != "none" and not keys:
            print(f"ok {number} - {protect}, {switch} # SKIP this machine has no protection keys for uos")
            continue
        good &= one(number, uos, map_file, proof, guests, protect, switch)
    return not good


sys.exit(main())
