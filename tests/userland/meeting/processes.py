"""multiprocessing: queues, pipes, locks, events, values, pools, managers, shared memory; by fork and by spawn."""
import multiprocessing
from multiprocessing import shared_memory


def square(x):
    return x * x


def work(queue, pipe, event, lock, value):
    event.wait()
    for _ in range(100):
        with lock:
            value.value += 1
    queue.put("done")
    pipe.send({"a": 2})


def fill(name):
    memory = shared_memory.SharedMemory(name)
    memory.buf[:5] = b"hello"
    memory.close()


def all_of(context):
    queue, event, lock, value = context.Queue(), context.Event(), context.Lock(), context.Value("i", 0, lock=False)
    here, there = context.Pipe()
    workers = [context.Process(target=work, args=(queue, there, event, lock, value)) for _ in range(3)]
    for each in workers:
        each.start()
    event.set()
    print([queue.get() for _ in workers], [here.recv() for _ in workers])
    for each in workers:
        each.join()
    print(value.value, [each.exitcode for each in workers])
    with context.Pool(3) as pool:
        print(pool.map(square, range(10)))


if __name__ == "__main__":
    for method in ("fork", "spawn"):
        all_of(multiprocessing.get_context(method))
    with multiprocessing.Manager() as manager:
        shared = manager.dict(x=1)
        shared["y"] = manager.list([1, 2])[1]
        print(dict(shared))
    memory = shared_memory.SharedMemory(create=True, size=100)
    child = multiprocessing.Process(target=fill, args=(memory.name,))
    child.start()
    child.join()
    print(bytes(memory.buf[:5]))
    memory.close()
    memory.unlink()
