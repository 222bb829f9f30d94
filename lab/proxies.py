"""Sick servers: TCP proxies in front of a healthy Redis. `python3 -m lab.proxies KIND:PORT[:TARGET[:SECONDS]] …`

slow       hands each piece of an answer on SECONDS later
flapping   serves for 0.5 to 3 s, then drops every connection and refuses new ones for as long, again and again
mute       accepts and never answers
full       accepts nothing: the kernel drops whoever tries to connect

A process of its own, so that its work does not disturb the clock of who measures.
"""

from __future__ import annotations

import asyncio
import random
import socket
import sys

PIECE = 1 << 16
SHORTEST, LONGEST = 0.5, 3.0


async def main(descriptions: list[str]) -> None:
    waiting = []
    for description in descriptions:
        kind, port, *rest = description.split(":")
        if kind == "slow":
            waiting.append(_serve(int(port), int(rest[0]), delay=float(rest[1])))
        elif kind == "flapping":
            waiting.append(_flap(int(port), int(rest[0])))
        elif kind == "mute":
            waiting.append(_serve(int(port), None))
        elif kind == "full":
            waiting.append(_full(int(port)))
        else:
            raise ValueError(f"no such kind: {kind}")
    await asyncio.gather(*waiting)


async def _serve(port: int, target: int | None, delay: float = 0, until: asyncio.Event | None = None) -> None:
    """Serves for ever, or until the event; then every connection is dropped and new ones are refused."""
    connections: set[asyncio.Task] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        connections.add(task)
        try:
            await _carry(reader, writer, target, delay)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            connections.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await (until or asyncio.Event()).wait()
    server.close()
    for task in list(connections):
        task.cancel()


async def _carry(reader, writer, target: int | None, delay: float) -> None:
    if target is None:
        while await reader.read(PIECE):
            pass
        return
    upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", target)
    queue: asyncio.Queue = asyncio.Queue()

    async def ask() -> None:
        while piece := await reader.read(PIECE):
            upstream.write(piece)
            await upstream.drain()

    async def take() -> None:
        while piece := await upstream_reader.read(PIECE):
            queue.put_nowait((asyncio.get_running_loop().time() + delay, piece))

    async def answer() -> None:
        while True:
            due, piece = await queue.get()
            await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
            writer.write(piece)
            await writer.drain()

    tasks = [asyncio.ensure_future(work()) for work in (ask, take, answer)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        upstream.transport.abort()


async def _flap(port: int, target: int) -> None:
    while True:
        end = asyncio.Event()
        serving = asyncio.ensure_future(_serve(port, target, until=end))
        await asyncio.sleep(random.uniform(SHORTEST, LONGEST))
        end.set()
        await serving
        await asyncio.sleep(random.uniform(SHORTEST, LONGEST))


async def _full(port: int) -> None:
    """Fills the queue of a listening socket that nobody accepts from."""
    listening = socket.create_server(("127.0.0.1", port), backlog=0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    try:
        await asyncio.Event().wait()
    finally:
        for filler in [*fillers, listening]:
            filler.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
