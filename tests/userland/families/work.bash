# What bash alone has.
set -o pipefail
declare -A ages=([ann]=41 [bob]=7)
for name in $(printf '%s\n' "${!ages[@]}" | sort); do echo "$name ${ages[$name]}"; done
words=(a "b c" d); echo "${#words[@]} ${words[1]}"
diff <(printf '1\n2\n') <(printf '1\n3\n'); echo "diff $?"
read -r first rest <<<"one two three"; echo "$rest"
false | true; echo "pipefail $?"
[[ abc =~ ^a(.)c$ ]] && echo "${BASH_REMATCH[1]}"
coproc tr a-z A-Z; pid=$COPROC_PID; echo through >&"${COPROC[1]}"; eval "exec ${COPROC[1]}>&-"; cat <&"${COPROC[0]}"; wait "$pid"; echo "coproc $?"
sum=0; pids=(); for k in 1 2 3 4 5; do (exit $k) & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid"; sum=$((sum + $?)); done; echo "sum $sum"
trap 'echo "got USR1"' USR1; (kill -USR1 $$); :
trap 'echo "a child ended"' CHLD; set -m; (exit 1); set +m; trap - CHLD
time_format=$TIMEFORMAT; TIMEFORMAT=; time true; TIMEFORMAT=$time_format
mapfile -t lines < <(seq 5); echo "${lines[4]}"
printf -v padded '%05d' 42; echo "$padded ${padded//0/o}"
(ulimit -n 20; ulimit -n)
exec 5> >(cat >tee-d); echo data >&5; exec 5>&-; wait $!; cat tee-d; rm tee-d
(exit 6) & wait -n; echo "the next: $?"
exit $((1 + 1))
