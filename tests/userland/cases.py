"""What tests/e2e/test_userland.py runs: commands, one a line, in one directory one after the other; words as a shell would quote them.

A case of TOGETHER runs beside others, too: it is one command that writes whole lines (so less than 4 KiB if it keeps them until the
end), reads what nobody there changes, and writes names of its own only. The directory is that of tests/e2e/scratch.py, with these files in it, too.
"""

import hashlib

LINES = b"".join(b"%d line %d of\ttext\n" % (k * 7919 % 2003, k) for k in range(2000))
TEXTS = {"lines": LINES, "little": LINES[:1500], "helper.py": b"x = 1\n",
         "sums": b"00000000000000000000000000000000  file\n%s  lines\n" % hashlib.md5(LINES).hexdigest().encode()}
SCRIPTS = ("work.py", "work.lua", "work.pl", "work.awk", "make.sql", "again.sql")

TOGETHER = {
    "echo": "echo one 'two  words' -n ä",
    "ls": "ls -la dir",
    "ls, many": "ls many",
    "sort": "sort -k2 -n little",
    "md5sum": "md5sum file big lines missing",
    "cut": "cut -d ' ' -f1,4- little",
    "find": "find dir many -type f -name '[!e]*' -o -name 'e1*' -o -type l -printf '%p %l %m\\n'",
    "grep": "grep -rn n dir little",
    "grep, no match": "grep -r 'there is no such line' dir",
    "busybox ls": "busybox ls -la dir",
    "busybox awk": "busybox awk '{ n += $1; w[$2]++ } END { print NR, n; for (k in w) print k, w[k]; exit 9 }' lines",
    "busybox sha256sum": "busybox sha256sum big lines",
    "busybox sort": "busybox sort -r -n -o busybox-sorted lines",
    "busybox tar": "busybox tar -cf busybox.tar dir many",
    "lua5.4": "lua5.4 work.lua 2",
    "sqlite3": "sqlite3 -bail new.db '.read make.sql'",
    "python3.11": "python3.11 work.py one",
    "python3.11, failing": "python3.11 work.py failing",
    "perl": "perl work.pl",
    "awk": "awk -f work.awk lines",
    "hello": "hello",
    "hello, glibc": "hello-glibc",
    "hello, musl": "hello-musl",
    "dynamic, glibc": "dynamic-glibc word",
    "dynamic, musl": "dynamic-musl word",
    "sh": "sh -c 'cd dir && pwd -P; read line <../file; echo \"$line\" >../by-sh; exit 6'",
    "sed": "sed -n -E 's/([0-9]+)5 (.*)/\\2 \\1/p' little",
    "stat": "stat -c '%A %U %s %Y %N' file dir link none sticky many",
    "date": "date -u -d @1000000000 '+%F %T %A'",
    "seq": "seq -w 1 7 900",
    "wc": "wc file big lines empty",
}

