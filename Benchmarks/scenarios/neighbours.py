"""A quarter of the servers is dead, a quarter slow, a quarter flapping: what the healthy quarter notices of it.

Objects of sick servers start at the size that their queue asks for (dead: at any size), so each change of theirs is a
decision on a reading that nobody had.
"""

from __future__ import annotations

import random
import sys
import time
from contextlib import ExitStack

from lab.figures import summary
from lab.processes import Child, free_port
from lab.resp import Redis, celery_message, encode
from lab.world import ROOT, connect_redis, start_redis
from scenarios.scene import TASKS_PER_REPLICA, Outcome, Scene, list_at

DEFAULT_OBJECTS = 1000
SERVERS_A_KIND = 5
KINDS = ("healthy", "dead", "slow", "flapping")
SLOW_SECONDS = 2
SICK_REPLICAS = 2
# A slow server is asked several questions one after another when it is connected to.
SETTLE_SECONDS = 20
REST_SECONDS = 0.3


def run(scene: Scene) -> Outcome:
    count = scene.effort.objects or DEFAULT_OBJECTS
    with ExitStack() as ending:
        servers, behind = _servers(scene, ending)
        kinds = [kind for kind in KINDS for _ in range(SERVERS_A_KIND)]

        def each(number: int) -> dict[str, object]:
            place = number % len(servers)
            sick = kinds[place] != "healthy"
            return {"replicas": SICK_REPLICAS if sick else 0} | list_at(
                {"addresses": [f"127.0.0.1:{servers[place]}"]}, f"bench-{number:04}")

        scene.populate(count, cooldown=0, each=each)
        members = {kind: [name for number, name in enumerate(scene.names) if kinds[number % len(servers)] == kind]
                   for kind in KINDS}
        redis = {name: behind[number % len(servers)] for number, name in enumerate(scene.names)}
        for kind in ("slow", "flapping"):
            for name in members[kind]:
                redis[name]("RPUSH", name, *["x"] * (SICK_REPLICAS * TASKS_PER_REPLICA))
        operator = scene.start_operator()
        scene.say(f"{len(servers)} servers; settling for {SETTLE_SECONDS} s")
        time.sleep(SETTLE_SECONDS)
        scene.world.check_operator()
        begun = operator.started
        seen = _samples(scene, members["healthy"], redis)
        moved = {kind: sum(len(scene.replicas.since(name, begun)) for name in members[kind]) for kind in KINDS[1:]}
        late = _slow_ones_follow(scene, members["slow"], redis)
    outcome = Outcome(detail={"seenMs": seen, "moved": moved, "slowSeconds": late})
    figures, slow = summary(seen), summary(late)
    outcome.add("objects; servers", f"{count}; {len(servers)}")
    outcome.add_percentile("healthy: LPUSH to replicas, median", 0.5, "seenMs", "ms", 10)
    outcome.add_percentile("healthy: LPUSH to replicas, p99", 0.99, "seenMs", "ms", 50)
    outcome.add("healthy: LPUSH to replicas, max", figures["max"], "ms")
    outcome.add("samples", len(seen))
    for kind in KINDS[1:]:
        outcome.add(f"{kind}: sizes changed without a reason", moved[kind], "", 0)
    outcome.add("slow: more tasks to the right size, median", slow["median"], "s")
    outcome.add("slow: more tasks to the right size, last", slow["max"], "s", 15)
    return outcome


def _servers(scene: Scene, ending: ExitStack) -> tuple[list[int], list[Redis | None]]:
    """The port of each server as the operator knows it, and a direct way to the Redis behind it."""
    ports, behind, proxies = [], [], []
    for kind in KINDS:
        for number in range(SERVERS_A_KIND):
            port = free_port()
            ports.append(port)
            if kind == "dead":
                # Most deaths are refused connections; of the others one does not answer, one does not even accept.
                proxies += [f"{('mute', 'full')[number]}:{port}"] if number < 2 else []
                behind.append(None)
                continue
            real = port if kind == "healthy" else free_port()
            folder = scene.world.directory / f"redis-{real}"
            folder.mkdir()
            ending.callback(start_redis(real, folder).stop, 3)
            behind.append(connect_redis(real))
            if kind != "healthy":
                proxies.append(f"{kind}:{port}:{real}" + (f":{SLOW_SECONDS}" if kind == "slow" else ""))
    proxy = Child([sys.executable, "-m", "lab.proxies", *proxies], scene.world.directory / "proxies.log",
                  {"PYTHONPATH": str(ROOT)})
    ending.callback(proxy.stop, 3)
    return ports, behind


def _samples(scene: Scene, names: list[str], redis: dict[str, Redis]) -> list[float]:
    seen = []
    for number in range(scene.effort.samples):
        time.sleep(REST_SECONDS + random.random() * scene.effort.spread)
        # Of those that were sampled before, only who is back at zero.
        name = random.choice([name for name in names if scene.replicas.now(name) == 0])
        wire = encode("LPUSH", name, celery_message(name))
        sent = time.monotonic()
        redis[name].send(wire)
        redis[name].reply()
        scaled = scene.replicas.wait_for(name, scene.effort.patience, lambda size: size > 0)
        if scaled is None:
            raise TimeoutError(f"sample {number}: not scaled within {scene.effort.patience:.0f} s")
        seen.append((scaled - sent) * 1000)
        redis[name]("DEL", name)
        if (number + 1) % 50 == 0:
            scene.say(f"{number + 1} of {scene.effort.samples} samples")
    return seen


def _slow_ones_follow(scene: Scene, names: list[str], redis: dict[str, Redis]) -> list[float]:
    """Seconds until each object of a slow server had the size of its longer queue."""
    sent = time.monotonic()
    for name in names:
        redis[name]("RPUSH", name, *["x"] * TASKS_PER_REPLICA)
    wanted = SICK_REPLICAS + 1
    deadline = sent + scene.effort.patience
    late = []
    for name in names:
        at = scene.replicas.wait_for(name, max(0, deadline - time.monotonic()), lambda size: size == wanted)
        late.append((at - sent) if at else float("inf"))
    return late
