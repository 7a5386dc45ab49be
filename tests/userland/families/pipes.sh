# Pipelines over more than any buffer holds.
awk 'BEGIN { for (i = 0; i < 300000; i++) print i % 1000, i }' | sort -k1,1n -S 8M | cut -d' ' -f1 | uniq -c | awk '{ n += $1 } END { print NR, n }'
seq 200000 | xz -1 | xz -dc | md5sum
seq 300000 | sort --parallel=4 -S 4M -rn | head -2
tar czf - many dir | gzip -dc | wc -c
perl -e 'for my $k (1 .. 5) { my $pid = fork; if (!$pid) { exit $k } push @all, $pid } for (@all) { waitpid $_, 0; $sum += $? >> 8 } print "$sum\n"'
perl -e 'open(my $p, "-|", "seq 1000") or die; while (<$p>) { $n += $_ } close $p; print "$n $?\n"'
seq 1000 | xargs -n 50 echo | wc -l
seq 40 | xargs -P 4 -n 1 sh -c 'exit 0'; echo $?
find many -name '*1*' -exec sh -c 'echo $#' sh {} +
