# flock(1): between processes that inherit an open file, and those that do not.
flock lock -c 'echo locked'
exec 9>lock
flock 9
flock -n lock echo never || echo busy
(flock -n 9 && echo inherited)
(sleep 0.2; flock -u 9) &
flock lock echo 'after a wait'
wait
for n in 1 2 3 4; do
	flock lock bash -c 'n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) >count' &
done
wait
cat count
