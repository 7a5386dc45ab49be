"""A directory with one of everything in it, the same each time it is made, and what a directory is like.

    file     0644 "0123456789abcdef\\n" twice      empty   0644             big       0600, 3 pages and 100 bytes
    ro       0444 "read only\\n"                   none    0000 "hidden\\n"  script    0755 "#!/bin/sh\\necho script\\n"
    noexec   0644, the same without rights to run  hard1, hard2: one file, 0640 "two names\\n"
    dir/     inner, sub/deep ("deep\\n"), up -> ../file, here -> .         many/     e00 ... e49, empty
    locked/  0000, secret in it                    sticky/ 01777
    link -> file   dirlink -> dir   dangling -> nowhere   slashed -> dir/   absolute -> (here)/file   outside -> /etc/passwd
    loop -> loop   ping -> pong -> ping   c1 -> c2 -> ... -> c41 -> file: c2 is 40 links, c1 is 41
"""

import hashlib
import os
import shutil
import stat

WHEN = 1000000000123456789  # 2001: before say.h's "present"
MUCH = 1 << 24  # files may be sparse, and larger than memory
LINE = b"0123456789abcdef\n"
FILES = {"file": (0o644, LINE * 2), "empty": (0o644, b""), "big": (0o600, bytes(k * 7 % 251 for k in range(3 * 4096 + 100))),
         "ro": (0o444, b"read only\n"), "none": (0o000, b"hidden\n"), "script": (0o755, b"#!/bin/sh\necho script\n"),
         "noexec": (0o644, b"#!/bin/sh\necho script\n"), "hard1": (0o640, b"two names\n"), "dir/inner": (0o644, b"inner\n"),
         "dir/sub/deep": (0o644, b"deep\n"), "locked/secret": (0o644, b"secret\n"),
         **{f"many/e{k:02}": (0o644, b"") for k in range(50)}}
FOLDERS = {"dir": 0o755, "dir/sub": 0o755, "locked": 0o000, "many": 0o755, "sticky": 0o1777}
LINKS = {"link": "file", "dirlink": "dir", "dangling": "nowhere", "slashed": "dir/", "outside": "/etc/passwd", "loop": "loop",
         "ping": "pong", "pong": "ping", "dir/up": "../file", "dir/here": ".", "c41": "file",
         **{f"c{k}": f"c{k + 1}" for k in range(1, 41)}}


def prepare(path, owner=None):
    """Makes `path` that directory, whatever it was before; all of it belongs to `owner` (a uid and gid) if given."""
    clear(path)
    os.mkdir(path)
    os.chmod(path, 0o755)
    for name in FOLDERS:
        os.mkdir(os.path.join(path, name))
    for name, (_, content) in FILES.items():
        with open(os.path.join(path, name), "wb") as file:
            file.write(content)
    os.link(os.path.join(path, "hard1"), os.path.join(path, "hard2"))
    for name, target in {**LINKS, "absolute": os.path.join(path, "file")}.items():
        os.symlink(target, os.path.join(path, name))
    names = [*FILES, *LINKS, "absolute", *reversed(FOLDERS), "."]
    for name in names:  # what is in a directory before the directory itself
        full = os.path.join(path, name)
        if owner is not None:
            os.chown(full, owner, owner, follow_symlinks=False)
        if name in FILES or name in FOLDERS:
            os.chmod(full, FILES[name][0] if name in FILES else FOLDERS[name])
        os.utime(full, ns=(WHEN, WHEN), follow_symlinks=False)
    return path


def clear(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.chmod(path, 0o700)
        for folder, _, _ in os.walk(path):  # top-down: each is opened before it is entered
            for name in os.listdir(folder):
                full = os.path.join(folder, name)
                if os.path.isdir(full) and not os.path.islink(full):
                    os.chmod(full, 0o700)
        shutil.rmtree(path)


def snapshot(path, times=True, owners=True):
    """{name: what it is like}, without what two runs need not share: inodes, sizes of directories, times of now."""
    seen = {}
    folders = [""]
    while folders:
        folder = folders.pop()
        for name in os.listdir(os.path.join(path, folder)):
            full = os.path.join(path, folder, name)
            name = os.path.join(folder, name)
            seen[name] = describe(full, times, owners)
            if seen[name][0] == "d" and os.access(full, os.R_OK | os.X_OK):
                folders.append(name)
    return seen


def describe(full, times=True, owners=True):
    st = os.lstat(full)
    parts = [stat.filemode(st.st_mode)]
    if owners:
        parts.append(f"{st.st_uid}:{st.st_gid}")
    if stat.S_ISREG(st.st_mode):
        parts += [f"links {st.st_nlink}", f"size {st.st_size}", content(full, st.st_size)]
    elif stat.S_ISLNK(st.st_mode):
        parts.append(f"-> {os.readlink(full)!r}")
    if times and st.st_mtime < 1.5e9:
        parts.append(f"mtime {st.st_mtime_ns}")
    return " ".join(parts)


def content(full, size):
    try:
        with open(full, "rb") as file:
            data = file.read(min(size, MUCH))  # no more: under meson's MALLOC_PERTURB_ room that is not used costs 10 ms a file
    except PermissionError:
        return "(unreadable)"
    return repr(data) if len(data) <= 64 else hashlib.sha256(data).hexdigest()


def differences(seen, wanted):
    """Lines about what is not the same in two snapshots."""
    return [f"{name}: {seen.get(name, 'is missing')}, should be {wanted.get(name, 'missing')}"
            for name in sorted(seen.keys() | wanted.keys()) if seen.get(name) != wanted.get(name)]
