"""Ten thousand pushes a second on fifty queues: what it costs, and whether the sizes stay right all along.

Each queue's length climbs from 1 to a length of its own in even steps. Every push is preceded by a trim in the same
pipeline, so a queue is touched 200 times a second and yet is never longer than its target of that moment: a size above
what the highest target so far asks for is a wrong decision, and so is any other size than the exact one at the end.
"""

from __future__ import annotations

import math
import time
from collections import Counter

from lab.figures import percentile
from lab.processes import Sampler
from lab.resp import Redis, celery_message, encode
from scenarios.scene import MAX_REPLICAS, TASKS_PER_REPLICA, Outcome, Scene

QUEUES = 50
PUSHES_PER_SECOND = 10_000
STEPS = 12
MIB = 2**20


def run(scene: Scene) -> Outcome:
    scene.populate(scene.effort.objects or QUEUES, cooldown=3600)
    operator = scene.start_operator()
    scene.quiet(seconds=5, at_most=scene.effort.patience)
    names, redis, seconds = scene.names, scene.world.redis, scene.effort.seconds
    final = [7 + (number * 97) % 104 for number in range(len(names))]
    before, started = redis.calls(), time.monotonic()
    steps: list[tuple[float, list[int]]] = []
    own = Counter(info=1)
    with Sampler(operator.pid) as sampler:
        for step in range(1, STEPS + 1):
            targets = [max(1, math.ceil(length * step / STEPS)) for length in final]
            steps.append((time.monotonic(), targets))
            own += _push(redis, names, targets, started + seconds * step / STEPS)
        elapsed = time.monotonic() - started
        ended = time.monotonic()
    wanted = {name: _replicas(length) for name, length in zip(names, final)}
    right = scene.replicas.wait(10, lambda sizes: sizes == wanted)
    settled = time.monotonic() - ended
    scene.world.check_operator()
    after = redis.calls()
    commands = {name: count - before.get(name, 0) - own[name] for name, count in after.items()}
    reads = {name: count / elapsed for name, count in commands.items() if count > 0}
    return _outcome(scene, sampler, own["lpush"] / elapsed, reads, steps, wanted, settled if right else float("inf"))


def _push(redis: Redis, names: list[str], targets: list[int], until: float) -> Counter:
    """Pushes at the full rate until the instant; returns how often each command was sent."""
    message = celery_message("churn")
    # LTRIM can't empty a list by its indexes; for a target of one DEL does.
    room = [encode("LTRIM", name, 0, target - 2) if target > 1 else encode("DEL", name)
            for name, target in zip(names, targets)]
    wire = b"".join(trim + encode("LPUSH", name, message) for trim, name in zip(room, names))
    period = len(names) / PUSHES_PER_SECOND
    rounds, begun = 0, time.monotonic()
    while time.monotonic() < until:
        redis.send(wire)
        for _ in range(2 * len(names)):
            redis.reply()
        rounds += 1
        time.sleep(max(0, begun + rounds * period - time.monotonic()))
    deletes = sum(target == 1 for target in targets)
    return Counter(lpush=rounds * len(names), ltrim=rounds * (len(names) - deletes), **{"del": rounds * deletes})


def _replicas(length: int) -> int:
    return min(MAX_REPLICAS, math.ceil(length / TASKS_PER_REPLICA))


def _outcome(scene, sampler, rate, reads, steps, wanted, settled) -> Outcome:
    too_many = 0
    for number, name in enumerate(scene.names):
        for at, size in scene.replicas.since(name, steps[0][0]):
            allowed = max(_replicas(targets[number]) for begun, targets in steps if begun <= at)
            too_many += size > allowed
    memory = [sample[1] / MIB for sample in sampler.samples]
    tenth = max(1, len(memory) // 6)
    early, late = percentile(memory[tenth:2 * tenth], 0.5), percentile(memory[-tenth:], 0.5)
    used = (sampler.samples[-1][2] - sampler.samples[0][2]) / (sampler.samples[-1][0] - sampler.samples[0][0])
    outcome = Outcome(detail={"memoryMiB": memory, "redisCommandsPerSecond": reads, "wanted": wanted})
    outcome.add("pushes", rate, "a second")
    outcome.add("processor", used * 100, "% of a core", 20)
    outcome.add("resident memory, growth from the second sixth to the last", late - early, "MiB", 2)
    outcome.add("resident memory, highest", max(memory), "MiB")
    outcome.add("Redis commands of the operator", sum(reads.values()), "a second")
    outcome.add("LLEN", reads.get("llen", 0.0), "a second")
    outcome.add("sizes above what the queue asked for", too_many, "", 0)
    outcome.add("last push to every size right", settled, "s", 2)
    return outcome
