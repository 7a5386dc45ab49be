#!/usr/bin/env python3
"""broken.py TEST: uos ($UOS) was built without a rule of protection: TEST must fail, or proves nothing."""

import re
import subprocess
import sys

result = subprocess.run([sys.executable, sys.argv[1]], capture_output=True, text=True)
print("1..1")
print("".join(f"# {line[:300]}\n" for line in result.stdout.splitlines()), end="")
if "# SKIP" in result.stdout:
    print("ok 1 # SKIP this machine has no protection keys for uos")
    sys.exit(0)
failed = result.returncode != 0 and re.search(r"^not ok", result.stdout, re.M)
print(f"{'ok' if failed else 'not ok'} 1 - without the rule {sys.argv[1].rpartition('/')[2]} fails")
sys.exit(not failed)
