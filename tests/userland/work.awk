{ n[NR % 5] += $1; words += NF; if (length($0) > longest) longest = length($0) }
$3 ~ /[13]7$/ { hits++; last = $0 }
END {
	for (k = 0; k < 5; k++) printf "%d %.2f\n", k, n[k] / 3 > "awk-out"
	close("awk-out")
	while ((getline line < "awk-out") > 0) print "again: " line
	print NR, words, longest, hits, toupper(last), substr("abcdef", 2, 3), sprintf("%c%5.1e", 65, 12345.678)
	print (getline line < "missing")
	exit 5
}
