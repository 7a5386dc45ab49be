"""Four processes write to one database, each row in a transaction of its own."""
import os
import sqlite3

WRITERS, ROWS = 3, 15


def connect():
    return sqlite3.connect("rows.db", timeout=60, isolation_level=None)


def write(me):
    database = connect()
    for _ in range(ROWS):
        database.execute("begin immediate")
        (count,) = database.execute("select count(*) from t").fetchone()
        database.execute("insert into t values (?, ?)", (count, me))
        database.execute("commit")


connect().execute("create table t (number, writer)")
for n in range(WRITERS):
    if os.fork() == 0:
        write(n)
        os._exit(0)
write(WRITERS)
print([os.wait()[1] for _ in range(WRITERS)])
print(connect().execute("select count(*), count(distinct number), max(number) from t").fetchall())
os.unlink("rows.db")
