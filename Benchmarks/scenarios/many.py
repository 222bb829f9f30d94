"""A task for each of many idle objects at once: how long until every Deployment was scaled."""

from __future__ import annotations

import time

from lab.figures import summary
from lab.resp import celery_message, encode
from scenarios.scene import Outcome, Scene

DEFAULT_OBJECTS = 500


def run(scene: Scene) -> Outcome:
    scene.populate(scene.effort.objects or DEFAULT_OBJECTS, cooldown=3600)
    scene.start_operator()
    settled = scene.quiet(seconds=5, at_most=scene.effort.patience)
    scene.say(f"settled after {settled:.0f} s")
    wire = b"".join(encode("LPUSH", name, celery_message(name)) for name in scene.names)
    sent = time.monotonic()
    scene.world.redis.send(wire)
    for _ in scene.names:
        scene.world.redis.reply()
    pushed = time.monotonic()
    finished = scene.replicas.wait(scene.effort.patience, lambda sizes: all(sizes.values()))
    scene.world.check_operator()
    changes = [scene.replicas.since(name, sent) for name in scene.names]
    times = [(found[0][0] - sent) * 1000 for found in changes if found]
    outcome = Outcome(detail={"scaledMs": sorted(times)})
    figures = summary(times)
    outcome.add("objects", len(scene.names))
    outcome.add("pushing took", (pushed - sent) * 1000, "ms", cost=False)
    outcome.add("first scaled", figures.get("min", float("inf")), "ms")
    outcome.add("median scaled", figures.get("median", float("inf")), "ms")
    outcome.add("last scaled", figures["max"] if finished else float("inf"), "ms", 3000)
    outcome.add("never scaled", len(scene.names) - len(times), "", 0)
    return outcome
