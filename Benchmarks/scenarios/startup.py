"""From the operator's start to its decisions, with work waiting for each of many objects."""

from __future__ import annotations

import re
import threading
import time

from lab.figures import summary
from lab.resp import Redis, celery_message
from scenarios.scene import Outcome, Scene

DEFAULT_OBJECTS = 1000


class Reads(threading.Thread):
    """Notes through MONITOR when each queue was first named in a command."""

    def __init__(self, port: int):
        super().__init__(daemon=True)
        self._redis = Redis(port, timeout=3600)
        self._redis("MONITOR")
        self.first: dict[str, float] = {}   # Unix seconds by Redis's clock

    def run(self) -> None:
        try:
            while True:
                line = self._redis.reply()
                for name in re.findall(r"bench-\d+", line):
                    self.first.setdefault(name, float(line.split(" ", 1)[0]))
        except (OSError, ValueError):
            return

    def stop(self) -> None:
        self._redis._socket.shutdown(2)


def run(scene: Scene) -> Outcome:
    scene.populate(scene.effort.objects or DEFAULT_OBJECTS, cooldown=3600)
    scene.world.redis.pipeline([("LPUSH", name, celery_message(name)) for name in scene.names])
    reads = Reads(scene.world.redis_port)
    reads.start()
    operator = scene.start_operator()
    finished = scene.replicas.wait(scene.effort.patience * 3, lambda sizes: all(sizes.values()))
    scene.world.check_operator()
    time.sleep(0.5)
    reads.stop()
    changes = [scene.replicas.since(name, operator.started) for name in scene.names]
    scaled = summary([found[0][0] - operator.started for found in changes if found])
    read = summary([at - operator.started_at for at in reads.first.values()])
    never = float("inf")
    outcome = Outcome(detail={"scaledSeconds": scaled, "firstReadSeconds": read})
    outcome.add("objects", len(scene.names))
    outcome.add("start to the first object's queue read", read.get("min", never), "s")
    outcome.add("start to the last object's queue first read", read.get("max", never), "s", 3)
    outcome.add("queues never read", len(scene.names) - read["count"], "", 0)
    outcome.add("start to the first Deployment scaled", scaled.get("min", never), "s", 3)
    outcome.add("start to the last Deployment scaled", scaled["max"] if finished else never, "s")
    return outcome
