"""What a schedule's edge asks for, and what became of it: windows, lags, and the order of the calls. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

MINUTE = 60
# An endpoint's state before the first edge and after the last lasts longer than any run.
FAR = 3 * 3600
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
LAG = "martlet_schedule_lag_seconds"


def first_edge(now: float, lead: float) -> int:
    """The first full minute that is at least `lead` seconds away."""
    return math.ceil((now + lead) / MINUTE) * MINUTE


def windows(edges: list[int], open_first: bool) -> list[dict[str, object]]:
    """Daily windows in UTC of a schedule that changes at each of the edges, and is open before the first if `open_first`."""
    bounds = [edges[0] - FAR, *edges, edges[-1] + FAR]
    spans = list(zip(bounds, bounds[1:]))[0 if open_first else 1::2]
    return [{"name": f"w{number}", "days": DAYS, "from": _clock(start), "to": _clock(end)}
            for number, (start, end) in enumerate(spans)]


def _clock(instant: int) -> str:
    return datetime.fromtimestamp(instant, timezone.utc).strftime("%H:%M")


@dataclass(frozen=True)
class Answer:
    """The call that carried an edge out for one object."""

    name: str
    at: float
    lag: float


def first_calls(calls: Iterable[tuple[str, float]], edge: float, end: float = math.inf) -> list[Answer]:
    """Each object's first call from the edge on, in the order of the calls; `calls` are names and instants."""
    found: dict[str, Answer] = {}
    for name, at in sorted(calls, key=lambda call: call[1]):
        if edge <= at < end and name not in found:
            found[name] = Answer(name, at, at - edge)
    return list(found.values())


@dataclass(frozen=True)
class Order:
    """How closings and openings of one edge lie in time."""

    last_closing: float
    first_opening: float
    # Closings that came after an opening; those over a second after the first one can't have crossed on the way.
    after: int
    long_after: int


CROSSING = 1.0


def order(answers: list[Answer], closing: set[str]) -> Order:
    closings = [answer.at for answer in answers if answer.name in closing]
    openings = [answer.at for answer in answers if answer.name not in closing]
    first = min(openings, default=math.inf)
    return Order(max(closings, default=-math.inf), first, sum(at > first for at in closings),
                 sum(at > first + CROSSING for at in closings))


def busiest(instants: Iterable[float], span: float = MINUTE) -> int:
    """The most instants that lie within any `span` seconds."""
    ordered = sorted(instants)
    most = begin = 0
    for end, at in enumerate(ordered):
        while at - ordered[begin] >= span:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def lag_of(metrics: str) -> tuple[int, float]:
    """Count and sum of the operator's own lag, from the text of /metrics."""
    def value(part: str) -> float:
        found = re.search(rf"(?m)^{LAG}_{part}(?:\{{\}})? (\S+)$", metrics)
        return float(found[1]) if found else 0.0
    return int(value("count")), value("sum")


@dataclass(frozen=True)
class LagSample:
    """The lag metric at one instant, without what it held before the edge."""

    at: float
    count: int
    total: float


def course(samples: list[LagSample]) -> list[tuple[float, float]]:
    """The mean lag of the calls between two samples, with the instant of the later one; nothing where there was no call."""
    steps = []
    before = LagSample(0, 0, 0)
    for sample in samples:
        if sample.count > before.count:
            steps.append((sample.at, (sample.total - before.total) / (sample.count - before.count)))
            before = sample
    return steps
