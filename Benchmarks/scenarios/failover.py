"""The master goes, under load, again and again: how soon the next one is read, and whether any size moved on the way.

Every queue's length asks for two replicas all along while it is trimmed and pushed to. A failover's clock starts with
the first write that the new master accepts; that write makes one queue, the probe, longer by a replica's worth, and the
clock ends when the probe has its size. Any other change of any size is a wrong move.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from lab.figures import percentile, summary
from lab.processes import Sampler
from lab.redis_groups import ClusterGroup, SentinelGroup
from lab.resp import Redis, RedisError, celery_message
from lab.sockets import connections
from scenarios.scene import MAX_REPLICAS, TASKS_PER_REPLICA, Outcome, Scene, celery_at, list_at

DEFAULT_OBJECTS = 20
# A loss takes a second to be noticed, another to be voted on, and the killed node some to come back.
SENTINEL_FAILOVERS_A_CLUSTER_LOSS = 6
STEADY_REPLICAS = 2
STEADY = STEADY_REPLICAS * TASKS_PER_REPLICA
# Then another object is the probe: sizes only grow, so that each fall of any is wrong.
FAILOVERS_A_PROBE = MAX_REPLICAS - STEADY_REPLICAS
LOAD_PERIOD_SECONDS = 0.005
RIGHT_WITHIN_SECONDS = 2
LOST = (OSError, RedisError, LookupError, ValueError)
MIB = 2**20


def run(scene: Scene) -> Outcome:
    objects = scene.effort.objects or DEFAULT_OBJECTS
    outcome = Outcome()
    with ExitStack() as ending:
        sentinel = SentinelGroup(scene.world.directory)
        ending.callback(sentinel.stop)
        cluster = ClusterGroup(scene.world.directory)
        ending.callback(cluster.stop)

        def each(number: int) -> dict[str, object]:
            name = f"bench-{number:04}"
            if number >= objects:
                return {"replicas": STEADY_REPLICAS} | list_at(cluster.spec(), name)
            return {"replicas": STEADY_REPLICAS} | (celery_at if number % 2 else list_at)(sentinel.spec(), name)

        scene.populate(2 * objects, cooldown=0, each=each)
        series = [
            Series(scene, "Sentinel", SentinelSide(sentinel), scene.names[:objects], scene.effort.failovers),
            Series(scene, "Cluster", ClusterSide(cluster), scene.names[objects:],
                   max(1, scene.effort.failovers // SENTINEL_FAILOVERS_A_CLUSTER_LOSS))]
        for one in series:
            one.fill()
        operator = scene.start_operator()
        scene.quiet(seconds=3, at_most=scene.effort.patience)
        with Sampler(operator.pid) as sampler:
            for one in series:
                one.play(operator.pid, outcome)
        memory = [sample[1] / MIB for sample in sampler.samples]
        share = max(1, len(memory) // 6)
        growth = percentile(memory[-share:], 0.5) - percentile(memory[share:2 * share] or memory, 0.5)
        outcome.add("resident memory, growth from the second sixth to the last", growth, "MiB", 2)
        outcome.detail["memoryMiB"] = memory
    return outcome


class SentinelSide:
    """Writes to whoever is master; a failover is asked for, as an administrator would."""

    def __init__(self, group: SentinelGroup):
        self.group = group
        self._master = group.masters()[0]
        self._redis = Redis(self._master.port, timeout=2)

    def __call__(self, *words: object) -> object:
        return self._redis(*words)

    def lose(self, probe: str) -> None:
        """Returns when a new master takes writes."""
        former = self._master
        try:
            self._redis("WAIT", len(self.group.members) - 1, 1000)
        except LOST:
            # A sentinel ends every connection of the server that it has just reconfigured, this one among them.
            self._redis = Redis(former.port, timeout=2)
            self._redis("WAIT", len(self.group.members) - 1, 1000)
        self.group.fail_over()
        others = [member for member in self.group.members if member is not former]
        while not (promoted := next((member for member in others if member.is_master), None)):
            time.sleep(0.002)
        self._master, self._former = promoted, former
        self._redis.close()
        self._redis = Redis(promoted.port, timeout=2)

    def restore(self) -> None:
        self.group.demote(self._former, self._master)


class ClusterSide:
    """Writes to whoever serves the key; the probe's master is killed and comes back as a replica."""

    def __init__(self, group: ClusterGroup):
        self.group = group
        self._client = group.client()

    def __call__(self, *words: object) -> object:
        return self._client(*words)

    def lose(self, probe: str) -> None:
        """Returns when the probe's slot takes writes again."""
        self._client.refresh()
        self._killed = self._client.owner(probe)
        self._killed.kill()
        while True:
            try:
                self._client.refresh()
                if self._client.owner(probe) is not self._killed:
                    self._client("LLEN", probe)
                    return
            except LOST:
                pass
            time.sleep(0.002)

    def restore(self) -> None:
        self._killed.start()


