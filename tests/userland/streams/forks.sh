# Subshells, which are forks without exec: in a row, in a pipeline, in the background.
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	x=$(echo $((i * i)))
	(exit $((x % 5))) || y="$y$?"
done
echo "$x $y"
(j=0; while [ $j -lt 20000 ]; do j=$((j + 1)); echo "$j line of text"; done) |
	(n=0; while read -r number rest; do n=$((n + number)); done; echo "$n $rest")
for k in 1 2 3 4 5 6; do
	(j=0; while [ $j -lt 3000 ]; do j=$((j + k)); done; echo "$j" >out-$k) &
done
wait
cat out-1 out-2 out-3 out-4 out-5 out-6
