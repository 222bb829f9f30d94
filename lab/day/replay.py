"""RunPod's scaler once more, as its documentation has it and in as few words as possible: what the bill of a day must be.

It knows the edges by the clock, when the jobs were sent and how long they took; nothing of the ledger, nor of the workers
that there really were.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

# Instants that were reached by different sums.
SAME = 1e-6


@dataclass(frozen=True)
class Scaling:
    """The bounds while open, and a queue endpoint's rules. Seconds."""

    least: int
    most: int
    delay: float            # a job that waits so long asks for a worker
    pull: float             # before a worker's container starts: not billed
    load: float             # from then until it takes jobs: billed
    idle: float             # how long a worker above the least stays without a job


@dataclass
class Worker:
    begin: float            # of its container
    ready: float
    busy_until: float | None = None
    idle_since: float | None = None


def billed_seconds(
    scaling: Scaling, jobs: list[tuple[float, float]], opens: float, closes: float, disabled: float
) -> int:
    """`jobs`: when each was sent, and its length. From `closes` on no worker need stay, at `disabled` none may."""
    waiting = sorted(jobs)
    queue: list[tuple[float, float]] = []
    workers: list[Worker] = []
    total = 0
    instants = [opens, closes, disabled, *(sent for sent, _ in jobs), *(sent + scaling.delay for sent, _ in jobs)]
    heapq.heapify(instants)

    def end(worker: Worker, at: float) -> None:
        nonlocal total
        workers.remove(worker)
        total += max(0, math.ceil(at - worker.begin - SAME))

    while instants:
        now = heapq.heappop(instants)
        if now == math.inf:
            break
        least = scaling.least if opens <= now < closes else 0
        most = scaling.most if opens <= now < disabled else 0
        while waiting and waiting[0][0] <= now:
            queue.append(waiting.pop(0))
        for worker in workers:
            if worker.busy_until is not None and worker.busy_until <= now + SAME:
                worker.busy_until, worker.idle_since = None, now
            elif worker.busy_until is None and worker.idle_since is None and worker.ready <= now + SAME:
                worker.idle_since = now
        if most == 0:
            for worker in [worker for worker in workers if worker.busy_until is None]:
                end(worker, now)
        for worker in workers:
            if worker.idle_since is not None and queue:
                worker.busy_until, worker.idle_since = now + queue.pop(0)[1], None
                heapq.heappush(instants, worker.busy_until)
        busy = sum(worker.busy_until is not None for worker in workers)
        overdue = sum(sent + scaling.delay <= now + SAME for sent, _ in queue)
        for _ in range(len(workers), min(most, max(least, busy + overdue))):
            workers.append(Worker(now + scaling.pull, now + scaling.pull + scaling.load))
            heapq.heappush(instants, workers[-1].ready)
        for worker in [worker for worker in workers if worker.idle_since is not None]:
            if len(workers) <= least:
                break
            if worker.idle_since + scaling.idle <= now + SAME:
                end(worker, now)
            else:
                heapq.heappush(instants, worker.idle_since + scaling.idle)
    return total
