"""From a task's LPUSH to the accepted write of `spec.replicas`: one object, again and again from zero."""

from __future__ import annotations

import random
import time

from lab.figures import summary
from lab.resp import celery_message, encode
from scenarios.scene import Outcome, Scene

# More than the 100 ms between two writes of one target, so that the last way down never delays the next way up.
REST_SECONDS = 0.3


def run(scene: Scene) -> Outcome:
    scene.populate(1, cooldown=0)
    scene.start_operator()
    scene.warm_up()
    name, redis, replicas = scene.names[0], scene.world.redis, scene.replicas
    seen, sent_at = [], []
    for number in range(scene.effort.samples):
        time.sleep(REST_SECONDS + random.random() * scene.effort.spread)
        wire = encode("LPUSH", name, celery_message(name))
        wall, sent = time.time(), time.monotonic()
        redis.send(wire)
        redis.reply()
        scaled = replicas.wait_for(name, scene.effort.patience, lambda size: size > 0)
        if scaled is None:
            raise TimeoutError(f"sample {number}: not scaled within {scene.effort.patience:.0f} s")
        seen.append((scaled - sent) * 1000)
        sent_at.append(wall)
        scene.drain(name)
        if (number + 1) % 50 == 0:
            scene.say(f"{number + 1} of {scene.effort.samples} samples")

    accepted = _by_audit(scene, name, sent_at)
    outcome = Outcome(detail={"seenMs": seen, "acceptedMs": accepted})
    at_watch = summary(seen)
    outcome.add_percentile("LPUSH to replicas seen by a watch, median", 0.5, "seenMs", "ms", 10)
    outcome.add_percentile("LPUSH to replicas seen by a watch, p99", 0.99, "seenMs", "ms", 50)
    outcome.add("LPUSH to replicas seen by a watch, min", at_watch["min"], "ms")
    outcome.add("LPUSH to replicas seen by a watch, max", at_watch["max"], "ms")
    if len(accepted) == len(sent_at):
        outcome.add_percentile("LPUSH to write answered (audit log), median", 0.5, "acceptedMs", "ms")
        outcome.add_percentile("LPUSH to write answered (audit log), p99", 0.99, "acceptedMs", "ms")
    outcome.add("samples", len(seen))
    return outcome


def _by_audit(scene: Scene, name: str, sent_at: list[float]) -> list[float]:
    """The same interval by the server's own stamps, for those samples whose write the log shows."""
    time.sleep(1)
    writes = scene.scale_writes(name, sent_at[0])
    ends = sent_at[1:] + [float("inf")]
    found = []
    for start, end in zip(sent_at, ends):
        first = next((write for write in writes if start <= write.received < end), None)
        if first is not None:
            found.append((first.answered - start) * 1000)
    return found
