"""Python with children, threads and timers: what it prints is the same on Linux."""
import asyncio
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import threading


def by_subprocess():
    done = subprocess.run(["sh", "-c", "read x; echo got $x; echo bad >&2; exit 9"], input=b"line\n", capture_output=True)
    print(done.stdout, done.stderr, done.returncode)
    many = [subprocess.Popen(["sh", "-c", f"exit {k}"]) for k in range(5)]
    print([each.wait() for each in many])
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        print(len(cat.communicate(b"x" * 300000)[0]))
    try:
        subprocess.run(["sleep", "100"], timeout=0.2)
    except subprocess.TimeoutExpired as error:
        print(type(error).__name__)
    killed = subprocess.Popen(["sleep", "100"])
    killed.send_signal(signal.SIGTERM)
    print(killed.wait())


def by_fork():
    reader, writer = os.pipe()
    value = [1]
    child = os.fork()
    if child == 0:
        value[0] = 2
        os.write(writer, b"from the child")
        os._exit(value[0])
    os.close(writer)
    print(os.read(reader, 100), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), value)


def by_threads():
    work, results, lock, total = queue.Queue(), [], threading.Lock(), [0]

    def worker():
        while (item := work.get()) is not None:
            with lock:
                total[0] += item
    threads = [threading.Thread(target=worker) for _ in range(4)]
    for each in threads:
        each.start()
    for item in range(1000):
        work.put(item)
    for _ in threads:
        work.put(None)
    for each in threads:
        each.join()
    print(total[0], results)
    ready = threading.Event()
    threading.Timer(0.05, ready.set).start()
    print(ready.wait(30))


def square(x):
    return x * x


def by_processes():
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(sum(pool.map(square, range(100))))
    shared = multiprocessing.Value("i", 0)

    def add():
        for _ in range(100):
            with shared.get_lock():
                shared.value += 1
    children = [multiprocessing.Process(target=add) for _ in range(3)]
    for each in children:
        each.start()
    for each in children:
        each.join()
    print(shared.value)


async def in_turn():
    order = []

    async def after(seconds, name):
        await asyncio.sleep(seconds)
        order.append(name)
    await asyncio.gather(after(0.2, "late"), after(0.05, "early"), after(0, "now"))
    child = await asyncio.create_subprocess_exec("echo", "from a child", stdout=asyncio.subprocess.PIPE)
    print(order, (await child.communicate())[0])


def by_signal():
    seen = []
    signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    while not seen:
        signal.pause()
    print(seen)


parts = {"subprocess": by_subprocess, "fork": by_fork, "threads": by_threads, "processes": by_processes,
         "asyncio": lambda: asyncio.run(in_turn()), "signal": by_signal}
for name in sys.argv[1:] or parts:
    print(name, flush=True)
    parts[name]()
    sys.stdout.flush()
