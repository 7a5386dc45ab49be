"""Cases for tests/e2e/test_userland.py, as cases.py has them: pipelines over megabytes, threads that sort, a script that forks and waits."""

from cases import LINES

WORDS = b"".join(b"%08x word%d text %d of many\n" % (k * 2654435761 % 2**32, k * k % 997, k % 13) for k in range(150000))
SCRIPTS = ("streams/forks.pl", "streams/forks.sh")
TEXTS, STDIN, TOGETHER = {"lines": LINES, "words": WORDS}, {}, {}
QUANTA = ("10ms", "200us")

ALONE = {
    "xz": """
        sh -c 'xz -0 -T1 -c words >words.xz; xz -0 -T1 -c words | xz -d -c | md5sum'
        xz -l --robot words.xz""",
    "xz, two threads": "sh -c 'xz -0 -T2 --block-size=1MiB -c words | xz -d -T2 -c | cmp - words'",
    "sort, four threads": "sh -c 'sort --parallel=4 words | md5sum'",
    "sort, four threads and files": "sh -c 'sort --parallel=4 -S 1M -T . -k2,2 words | md5sum'",
    "awk | sort | uniq -c": "sh -c \"awk '{ print \\$2 }' words | sort | uniq -c\"",
    "cat | tee | wc": "sh -c 'cat words words | tee copy | wc; cmp copy words; tail -c +2 copy | head -c 3000001 | md5sum'",
    "perl, fork and wait": "perl forks.pl",
    "sh, subshells": "sh forks.sh",
}
