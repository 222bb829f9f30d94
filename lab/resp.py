"""A Redis client small enough to trust its own latency: one socket, blocking, RESP2."""

from __future__ import annotations

import base64
import json
import socket
import uuid


class RedisError(Exception):
    """An error reply."""


def encode(*words: str | bytes | int) -> bytes:
    """One command as it goes over the wire."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


class Redis:
    """Not for more than one thread."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 30, database: int = 0):
        self._socket = socket.create_connection((host, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._input = self._socket.makefile("rb", 1 << 16)
        if database:
            self("SELECT", database)

    def __call__(self, *words: str | bytes | int) -> object:
        self._socket.sendall(encode(*words))
        return self.reply()

    def send(self, wire: bytes) -> None:
        """Sends commands already encoded; the caller takes their replies."""
        self._socket.sendall(wire)

    def reply(self) -> object:
        line = self._input.readline()
        if not line:
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self._input.read(length + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        raise RedisError(f"unexpected reply {line[:20]!r}")

    def pipeline(self, commands: list[tuple]) -> list[object]:
        self.send(b"".join(encode(*command) for command in commands))
        return [self.reply() for _ in commands]

    def info(self, section: str) -> dict[str, str]:
        text = self("INFO", section).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def calls(self) -> dict[str, int]:
        """Calls of each command since the server started, by the command's name."""
        figures = self.info("commandstats").items()
        return {name.removeprefix("cmdstat_"): int(text.split("calls=")[1].split(",")[0]) for name, text in figures}

    def clients(self) -> list[dict[str, str]]:
        """CLIENT LIST without this connection."""
        own = str(self("CLIENT", "ID"))
        lines = self("CLIENT", "LIST").decode().splitlines()
        found = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
        return [client for client in found if client["id"] != own]

    def close(self) -> None:
        self._input.close()
        self._socket.close()


def celery_message(queue: str, task: str = "tasks.generate", arguments: list | None = None) -> bytes:
    """A task as Celery's protocol 2 puts it on a Redis list, about 700 bytes."""
    identity = str(uuid.uuid4())
    body = json.dumps([arguments or [], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers = {
        "lang": "py", "task": task, "id": identity, "shadow": None, "eta": None, "expires": None, "group": None,
        "group_index": None, "retries": 0, "timelimit": [None, None], "root_id": identity, "parent_id": None,
        "argsrepr": "()", "kwargsrepr": "{}", "origin": "harness", "ignore_result": True,
    }
    properties = {
        "correlation_id": identity, "reply_to": str(uuid.uuid4()), "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": queue}, "priority": 0, "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    return json.dumps({
        "body": base64.b64encode(body.encode()).decode(), "content-encoding": "utf-8",
        "content-type": "application/json", "headers": headers, "properties": properties,
    }).encode()
