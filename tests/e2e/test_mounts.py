#!/usr/bin/env python3
"""What the command line says about the names that programs see: the current directory, /tmp, --rw, --ro, --root, --cwd.

tests/guest/names.c does what its words say and tells what came of it. test_escape.py tries to get out of what is said.
"""

import os
import shutil
import tempfile
from pathlib import Path

from uos import equal, guest, main, program, refused, run, test


class Scene:
    """Two directories, `here` and `there`, outside /tmp, of which programs have their own."""

    def __enter__(self):
        self.top = Path(tempfile.mkdtemp(prefix="uos-mounts-", dir="/var/tmp"))
        self.here, self.there = self.top / "here", self.top / "there"
        self.deeper = self.there / "deeper"
        for folder in (self.here, self.deeper):
            folder.mkdir(parents=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)

    def names(self, *words, options=(), cwd=None, **more):
        """What the words came to, in order."""
        result = run(*options, guest("names", *words), cwd=cwd or self.here, **more)
        equal((result.status, result.stderr), (0, b""), f"status and stderr: {result}")
        return [line.partition(": ")[2] for line in result.lines]

    def writable(self, *options, **more):
        """Which of these may be written to: here, there, deeper; also as the host sees it."""
        folders = {"here": self.here, "there": self.there, "deeper": self.deeper}
        words = [word for folder in folders.values() for word in ("write", folder / "x")]
        said = dict(zip(folders, self.names(*words, options=options, **more)))
        assert set(said.values()) <= {"done", "EROFS"}, f"answers: {said}"
        done = [name for name, folder in folders.items() if (folder / "x").exists()]
        equal([name for name in folders if said[name] == "done"], done, "what programs say that they wrote, and what is there")
        for name in done:
            (folders[name] / "x").unlink()
        return done


@test("may the current directory and /tmp be changed, and nothing else?")
def _():
    with Scene() as scene:
        equal(scene.names("write", "a", "read", "a", "list", "/tmp", "write", "/tmp/b", "read", "/tmp/b", "list", "/tmp"),
              ["done", "written", "", "done", "written", "b"], "here and in /tmp")
        places = [word for place in ("../there/c", "/d", "/etc/e", "/usr/f", "/proc/g", "../h", "/etc/passwd") for word in ("write", place)]
        answers = scene.names(*places)
        equal(answers[:4] + answers[5:], ["EROFS"] * 6, "elsewhere")
        equal((os.listdir(scene.here), os.listdir(scene.there)), (["a"], ["deeper"]), "what is there")
        assert not os.path.exists("/tmp/b"), "the host's /tmp was written to"


@test("do --rw and --ro say what may be changed, however the directory is named, the longest name first?")
def _():
    with Scene() as scene:
        os.symlink(scene.there, scene.here / "link")
        for name in (scene.there, f"{scene.there}/", "../there", "link", f"{scene.here}/./../there/deeper/.."):
            equal(scene.writable("--rw", name), ["here", "there", "deeper"], f"writable with --rw {name}")
        equal(scene.writable(f"--rw={scene.there}", f"--ro={scene.deeper}"), ["here", "there"], "with one in it read-only")
        equal(scene.writable(f"--ro={scene.there}", f"--rw={scene.deeper}"), ["here", "deeper"], "with one in it writable")
        equal(scene.writable("--ro", "."), [], "with --ro .")
        equal(scene.writable("--ro=.", "--rw=../there/deeper", "--rw=../there/deeper"), ["deeper"], "with one given twice")
        equal(scene.writable("--rw=/"), ["here", "there", "deeper"], "with --rw /")
        equal(scene.names("write", "/tmp/x", options=["--ro=/tmp"]), ["EROFS"], "in /tmp with --ro /tmp")


@test("are / and the home directory read-only, unless --rw says otherwise, whatever HOME the programs are given?")
def _():
    with Scene() as scene:
        home = {**os.environ, "HOME": str(scene.here)}
        equal(scene.writable(env=home), [], "at home")
        equal(scene.writable("--env=HOME=/nowhere", env=home), [], "at home, with another HOME for the programs")
        equal(scene.writable("--rw=.", env=home), ["here"], "at home with --rw .")
        os.symlink(scene.here, scene.top / "link")
        equal(scene.writable(env={**home, "HOME": f"{scene.top}/link/"}), [], "at home, which is a link")
        equal(scene.writable(env={**home, "HOME": str(scene.top)}), ["here"], "below home")
        equal(scene.writable(cwd="/"), [], "in /")


@test("do programs start in --cwd, and does that give them nothing?")
def _():
    with Scene() as scene:
        for options, wanted in (([], scene.here), ([f"--cwd={scene.there}"], scene.there), (["--cwd", "../there"], scene.there),
                                (["--cwd=/tmp"], "/tmp"), (["--cwd=/"], "/")):
            equal(scene.names("cwd", options=options), [str(wanted)], f"current directory with {options}")
        equal(scene.names("write", "x", options=[f"--cwd={scene.there}"]), ["EROFS"], "in --cwd")
        equal(scene.writable("--cwd", scene.there), ["here"], "writable with --cwd")
        equal(run("--cwd=/", "./hello", cwd=os.path.dirname(program("hello")[0])).lines, ["hello from pid 2"], "PROG is the host's name")


