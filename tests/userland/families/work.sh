# Run by dash, bash and busybox ash: what scripts do all day. Bytes and status are compared with the host's.
greet() { echo "hello $1 of $#"; return 3; }
greet a b || echo "status $?"
echo "$(echo nested "$(echo deeper)")" `echo old style`
for word in one two three; do echo "$word"; done | while read -r line; do echo "read $line"; done
printf '%s\n' c a b | sort | tr a-z A-Z | paste -s -d, -
(cd dir && x=inside && echo "$x" && exit 4); echo "subshell $? ${x-unset}"
cat <<END | wc -l
a here-document
with $(echo two) lines and
$((6 * 7))
END
cat <<'END'
not $expanded
END
sleep 0.1 & first=$!
(exit 7) & second=$!
wait $second; echo "second ended with $?"
wait $first; echo "first ended with $?"
trap 'echo "trapped"' USR1
kill -USR1 $$
trap 'echo "at the end, status $?"' EXIT
sh -c 'kill -TERM $$'; echo "killed: $?"
yes | head -n 3
{ echo to stdout; echo to stderr >&2; } 2>&1 | sort
{ echo group; false; } && echo no || echo yes
echo one >written; echo two >>written; cat <written
exec 3<written; read -r a <&3; read -r b <&3; exec 3<&-; echo "$b $a"
set -- x y z; shift; echo "$@"
case $(uname) in Linux) echo linux;; *) echo what;; esac
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo $i
n=0; for f in many/*; do [ -f "$f" ] && n=$((n + 1)); done; echo "$n files"
(sleep 100 & kill $!; wait $!; echo "sleep: $?") 2>/dev/null
true | false | true; echo "pipeline $?"
command -v no-such-command || echo "none"
no-such-command 2>/dev/null; echo "not found: $?"
./written 2>/dev/null; echo "not executable: $?"
mkdir -p made/deep && touch made/deep/er && find made | sort && rm -r made written
exit 5