ALONE = {
    "ls of much": """
        ls -la /usr/lib/python3.11
        ls -lai /usr/share/doc/bash /usr/bin/perl
        ls -laR dir many
        ls -la missing loop""",
    "sort of much": """
        sort -n lines
        sort -u -o sorted lines
        sort -c sorted
        sort --parallel=1 -S 32K -T . lines""",
    "cut of much": """
        cut -c 3-9 lines
        cut -d: -f1,7 /etc/passwd""",
    "md5sum, checked": """
        md5sum -c sums""",
    "find of a tree": """
        find .
        find /usr/share/doc/python3.11 /etc/alternatives -printf '%m %u %s %i %y %l %P\\n'
        find . -newer missing
        find -L dirlink c1
        find dir -depth -delete""",
    "grep of a tree": """
        grep -r e .
        grep -rIl python /usr/share/doc/python3.11
        grep -c '' file lines big missing""",
    "busybox applets": """
        busybox cat file lines
        busybox head -n 3 lines
        busybox tail -n 3 lines
        busybox uniq -c lines
        busybox sed s/line/LINE/ little
        busybox cut -c 2-5 little
        busybox find . -type f
        busybox grep -r two .
        busybox md5sum file big
        busybox od -c file
        busybox wc -l lines
        busybox expr 6 '*' 7
        busybox cp -r dir copied
        busybox mv file moved
        busybox ln -s moved linked
        busybox mkdir -p a/b/c
        busybox touch -d '2001-02-03 04:05:06' touched
        busybox rm -r copied
        busybox ls -lR touched many
        busybox du -a dir
        busybox tar tf made.tar
        busybox tar xf made.tar -C a
        busybox gzip -k lines
        busybox diff lines little
        busybox cmp big lines
        busybox dd if=big of=dd.out bs=100 skip=2 count=9 conv=fsync
        busybox stat -c %a:%s:%F:%N link
        busybox readlink -f dir/up
        busybox realpath dirlink
        busybox chmod 750 moved
        busybox rmdir many
        busybox sh -c 'echo $((6 * 7)) >by-sh; read x <by-sh; exit $x'
        busybox false""",
    "sqlite3, reopened": """
        sqlite3 -bail new.db '.read make.sql'
        sqlite3 new.db '.read again.sql'
        sqlite3 new.db 'select count(*), sum(n) from t'
        sqlite3 -readonly new.db 'delete from t'
        sqlite3 dir 'create table t(x)'
        sqlite3 :memory: 'select sqlite_version()'""",
    "python3.11, modules": """
        python3.11 -c 'import hashlib, decimal, csv, random; random.seed(1); print(hashlib.sha256(b"x").hexdigest(), decimal.Decimal(1) / 7, random.random())'
        python3.11 -c 'import sqlite3; c = sqlite3.connect("py.db"); c.execute("create table t(x)"); c.execute("insert into t values (7)"); c.commit(); print(*c.execute("select * from t"))'
        python3.11 -c 'import helper; print(helper.__name__)'
        python3.11 -m json.tool missing
        python3.11 -c 'raise SystemExit("goodbye")'
        python3.11 -c '1 / 0'
        python3.11 -""",
    "perl -e": """
        perl -e 'print map { chr(ord("a") + $_ % 26) } 0 .. 9999; die "at last"'
        perl -i -pe s/0/zero/ little
        perl -ne 'print if eof' lines file""",
    "lua5.4 -e": """
        lua5.4 -e 'print(#string.rep("x", 1e6)) error("last")'
        lua5.4 -
        lua5.4 missing.lua""",
    "coreutils that tell": """
        pwd
        id
        uname -srm
        env
        printenv HOME TZ
        head -c 100 big
        tail -n 2 lines
        tail -c +12000 big
        tac file
        nl file
        od -A x -t x1 file
        sha256sum big
        readlink -f dir/up
        realpath -m nothing/here
        du -ab dir
        cmp big lines
        diff lines little
        diff -r dir many
        comm file script
        join file file
        paste file little
        test -r none
        expr length word
        factor 1234567890
        basename a/b.c .c
        cat file empty ro
        cat -n none dir missing script
        false""",
    "coreutils that change": """
        cp -a dir copied
        cp -a link dangling hard1 hard2 copied
        cp --sparse=always big sparse
        mv file moved
        mv -n moved lines
        ln moved hard3
        ln -sf moved link
        mkdir -m 700 -p a/b/c
        touch -d @1000000001 touched moved
        chmod u+s,o-r moved
        chmod -R g-w copied
        truncate -s 5000 touched
        install -m 755 moved installed
        rm -r copied
        rm missing
        rmdir dir
        dd if=big of=dd.out bs=1000 skip=1 count=3 conv=fsync status=none
        tar -cf own.tar --mtime=@1 dir
        tar -tvf made.tar
        tar -xf made.tar -C a
        gzip -k9n lines
        gzip -dc lines.gz
        split -n 3 lines part-
        shred -n 1 -u little
        link ro linked
        unlink sums
        sync -d moved""",
    "standard input": """
        cat
        cat -
        sort
        wc
        md5sum
        tee copy
        python3.11 -c 'import sys; print(len(sys.stdin.read()))'
        awk 'END { print NR }'
        perl -ne 'print if /77/'
        tr a-z A-Z""",
}
STDIN = {"standard input": LINES * 5, "lua5.4 -e": b"print('from', 'stdin')", "python3.11, modules": b"print(6 * 7)\n"}
