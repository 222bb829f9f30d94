"""A hundred tasks for one object: in one RPUSH, from ten threads at once, and from ten threads over half a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from lab.figures import summary
from lab.resp import Redis, celery_message, encode
from scenarios.scene import MAX_REPLICAS, Outcome, Scene

TASKS = 100
THREADS = 10
# Long enough for a second write to show, were there one.
AFTERMATH_SECONDS = 1.5
MIN_GAP_MS = 100
# Two requests paced exactly may arrive a little closer together than they were sent.
ARRIVAL_JITTER_MS = 10


def run(scene: Scene) -> Outcome:
    scene.populate(1, cooldown=0)
    scene.start_operator()
    scene.warm_up()
    outcome = Outcome()
    once = [_round(scene, _one_command) for _ in range(scene.effort.rounds)]
    outcome.add("one RPUSH of 100: writes, most of any round", max(r["writes"] for r in once), "", 1)
    outcome.add("one RPUSH of 100: sizes written", _sizes(once))
    outcome.add("one RPUSH of 100: time to 20, median", summary([r["last"] for r in once])["median"], "ms", 50)
    for label, pause in (("ten threads at once", 0.0), ("ten threads over 0.5 s", 0.05)):
        push = partial(_ten_threads, pause=pause)
        rounds = [_round(scene, push) for _ in range(scene.effort.rounds)]
        first = summary([r["first"] for r in rounds])
        gaps = [gap for r in rounds for gap in r["gaps"]]
        wrong = sum(not r["right"] for r in rounds)
        outcome.add(f"{label}: first LPUSH to first write, median", first["median"], "ms", 10)
        outcome.add(f"{label}: first LPUSH to first write, max", first["max"], "ms", 50)
        outcome.add(f"{label}: time to 20, max", max(r["last"] for r in rounds), "ms")
        outcome.add(f"{label}: writes, most of any round", max(r["writes"] for r in rounds))
        outcome.add(f"{label}: rounds not monotonic to exactly 20", wrong, "", 0)
        outcome.add(f"{label}: smallest gap between writes", min(gaps, default=0.0), "ms", cost=False)
        closer = sum(gap < MIN_GAP_MS - ARRIVAL_JITTER_MS for gap in gaps)
        outcome.add(f"{label}: gaps under {MIN_GAP_MS - ARRIVAL_JITTER_MS} ms", closer, "", 0)
        outcome.detail[label] = rounds
    outcome.detail["one RPUSH"] = once
    return outcome


def _round(scene: Scene, push: Callable[[Scene, str], float]) -> dict[str, object]:
    name = scene.names[0]
    time.sleep(0.4)
    wall, started = time.time(), time.monotonic()
    first_sent = push(scene, name)
    pushed = time.monotonic()
    reached = scene.replicas.wait_for(name, scene.effort.patience, lambda size: size == MAX_REPLICAS)
    time.sleep(AFTERMATH_SECONDS)
    changes = scene.replicas.since(name, started)
    sizes = [size for _, size in changes]
    writes = scene.scale_writes(name, wall)
    received = [write.received for write in writes]
    result = {
        "sizes": sizes, "atMs": [(at - first_sent) * 1000 for at, _ in changes], "writes": len(writes),
        "first": (changes[0][0] - first_sent) * 1000 if changes else float("inf"),
        "last": (reached - first_sent) * 1000 if reached else float("inf"), "pushMs": (pushed - first_sent) * 1000,
        "gaps": [(b - a) * 1000 for a, b in zip(received, received[1:])],
        "right": sizes == sorted(sizes) and sizes[-1:] == [MAX_REPLICAS]}
    scene.drain(name)
    return result


def _one_command(scene: Scene, name: str) -> float:
    """Returns the instant of the sending."""
    wire = encode("RPUSH", name, *[celery_message(name) for _ in range(TASKS)])
    sent = time.monotonic()
    scene.world.redis.send(wire)
    scene.world.redis.reply()
    return sent


def _ten_threads(scene: Scene, name: str, pause: float) -> float:
    """Returns the instant at which the first of them sent its first task."""
    ready = threading.Barrier(THREADS)
    first_sent: list[float] = []

    def client() -> None:
        redis = Redis(scene.world.redis_port)
        wires = [encode("LPUSH", name, celery_message(name)) for _ in range(TASKS // THREADS)]
        ready.wait()
        first_sent.append(time.monotonic())
        for wire in wires:
            redis.send(wire)
            redis.reply()
            time.sleep(pause)
        redis.close()

    threads = [threading.Thread(target=client) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return min(first_sent)


def _sizes(rounds: list[dict[str, object]]) -> str:
    return "; ".join(sorted({"0→" + "→".join(map(str, r["sizes"])) for r in rounds}))
