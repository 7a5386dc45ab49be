# Two processes write one database at the same time; nothing is lost.
sqlite3 shared.db 'create table t(who, n); pragma journal_mode=wal;'
write() { k=0; while [ $k -lt 20 ]; do k=$((k + 1)); echo "insert into t values('$1', $k);"; done | sqlite3 -cmd '.timeout 20000' shared.db; }
write a & write b & wait
sqlite3 shared.db 'select who, count(*), sum(n) from t group by who order by who; pragma integrity_check;'
rm shared.db*
