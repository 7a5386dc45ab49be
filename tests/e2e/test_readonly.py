#!/usr/bin/env python3
"""Do the calls that change names answer on a read-only mount as Linux does on one? The host's is a bind mount of our own."""

import difflib
import os
import subprocess

from uos import Skip, directory, guest, main, matrix, run, run_argv

MOUNT = "mount --bind ro ro && mount -o remount,bind,ro ro && exec "


def prepare(top):
    for name in ("ro/dir", "ro/full", "rw"):
        os.makedirs(os.path.join(top, name))
    for name in ("ro/file", "rw/file", "ro/dir/inner", "ro/full/x"):
        with open(os.path.join(top, name), "w") as file:
            file.write("hi\n")
    for name, target in (("link", "file"), ("dangling", "nowhere"), ("looping", "looping")):
        os.symlink(target, os.path.join(top, "ro", name))


def on_host(top):
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        raise Skip("only root mounts, and it may not here")
    return run_argv(["unshare", "-m", "sh", "-c", MOUNT + guest("readonly")], cwd=top)


def tree(top):
    return sorted((folder, sorted(names)) for folder, _, names in os.walk(top))


@matrix("are all calls that change something answered on a read-only mount as by Linux, and nothing is changed?")
def _(options):
    with directory() as top:
        prepare(top)
        real = on_host(top)
        before = tree(top)
        seen = run(*options, "--ro", os.path.join(top, "ro"), guest("readonly"), cwd=top)
        both = [result.stdout.decode().splitlines() for result in (real, seen)]
        assert len(both[0]) > 1000, f"the host did not run it: {real}"
        found = list(difflib.unified_diff(*both, "host", "uos", n=0, lineterm=""))
        assert not found, "\n".join(found[:60])
        assert seen.status == 0 and tree(top) == before, f"changed, or {seen.status}"


main()
