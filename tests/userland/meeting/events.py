"""epoll, eventfd, timerfd and sockets, as Python's event loops use them."""
import asyncio
import os
import select
import selectors
import socket


async def conversation():
    async def answer(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, "meeting-place")

    async def ask(n):
        reader, writer = await asyncio.open_unix_connection("meeting-place")
        for k in range(20):
            writer.write(f"line {k} of {n}\n".encode() * 50)
            await writer.drain()
            for _ in range(50):
                assert await reader.readline() == f"LINE {k} OF {n}\n".encode()
        writer.close()
        return n

    print(await asyncio.gather(*map(ask, range(10))))
    server.close()
    os.unlink("meeting-place")
    print(await asyncio.get_running_loop().run_in_executor(None, sum, range(100)))
    child = await asyncio.create_subprocess_shell("tr a-z A-Z; exit 3", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print(await child.communicate(b"shout\n"), child.returncode)
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.05)
    except asyncio.TimeoutError:
        print("timeout")


def large():
    """Much more than a socket holds, between two processes."""
    one, other = socket.socketpair()
    if os.fork() == 0:
        other.close()
        one.sendall(bytes(range(256)) * 20000)
        os._exit(0)
    one.close()
    data = b"".join(iter(lambda: other.recv(50000), b""))
    print(len(data), data == bytes(range(256)) * 20000, os.wait()[1])


def descriptors():
    """An open file by a message, from child to parent."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        with open("lines") as f:
            f.read(10)
            os.lseek(f.fileno(), 5, os.SEEK_SET)
            socket.send_fds(one, [b"here"], [f.fileno()])
        os._exit(0)
    message, (fd,), *_ = socket.recv_fds(other, 100, 4)
    os.wait()
    print(message, os.read(fd, 20), os.lseek(fd, 0, os.SEEK_CUR))


asyncio.run(conversation())
large()
descriptors()
print([selector.__name__ for selector in (selectors.DefaultSelector, selectors.EpollSelector)])
many = [socket.socketpair() for _ in range(100)]
poll = select.epoll()
for one, _ in many:
    poll.register(one, select.EPOLLIN)
for _, other in many[::10]:
    other.send(b"x")
print(len(poll.poll(0)), len(poll.poll(0, 3)))
