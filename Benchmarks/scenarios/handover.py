"""Two replicas, of which one leads: how soon the other acts once the leader was asked to end, was killed, or stood still.

Each replica has a ServiceAccount of its own, so the audit log tells whose a write was. Work comes all along, a task for
another object every few milliseconds; the clock runs from the signal to the receipt of the other's first scale write.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import urllib.request

from lab.audit import Write
from lab.figures import summary
from lab.processes import Child
from lab.resp import Redis, celery_message
from lab.world import OPERATOR_NAMESPACE, user_name
from scenarios.scene import Outcome, Scene

DEFAULT_OBJECTS = 40
FLAGS = ["--leader-elect", "--leader-elect-namespace", OPERATOR_NAMESPACE]
TERM_WITHIN_SECONDS, KILL_WITHIN_SECONDS = 2, 20
PUSH_PERIOD_SECONDS = 0.02
# The slowest change of leaders that is waited for: a killed leader's lease, twice.
LONGEST_SECONDS = 45
# What a leader that stood still would write if it did not know, it writes at once.
WAKING_SECONDS = 5


class Replica:
    """One of the two operators."""

    def __init__(self, scene: Scene, name: str):
        self._scene, self.name, self.user = scene, name, user_name(name)
        self._kubeconfig = scene.world.identity(name)
        self.child: Child | None = None

    def start(self) -> "Replica":
        world = self._scene.world
        self.child = world.start_operator(self._scene.subject.command + FLAGS, self._kubeconfig)
        self._metrics = f"http://127.0.0.1:{world.metrics_port}/metrics"
        return self

    @property
    def leads(self) -> bool | None:
        """What its own metrics say; None while they say nothing."""
        try:
            text = urllib.request.urlopen(self._metrics, timeout=1).read().decode()
        except OSError:
            return None
        found = re.search(r"(?m)^martlet_leader(?:\{[^}]*\})? ([\d.]+)", text)
        return bool(float(found[1])) if found else None

    def scale_writes(self, start: float, end: float = float("inf")) -> list[Write]:
        writes = self._scene.world.audit.writes(self.user, start, end)
        return [write for write in writes if write.scales and write.code < 300]


def run(scene: Scene) -> Outcome:
    scene.populate(scene.effort.objects or DEFAULT_OBJECTS, cooldown=0)
    pair = [Replica(scene, name).start() for name in ("first", "second")]
    outcome = Outcome()
    with Work(scene):
        for label, how, bound in (("SIGTERM", signal.SIGTERM, TERM_WITHIN_SECONDS),
                                  ("SIGKILL", signal.SIGKILL, KILL_WITHIN_SECONDS),
                                  ("SIGSTOP", signal.SIGSTOP, KILL_WITHIN_SECONDS)):
            # To stand still takes as long as to be killed, and shows something else: once is enough.
            times = 1 if how is signal.SIGSTOP else scene.effort.rounds
            rounds = [_round(scene, pair, how) for _ in range(times)]
            figures = summary([one["seconds"] for one in rounds])
            outcome.detail[label] = rounds
            outcome.add(f"{label} of the leader: rounds", len(rounds))
            outcome.add(f"{label} of the leader: the other's first write after, median", figures["median"], "s")
            outcome.add(f"{label} of the leader: the other's first write after, max", figures["max"], "s", bound)
            outcome.add(f"{label} of the leader: its writes after the other's first", sum(one["late"] for one in rounds),
                        "", 0)
    return outcome


def _round(scene: Scene, pair: list[Replica], how: signal.Signals) -> dict[str, float]:
    leader, other = _roles(scene, pair)
    time.sleep(2)
    wall = time.time()
    if how is signal.SIGSTOP:
        os.kill(leader.child.pid, how)
    else:
        leader.child.stop(10, first=how)
    deadline = time.monotonic() + LONGEST_SECONDS
    while not (after := other.scale_writes(wall)) and time.monotonic() < deadline:
        if not other.child.alive:
            raise RuntimeError(f"the standby ended:\n{other.child.last_words()}")
        time.sleep(0.05)
    if how is signal.SIGSTOP:
        os.kill(leader.child.pid, signal.SIGCONT)
        time.sleep(WAKING_SECONDS)
        leader.child.stop(10)
    if not after:
        result = {"seconds": float("inf"), "late": 0}
    else:
        first = after[0].received
        scene.say(f"{how.name}: {other.name} wrote {first - wall:.2f} s later")
        result = {"seconds": first - wall, "late": len(leader.scale_writes(first))}
    leader.start()
    return result


def _roles(scene: Scene, pair: list[Replica]) -> tuple[Replica, Replica]:
    """The leader and the other, once each says which it is and the leader writes."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        leading = {replica: replica.leads for replica in pair}
        if sorted(map(str, leading.values())) == ["False", "True"]:
            leader = next(replica for replica in pair if leading[replica])
            if leader.scale_writes(time.time() - 2):
                return leader, next(replica for replica in pair if replica is not leader)
        if time.monotonic() > deadline:
            words = "\n".join(f"{replica.name}:\n{replica.child.last_words(5)}" for replica in pair)
            raise TimeoutError(f"not one leader and one standby: {sorted(map(str, leading.values()))}\n{words}")
        time.sleep(0.1)


class Work:
    """A task for one object after the other; when each has one, the queues are emptied, in the same order."""

    def __init__(self, scene: Scene):
        self._scene = scene
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Work":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        redis = Redis(self._scene.world.redis_port)
        while True:
            for command in ("LPUSH", "DEL"):
                for name in self._scene.names:
                    redis(command, name, *([celery_message(name)] if command == "LPUSH" else []))
                    if self._ended.wait(PUSH_PERIOD_SECONDS):
                        return
