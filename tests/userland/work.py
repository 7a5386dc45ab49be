"""What a script does: json, re, os.walk, files written, renamed, read again; a word for a name, so that several may run at once."""
import json
import os
import re
import shutil
import struct
import sys
import tempfile
import zlib
from datetime import datetime, timezone
from pathlib import Path

name = sys.argv[1]
tree = {folder: [sorted(folders), sorted(files)] for folder, folders, files in os.walk("dir")}
print(json.dumps(tree, sort_keys=True, indent=1))
words = re.findall(r"\b(\d+)([a-f]+)", Path("file").read_text() * 20)
print(len(words), words[0], re.sub(r"(\d+)", lambda m: str(int(m[1]) % 97), "12345 x 678"))

made = Path(f"py-{name}")
made.mkdir()
with open(made / "data.json", "w") as file:
    json.dump([{"n": n, "square": n * n, "text": chr(0xe4 + n % 20) * 3} for n in range(500)], file, ensure_ascii=False)
again = json.loads((made / "data.json").read_text())
print(len(again), sum(row["square"] for row in again), again[7]["text"])
with open(made / "lines", "ab", buffering=0) as file:
    for n in range(20):
        file.write(b"%d\n" % n)
os.rename(made / "lines", made / "renamed")
os.chmod(made / "renamed", 0o600)
os.symlink("renamed", made / "link")
os.utime(made / "renamed", ns=(10**18, 10**18))
st = os.stat(made / "link")
print(oct(st.st_mode), st.st_size, st.st_mtime_ns, os.readlink(made / "link"))
shutil.copytree("dir", made / "copy", symlinks=True)
print(sorted(path.as_posix() for path in made.rglob("*")))
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "x").write_bytes(struct.pack("<QH", 1, 2))
    print(os.listdir(folder), Path(folder, "x").stat().st_size)
print(os.path.exists(folder), zlib.crc32(made.joinpath("renamed").read_bytes()))
for wrong in ("missing", "loop", "file/x", "n" * 256):
    try:
        open(wrong)
    except OSError as error:
        print(type(error).__name__, error.errno, error.strerror)
print(datetime.fromtimestamp(10**9, timezone.utc).isoformat(), os.getcwd() == os.environ["PWD"], sys.version_info[:2])
print(f"{name} to stderr", file=sys.stderr)
sys.exit(3 if name == "failing" else 0)
