#!/usr/bin/env python3
"""The documents: the newcomer's hour adds up, links lead somewhere, pictures name labels that exist."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from uos import equal, main, test  # noqa: E402

FILES, LINES = 10, 1800
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)")


def plain(text):
    """Without code, in which brackets are brackets."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))


def hour(text):
    """The files in the numbered list of the section about the newcomer's hour."""
    section = re.search(r"^#+[^\n]*newcomer's hour[^\n]*\n(.*?)(?=^#|\Z)", text, re.S | re.M | re.I)
    assert section, "HACKING.md has no section about the newcomer's hour"
    items = re.findall(r"^\d+\.\s+(.*)", section[1], re.M)
    links = [LINK.search(item) for item in items]
    assert all(links), f"without a link to its file: {[i for i, link in zip(items, links) if not link]}"
    return [link[1] for link in links]


@test("are the newcomer's hour ten files of 1,800 lines together at most?")
def _():
    files = hour((ROOT / "HACKING.md").read_text())
    equal(len(files), FILES, "files listed")
    equal(len(set(files)), FILES, "different files listed")
    missing = [name for name in files if not (ROOT / name).is_file()]
    assert not missing, f"not there: {', '.join(missing)}"
    total = sum(len((ROOT / name).read_text().splitlines()) for name in files)
    print(f"# {total} lines of {LINES}")
    assert total <= LINES, f"{total} lines, {LINES} at most"


@test("would a list be read right?")
def _():
    equal(hour("# A\n1. [x](x)\n## The newcomer's hour\nText.\n1. [a.c](src/a.c): one\n2. [b](b.h)\n\n## B\n3. [z](z)\n"),
          ["src/a.c", "b.h"], "files")


def slug(heading):
    """As GitHub makes an anchor of it."""
    return re.sub(r"[^\w\- ]", "", LINK.sub("", heading.replace("`", "")).strip().lower()).replace(" ", "-")


def dead_links(document, text):
    for target in LINK.findall(plain(text)):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or ROOT not in (file, *file.parents):
            yield f"{document.relative_to(ROOT)}: {target}: not there"
        elif anchor and file.suffix == ".md":
            content = text if file == document else file.read_text()
            if anchor not in map(slug, re.findall(r"^#+\s+(.*)", content, re.M)):
                yield f"{document.relative_to(ROOT)}: {target}: no such heading"


def documents():
    return [ROOT / "README.md", ROOT / "HACKING.md", *sorted((ROOT / "docs").glob("*.md"))]


@test("does every link in the documents lead somewhere?")
def _():
    dead = [line for document in documents() for line in dead_links(document, document.read_text())]
    assert not dead, "\n".join(dead)
    bad = "# A b\n[a](nowhere.md) [b](#a-b) [c](#c) `[d](d)` [e](https://ostep.org) [f](../f)\n"
    equal(len(list(dead_links(ROOT / "README.md", bad))), 3, "complaints about a bad document")


@test("do the labels that docs/stacks.md names stand in entry.S?")
def _():
    text = (ROOT / "docs/stacks.md").read_text()
    named = set(re.findall(r"`((?:trampoline|gate_|way_in_|way_out|signal_in_|trap_return|land\b)\w*)`", text))
    labels = set(re.findall(r"^(?:(\w+):|\s*\.set\s+(\w+))", (ROOT / "src/machine/entry.S").read_text(), re.M))
    labels = {name for pair in labels for name in pair}
    assert named, "it names none"
    assert named <= labels, f"not in entry.S: {', '.join(sorted(named - labels))}"


@test("does docs/switch.md show swtch.S as it is?")
def _():
    shown = re.findall(r"^```asm\n(.*?)^```", (ROOT / "docs/switch.md").read_text(), re.S | re.M)
    assert (ROOT / "src/machine/swtch.S").read_text() in shown, "not among its ```asm blocks: copy it again"


main()
