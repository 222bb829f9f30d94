"""What many objects with empty queues cost: memory, processor, API writes, Redis commands, connections."""

from __future__ import annotations

import time

from lab.audit import by_kind
from lab.figures import summary
from lab.processes import Sampler
from scenarios.scene import Outcome, Scene

DEFAULT_OBJECTS = 2000
MIB = 2**20
# Redis counts a command once it has answered: of our two INFO calls the first is in the difference.
OWN_COMMANDS = 1


def run(scene: Scene) -> Outcome:
    scene.populate(scene.effort.objects or DEFAULT_OBJECTS, cooldown=300)
    operator = scene.start_operator()
    settled = scene.quiet(seconds=10, at_most=scene.effort.patience)
    scene.say(f"settled after {settled:.0f} s, measuring for {scene.effort.seconds} s")
    redis = scene.world.redis
    wall, started = time.time(), time.monotonic()
    before = redis.calls()
    with Sampler(operator.pid) as sampler:
        time.sleep(scene.effort.seconds)
    after, elapsed = redis.calls(), time.monotonic() - started
    clients = redis.clients()
    scene.world.check_operator()
    commands = {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
    commands["info"] = commands.get("info", 0) - OWN_COMMANDS
    writes = scene.writes(wall)
    others = [write for write in writes if write.resource != "leases"]
    memory = [sample[1] / MIB for sample in sampler.samples]
    used = (sampler.samples[-1][2] - sampler.samples[0][2]) / (sampler.samples[-1][0] - sampler.samples[0][0])
    outcome = Outcome(detail={
        "writes": by_kind(writes), "redisCommands": commands, "memoryMiB": summary(memory), "settledSeconds": settled,
        "connections": [{key: client.get(key) for key in ("name", "addr", "cmd", "resp")} for client in clients]})
    outcome.add("objects", len(scene.names))
    outcome.add("resident memory, highest", max(memory), "MiB", 80)
    outcome.add("processor", used * 100, "% of a core", 1)
    outcome.add("API writes other than the Lease", len(others), f"in {elapsed:.0f} s", 0)
    outcome.add("Redis commands", sum(commands.values()) / elapsed, "a second", 50)
    outcome.add("Redis connections", len(clients), "", 3)
    return outcome
