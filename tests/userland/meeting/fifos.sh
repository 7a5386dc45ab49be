# FIFOs between processes: who opens one waits for the other side; tee and process substitution beside.
mkfifo p q
stat -c '%F %a' p
cat p >out &
seq 1 20000 >p
wait
cksum out
(tr a-z A-Z <p >q) &
(echo hello >p) &
cat q
wait
for n in 1 2 3; do
	echo "from $n" >p &
	cat p
	wait
done
seq 1000 | tee one two | wc -l
cmp one two && echo same
while read -r x; do echo "got $x"; done < <(echo a; echo b)
(exec 3<>p; echo both >&3; read -r x <&3; echo "$x")
yes | head -n 100000 | cksum
[ -p p ] && rm p q out one two