class Series:
    """One kind of failover, many times. The first of the names are the probes, the others bear the load."""

    def __init__(self, scene: Scene, label: str, side, names: list[str], times: int):
        self._scene, self._label, self._side, self._times = scene, label, side, times
        probes = -(-times // FAILOVERS_A_PROBE)
        self._probes, self._loaded = names[:probes], names[probes:]
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.pushes = 0

    def fill(self) -> None:
        for name in [*self._probes, *self._loaded]:
            self._side("RPUSH", name, *[celery_message(name)] * STEADY)

    def play(self, pid: int, outcome: Outcome) -> None:
        scene, started = self._scene, time.monotonic()
        load = threading.Thread(target=self._load, daemon=True)
        load.start()
        late, first, seen = [], self._connections(pid), []
        try:
            for number in range(self._times):
                late.append(self._round(self._probes[number // FAILOVERS_A_PROBE],
                                        STEADY_REPLICAS + 1 + number % FAILOVERS_A_PROBE))
                seen.append(self._connections(pid))
                if (number + 1) % 10 == 0:
                    scene.say(f"{self._label}: {number + 1} of {self._times}, the last right after {late[-1]:.2f} s")
        finally:
            self._ended.set()
            load.join()
        wrong = sum(len(scene.replicas.since(name, started)) for name in self._loaded)
        for name in self._probes:
            sizes = [STEADY_REPLICAS] + [size for _, size in scene.replicas.since(name, started)]
            wrong += sum(after != before + 1 for before, after in zip(sizes, sizes[1:]))
        figures = summary(late)
        outcome.detail[self._label] = {"lateSeconds": late, "connections": seen, "pushes": self.pushes}
        what = "failovers" if self._label == "Sentinel" else "masters killed"
        outcome.add(f"{self._label}: {what}", self._times)
        outcome.add(f"{self._label}: new master serves to size right, median", figures["median"], "s")
        outcome.add(f"{self._label}: new master serves to size right, max", figures["max"], "s", RIGHT_WITHIN_SECONDS)
        outcome.add(f"{self._label}: sizes moved without a reason", wrong, "", 0)
        outcome.add(
            f"{self._label}: connections to its servers more after the last than before the first", seen[-1] - first, "", 0)

    def _connections(self, pid: int) -> int:
        """Those to the servers of this series; how many the API server has open is the affair of its own client."""
        servers = {member.port for member in [*self._side.group.others, *self._side.group.members]}
        return sum(count for port, count in connections(pid).items() if port in servers)

    def _round(self, probe: str, wanted: int) -> float:
        """One failover; seconds from the first write on the new master to the probe's size."""
        scene = self._scene
        _until(self._side.group.in_step, scene.effort.patience, f"{self._label}: the servers did not come to rest")
        with self._lock:
            self._side.lose(probe)
            self._lengthen(probe)
            serving = time.monotonic()
        right = scene.replicas.wait_for(probe, scene.effort.patience, lambda size: size >= wanted)
        self._side.restore()
        scene.world.check_operator()
        return float("inf") if right is None else max(0.0, right - serving)

    def _lengthen(self, probe: str) -> None:
        while True:
            try:
                self._side("RPUSH", probe, *["x"] * TASKS_PER_REPLICA)
                return
            except LOST:
                time.sleep(0.002)

    def _load(self) -> None:
        """Pushes to each queue and trims it first, so that it is touched and yet asks for the same size."""
        while not self._ended.is_set():
            for name in self._loaded:
                with self._lock:
                    try:
                        self._side("LTRIM", name, 0, STEADY - 2)
                        self._side("LPUSH", name, celery_message(name))
                        self.pushes += 1
                    except LOST:
                        pass
                if self._ended.wait(LOAD_PERIOD_SECONDS):
                    return


def _until(ready, seconds: float, problem: str) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(problem)
        time.sleep(0.05)