@test("is --root all that there is?")
def _():
    with Scene() as scene:
        inside, root = scene.here / "inside", [f"--root={scene.here}"]
        inside.mkdir()
        (scene.top / "secret").write_text("secret\n")
        os.symlink("/secret", scene.here / "link")
        equal(scene.names("cwd", "read", "/link", "read", "../../secret", "read", scene.top / "secret", "write", "/x", "write", "y",
                          options=root, cwd=inside), ["/inside", "ENOENT", "ENOENT", "ENOENT", "EROFS", "done"], "from inside")
        equal(scene.names("list", "/", "list", "/inside", options=root), ["inside link", "y"], "what a listing shows of it")
        equal(scene.names("cwd", "write", "y", options=root, cwd=scene.there), ["/", "EROFS"], "from outside")
        equal(scene.names("cwd", "write", "/x", "write", "z", options=[*root, "--rw=/", "--cwd=/inside"], cwd="/"),
              ["/inside", "done", "done"], "with --rw /")
        equal((os.listdir(scene.there), sorted(os.listdir(scene.here)), sorted(os.listdir(inside))),
              (["deeper"], ["inside", "link", "x"], ["y", "z"]), "what is there then")


@test("is a current directory below /tmp where it was, without its neighbours?")
def _():
    with tempfile.TemporaryDirectory(prefix="uos-mounts-", dir="/tmp") as top, Scene() as scene:
        place = f"{top}/work/place"
        for name in (place, f"{top}/neighbour"):
            os.makedirs(name)
        equal(scene.names("cwd", "write", "x", "list", ".", "list", top, "list", f"{top}/work", "write", f"{top}/y", "list", top, cwd=place),
              [place, "done", "x", "work", "place", "done", "work y"], "there")
        equal((os.listdir(place), sorted(os.listdir(top))), (["x"], ["neighbour", "work"]), "what the host has there")
        equal(scene.names("cwd", "write", "uos-mounts", "list", "/tmp", cwd="/tmp"), ["/tmp", "done", "uos-mounts"], "in /tmp itself")
        assert not os.path.exists("/tmp/uos-mounts"), "the host's /tmp was written to"


@test("do the programs of a run share /tmp, and is it gone afterwards?")
def _():
    with Scene() as scene:
        before = set(os.listdir("/dev/shm"))
        equal(run("-m", "coop", guest("names", "write", "/tmp/x"), guest("names", "read", "/tmp/x")).lines[1], "read /tmp/x: written", "the second")
        equal(scene.names("list", "/tmp"), [""], "in the next run")
        equal(set(os.listdir("/dev/shm")), before, "directories in /dev/shm")


@test("is /dev/shm of this run alone, and the host's not changed?")
def _():
    with Scene() as scene:
        equal(scene.names("write", "/dev/shm/uos-test-shared", "list", "/dev/shm"), ["done", "uos-test-shared"], "what it holds")
        equal(scene.names("list", "/dev/shm"), [""], "the next run")
        assert not os.path.exists("/dev/shm/uos-test-shared"), "it is the host's"


@test("can what --rw and --ro name not be renamed or removed by programs, nor what it lies in?")
def _():
    with Scene() as scene:
        kept = scene.deeper / "kept"
        kept.mkdir()
        (kept / "file").write_text("as it was\n")
        options = [f"--rw={scene.there}", f"--ro={kept}"]
        moves = [("move", "deeper", "away"), ("move", "deeper/kept", "away"), ("move", "deeper/kept", "new"), ("remove", "deeper/kept"),
                 ("move", "deeper/kept", "deeper/away"), ("move", "../there", "../away"), ("remove", "deeper")]
        (scene.there / "new").mkdir()
        for move in moves:
            places = [word for place in ("away", "away/kept", "deeper/away", "new", "deeper/kept") for word in ("write", f"{place}/file")]
            answers = scene.names(*move, *places, options=[*options, f"--cwd={scene.there}"])
            equal((kept / "file").read_text(), "as it was\n", f"the file after {move}: {answers}")
            assert answers[0] in ("EBUSY", "EROFS", "EXDEV", "ENOTEMPTY"), f"{move}: {answers}"


@test("is a directory that cannot be one 125, with the option, before anything runs?")
def _():
    with Scene() as scene:
        (scene.here / "file").write_text("")
        (scene.here / "loop").symlink_to("loop")
        for option in ("--rw", "--ro", "--cwd"):
            for name, why in (("nosuch", "no such directory"), ("file", "Not a directory"), ("loop", "Too many levels"), ("/nosuch", "no such directory"),
                              ("x" * 300, "File name too long"), ("y/" * 3000, "File name too long")):
                refused(run(option, name, "hello", cwd=scene.here), {125}, f"uos: {option} {name[:300]}", why if len(name) < 400 else "")
        for option in ("--rw", "--ro"):
            for name in ("/dev", "/proc", "/sys"):
                refused(run(option, name, "hello"), {125}, f"{option} {name}", "uos's own")
        refused(run("--root", "nosuch", "hello", cwd=scene.here), {125}, "--root nosuch", "No such file")
        refused(run("--root", "file", "hello", cwd=scene.here), {125}, "--root file", "Not a directory")
        refused(run(f"--rw={scene.there}", "--ro=../there", "hello", cwd=scene.here), {125}, "--ro ../there", "--rw")
        refused(run("compare", "--rw=nosuch", "hello", cwd=scene.here), {125}, "--rw nosuch")
    for name in ("/proc", "/dev", "/sys"):
        refused(run("hello", cwd=name), {125}, name, "another directory")


main()
