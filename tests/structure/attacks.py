#!/usr/bin/env python3
"""docs/security.md and tests/attack/ name the same attacks, and each attack says what is to come of it at each level."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import equal, main, test  # noqa: E402

HELPERS = {"victim"}


def attacks():
    return {file.stem for file in (ROOT / "tests/attack").glob("*.c")} - HELPERS


def named(text):
    """What the last column of the table of attacks names."""
    section = re.search(r"^## Attacks[^\n]*\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    rows = re.findall(r"^\|.*\|([^|]*)\|$", section[1], re.M)[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@test("does docs/security.md name every attack, and none that is not there?")
def _():
    text = (ROOT / "docs/security.md").read_text()
    equal(sorted(named(text)), sorted(attacks()), "named")
    equal(named("## Attacks x\n| a | b | c |\n|---|---|---|\n| `x` | `y` | `z`, `w` |\n"), {"z", "w"}, "of a short table")


@test("is each attack built, and does its first line say what is to come of it?")
def _():
    build = (ROOT / "tests/attack/meson.build").read_text()
    for name in sorted(attacks()):
        assert f"'{name}'" in build, f"{name} is not in meson.build"
        first = (ROOT / f"tests/attack/{name}.c").read_text().split("\n", 1)[0]
        assert re.fullmatch(r"/\* none: .*; keys: .*; full: .* \*/", first), f"{name}: {first}"


main()
