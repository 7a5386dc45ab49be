# tail -f sees what is added, with inotify or without.
echo first >log
tail -n 1 -f log >seen 2>/dev/null &
tail=$!
until grep -q first seen; do sleep 0.05; done
echo second >>log
until grep -q second seen; do sleep 0.05; done
kill $tail
wait $tail
echo "status $?"
cat seen
