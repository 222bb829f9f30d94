"""The clients: ten threads that each send ten jobs through Celery's own client, as fast as they can."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid

from lab.resp import Redis

CLIENTS = 10
JOBS = 100
# Seconds a job takes.
SHORTEST, LONGEST = 0.5, 2.0


class Clients:
    """`prepare()` connects them all, `send()` lets them go. `sent` holds the ids of the jobs."""

    def __init__(self, broker: str, seed: int = 7):
        # Here, not above: everything else of the laboratory needs the standard library alone.
        from celery import Celery

        self._app = Celery("clients", broker=broker)
        self._app.conf.update(task_ignore_result=True, broker_pool_limit=None)
        self._lengths = random.Random(seed)
        self._barrier = threading.Barrier(CLIENTS + 1)
        self._threads: list[threading.Thread] = []
        self.jobs = [(str(uuid.uuid4()), self._lengths.uniform(SHORTEST, LONGEST)) for _ in range(JOBS)]
        self.sent: set[str] = {identity for identity, _ in self.jobs}
        self.first_sent_at = float("inf")

    def prepare(self) -> None:
        # One in this thread first: a broker that can't be reached fails here, and loading the transport costs no client.
        with self._app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=3)
        # What Celery would load with its first message.
        self._app.finalize()
        _ = self._app.amqp.router, self._app.amqp.queues
        for number in range(CLIENTS):
            thread = threading.Thread(target=self._client, args=(self.jobs[number::CLIENTS],), daemon=True)
            thread.start()
            self._threads.append(thread)
        self._barrier.wait(30)

    def _client(self, jobs: list[tuple[str, float]]) -> None:
        with self._app.connection_for_write() as connection, self._app.amqp.Producer(connection) as producer:
            connection.ensure_connection(max_retries=3)
            producer.channel.client.ping()
            self._barrier.wait(30)
            self._barrier.wait(30)
            for identity, seconds in jobs:
                self.first_sent_at = min(self.first_sent_at, time.time())
                self._app.send_task("tasks.generate", args=[seconds], task_id=identity, producer=producer)

    def send(self) -> None:
        """Returns at once; `wait()` until all are sent."""
        self._barrier.wait(30)

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(60)


class FirstPush(threading.Thread):
    """The instant of the first LPUSH by Redis's own clock, through MONITOR. Only for a Redis that is the demo's alone."""

    def __init__(self, port: int):
        super().__init__(daemon=True)
        self._redis = Redis(port, timeout=3600)
        self._redis("MONITOR")
        self.at: float | None = None

    def run(self) -> None:
        while self.at is None:
            try:
                line = self._redis.reply()
            except (OSError, ValueError):
                return
            if re.search(r'\] "LPUSH" "celery', line):
                self.at = float(line.split(" ", 1)[0])
        self._redis.close()
