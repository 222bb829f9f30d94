"""What every scenario needs: a world, the objects in it, and the operator under test."""

from __future__ import annotations

import json
import re
import string
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.apiserver import in_parallel
from lab.audit import Write
from lab.deployments import Replicas
from lab.figures import percentile
from lab.processes import Child
from lab.world import OPERATOR_USER, World

NAMESPACE = "bench"
TASKS_PER_REPLICA = 5
MAX_REPLICAS = 20


@dataclass(frozen=True)
class Subject:
    """The operator under test, as the command line describes it."""

    command: list[str]
    manifests: list[Path]
    crds: list[Path]
    variables: dict[str, str]


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    samples: int = 200
    objects: int | None = None
    seconds: int = 60
    rounds: int = 5
    failovers: int = 30
    rate: int = 60
    spread: float = 0.4
    patience: float = 120


@dataclass
class Figure:
    """One line of the result. `bound` is the highest value allowed, None where the figure is for information.

    A figure that is a percentile names the samples in the outcome's detail, so that several runs can be taken together.
    `cost` is False for a time or a size of which more is not worse, or that is not the operator's.
    """

    name: str
    value: object
    unit: str = ""
    bound: float | None = None
    pool: str | None = None
    share: float | None = None
    cost: bool = True

    @property
    def met(self) -> bool | None:
        return None if self.bound is None else isinstance(self.value, (int, float)) and self.value <= self.bound


@dataclass
class Outcome:
    """A scenario's result: the figures of the table, and whatever else is worth keeping in the JSON file."""

    figures: list[Figure] = field(default_factory=list)
    detail: dict[str, object] = field(default_factory=dict)

    def add(self, name: str, value: object, unit: str = "", bound: float | None = None, cost: bool = True) -> None:
        self.figures.append(Figure(name, value, unit, bound, cost=cost))

    def add_percentile(
            self, name: str, share: float, samples: str, unit: str = "", bound: float | None = None) -> None:
        """A percentile of the samples of that name in `detail`."""
        values = self.detail[samples]
        value = percentile(values, share) if values else float("inf")
        self.figures.append(Figure(name, value, unit, bound, samples, share))


class Scene:
    """A fresh world with `count` targets and their scaling objects. Names: bench-0000, the queue has the same name."""

    def __init__(self, world: World, subject: Subject, effort: Effort, say: Callable[[str], None]):
        self.world, self.subject, self.effort, self.say = world, subject, effort, say
        self.replicas: Replicas | None = None
        self.names: list[str] = []
        self._first_objects: list[str] = []

    def populate(self, count: int, cooldown: int, each: Callable[[int], dict[str, object]] = lambda number: {}) -> None:
        """Creates the objects, before or after the operator was started.

        `each` gives a number's own variables of the templates; see `list_at` and `celery_at`.
        """
        self.world.create_namespace(NAMESPACE)
        self.world.apply(*self.subject.crds)
        self.names = [f"bench-{number:04}" for number in range(count)]
        own = {name: each(number) for number, name in enumerate(self.names)}
        templates = [Path(__file__).parent.parent / "manifests/deployment.yaml.tmpl", *self.subject.manifests]
        started = time.monotonic()
        for template in templates:
            documents = re.split(r"(?m)^---\s*$", template.read_text())
            for document in filter(str.strip, documents):
                in_parallel(lambda name: self._create(document, name, cooldown, own[name]), self.names)
        self.replicas = Replicas(self.world.api, NAMESPACE)
        self.say(f"{count} objects made in {time.monotonic() - started:.1f} s")

    def _create(self, document: str, name: str, cooldown: int, own: dict[str, object]) -> None:
        redis = f"127.0.0.1:{self.world.redis_port}"
        text = string.Template(document).substitute({
            "name": name, "namespace": NAMESPACE, "queue": name, "redis": redis,
            "redis_port": self.world.redis_port, "tasks_per_replica": TASKS_PER_REPLICA,
            "max_replicas": MAX_REPLICAS, "cooldown": cooldown, "replicas": 0,
        } | celery_at({"addresses": [redis]}, name) | own | self.subject.variables)
        version = re.search(r"(?m)^apiVersion:\s*(\S+)", text)[1]
        kind = re.search(r"(?m)^kind:\s*(\S+)", text)[1]
        path = self.world.api.path(version, kind, NAMESPACE)
        self.world.api.request("POST", path, text, "application/yaml")
        if name == self.names[0]:
            self._first_objects.append(f"{path}/{name}")

    def start_operator(self) -> Child:
        return self.world.start_operator(self.subject.command)

    def warm_up(self) -> None:
        """Returns once the operator took the first object up from zero and, its queue emptied, down again."""
        name = self.names[0]
        self.world.redis("LPUSH", name, "warm-up")
        self._await(name, lambda size: size > 0, "scaled up")
        self.world.redis("DEL", name)
        self._await(name, lambda size: size == 0, "scaled back to 0")
        self.say("the operator works")

    def _await(self, name: str, until: Callable[[int], bool], what: str) -> None:
        deadline = time.monotonic() + self.effort.patience
        while self.replicas.wait_for(name, 1, until) is None:
            self.world.check_operator()
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{name} was not {what} within {self.effort.patience:.0f} s\n{self._said()}\n"
                    f"the operator's last words:\n{self.world.operator.last_words()}")

    def _said(self) -> str:
        """The status of the first name's objects: where an operator says what it does not like."""
        return "\n".join(f"{path}: {self.world.api.get(path).get('status', {})}" for path in self._first_objects)

    def drain(self, *names: str) -> None:
        """Empties the queues and returns when their Deployments are at 0."""
        self.world.redis("DEL", *names)
        for name in names:
            self._await(name, lambda size: size == 0, "scaled back to 0")

    def writes(self, start: float = 0, end: float = float("inf")) -> list[Write]:
        return self.world.audit.writes(OPERATOR_USER, start, end)

    def scale_writes(self, name: str, start: float, end: float = float("inf")) -> list[Write]:
        """Accepted writes of one Deployment's size."""
        return [write for write in self.writes(start, end) if write.scales and write.name == name and write.code < 300]

    def quiet(self, seconds: float, at_most: float) -> float:
        """Waits until the operator has written, and then nothing but its Lease for `seconds`; returns how long that took.

        One that has not begun is not quiet: on a busy machine it may take a while until its first write.
        """
        started = time.time()
        while time.time() - started < at_most:
            time.sleep(1)
            self.world.check_operator()
            others = [write.received for write in self.writes() if write.resource != "leases"]
            if others and time.time() - max(others) > seconds and time.time() - started > seconds:
                break
        return time.time() - started


def celery_at(redis: dict[str, object], queue: str) -> dict[str, object]:
    """Template variables: a Celery queue with four priorities on the server that `redis` (the API's field) names."""
    return {"redis_spec": json.dumps(redis), "source": f'celery: {{queues: ["{queue}"], priorities: [0, 3, 6, 9]}}'}


def list_at(redis: dict[str, object], key: str) -> dict[str, object]:
    """Template variables: a plain list on the server that `redis` (the API's field) names."""
    return {"redis_spec": json.dumps(redis), "source": f'list: {{key: "{key}"}}'}


@contextmanager
def scene(subject: Subject, effort: Effort, say: Callable[[str], None]):
    """A scene in a world of its own; all of it is gone afterwards."""
    with World(say=say) as world:
        setting = Scene(world, subject, effort, say)
        try:
            yield setting
        finally:
            if setting.replicas is not None:
                setting.replicas.stop()
