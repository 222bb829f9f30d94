"""Looks at the world ten times a second and keeps what it saw."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from lab.demo.ledger import Ledger
from lab.deployments import Replicas
from lab.resp import Redis

QUEUE_KEYS = ("celery", "celery\x06\x163", "celery\x06\x166", "celery\x06\x169")
EVERY = 0.1


@dataclass(frozen=True)
class Moment:
    at: float           # Unix seconds
    waiting: int
    in_flight: int
    desired: int        # spec.replicas
    ready: int
    pods: int
    busy: int
    done: int


class Observer(threading.Thread):
    """`moments` grows until `stop()`. An error ends it and is raised by `stop()`."""

    def __init__(self, redis: Redis, replicas: Replicas, deployment: str, ledger: Ledger):
        super().__init__(daemon=True)
        self._redis, self._replicas, self._deployment, self._ledger = redis, replicas, deployment, ledger
        self._ended = threading.Event()
        self._error: Exception | None = None
        self.moments: list[Moment] = []
        self.look()

    def look(self) -> None:
        commands = [("LLEN", key) for key in QUEUE_KEYS] + [("HLEN", "unacked")]
        *waiting, unacked = self._redis.pipeline(commands)
        self._ledger.read()
        status = self._replicas.status(self._deployment)
        self.moments.append(Moment(
            at=time.time(), waiting=sum(waiting), in_flight=unacked, desired=self._replicas.now(self._deployment),
            ready=status.get("readyReplicas", 0), pods=status.get("replicas", 0), busy=self._ledger.busy_workers,
            done=len(self._ledger.finished)))

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.look()
            except Exception as error:   # handed to the caller of stop()
                self._error = error
                return

    @property
    def latest(self) -> Moment:
        return self.moments[-1]

    def stop(self) -> None:
        self._ended.set()
        self.join()
        if self._error is not None:
            raise self._error
