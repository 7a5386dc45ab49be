# Sixty commands of Debian's coreutils with arguments as people give them.
basename /a/b.c .c; dirname /a/b; pwd | sed 's/.*\///'; echo -e 'a\tb'; printf '%d %s\n' 5 x
seq 3 | tac; seq 10 | shuf --random-source=lines | sort -n | head -3; seq 5 | nl; seq 6 | split -l 2 - part.; cat part.*
wc -l part.aa; cksum part.ab; sum part.ab; md5sum part.ac; sha1sum part.ac; sha256sum part.ac; sha512sum part.ac | cut -c1-20
b2sum part.ac | cut -c1-20; base64 part.aa; base32 part.aa; base64 -d <<END
aGVsbG8K
END
cp part.aa copied; mv copied moved; ln moved linked; ln -s moved soft; readlink soft; realpath soft | sed 's/.*\///'; ls -l moved | cut -c1-10
mkdir -p d/e/f; rmdir d/e/f; rm -r d; touch -d @1000000000 moved; stat -c '%y %s' moved; date -u -d @0 +%F; chmod 640 moved; stat -c %a moved
truncate -s 100 moved; stat -c %s moved; dd if=moved of=copied bs=10 count=3 2>/dev/null; stat -c %s copied; head -c 5 moved | od -c; tail -c 4 part.aa
sort -r part.ab; uniq -c <<END
a
a
b
END
comm part.aa part.ab; join part.aa part.aa; paste part.aa part.ab; cut -c1 part.aa; tr 1 x <part.aa; expand <<END
	x
END
echo '        y' | unexpand -a; fold -w 3 moved | head -1 | od -c | head -1; echo 'a b c' | fmt -w 3; pr -t part.aa | head -2; ptx part.aa | head -1
expr 6 \* 7; factor 360; numfmt --to=iec 1048576; test -f moved; echo $?; [ 1 -lt 2 ]; echo $?; true; false; echo $?
env -i A=1 env; nice -n 5 nice; timeout 5 echo in time; (timeout -s KILL 0.2 sleep 100; echo $?) 2>/dev/null; nohup echo no hangup 2>/dev/null; stdbuf -oL echo buffered
sleep 0.01; tee teed <part.aa; cat teed; yes | head -2; id -u | wc -l; logname >/dev/null 2>&1; uname -s; arch; nproc >/dev/null; hostid | wc -l
tsort <<END
a b
b c
END
mktemp -u XXXXXX | wc -c; mkfifo pipe; (echo through a fifo >pipe &); cat pipe; rm pipe; install -m 600 part.aa installed; stat -c %a installed
csplit -s lines 3 5; cat xx00; du -a --apparent-size many | wc -l; df . >/dev/null; sync teed; link teed teed2; unlink teed2; shred -u teed; pathchk a/b; echo $?
tty; echo $?; printenv LC_ALL; dircolors -b | wc -l; chown "$(id -u)" moved; who >/dev/null; users >/dev/null; pinky >/dev/null 2>&1; stty </dev/null 2>/dev/null; echo $?
rm -f part.* copied moved linked soft installed xx0? nohup.out
