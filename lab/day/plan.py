"""What happens in a day beside the edges: the jobs that are sent, and how quickly time goes by."""

from __future__ import annotations

import random
from dataclasses import dataclass

from lab.day.calendar import Day

# Seconds of the window without them at its begin and at its end.
QUIET_BEGIN, QUIET_END = 600, 2400
JOBS = 60
SHORTEST, LONGEST = 120.0, 600.0
# Sent in the last two minutes of the window, so that the drain has something to wait for.
LATE = 6
LATE_SHORTEST, LATE_LONGEST = 60.0, 180.0
# Seconds of the day in a real one.
AT_AN_EDGE, NEAR_AN_EDGE, DRAINING, WARMING, OPEN, CLOSED = 10, 120, 120, 300, 1440, 7200
# Seconds around an edge that are played slowly: beforehand, so that nobody comes to it too fast; behind it, until all of
# its calls are answered.
NEAR, BEFORE, BEHIND = 180.0, 10.0, 20.0


@dataclass(frozen=True)
class Order:
    """A job to send."""

    at: float
    seconds: float


def orders(day: Day, seed: int = 7) -> list[Order]:
    """The same ones for the same day: two rushes, at a third and at three quarters of the window."""
    if day.is_holiday:
        return []
    dice = random.Random(f"{seed} {day.date}")
    room = day.closes - day.opens - QUIET_BEGIN - QUIET_END
    instants = []
    while len(instants) < JOBS:
        share = dice.gauss(dice.choice((0.33, 0.75)), 0.14) if dice.random() < 0.7 else dice.random()
        if 0 <= share <= 1:
            instants.append(day.opens + QUIET_BEGIN + share * room)
    late = [Order(day.closes - 120 + number * 110 / LATE, dice.uniform(LATE_SHORTEST, LATE_LONGEST))
            for number in range(LATE)]
    return [Order(at, dice.uniform(SHORTEST, LONGEST)) for at in sorted(instants)] + late


def pace(now: float, days: list[Day], is_draining: bool) -> tuple[int, float]:
    """The speed at this instant, and the instant until which it holds."""
    edges = sorted(edge for day in days if not day.is_holiday for edge in (day.warms, day.closes))
    for edge in edges:
        if now < edge - NEAR:
            speed, until = _away(now, days, is_draining)
            return speed, min(until, edge - NEAR)
        if now < edge - BEFORE:
            return NEAR_AN_EDGE, edge - BEFORE
        if now < edge + BEHIND:
            return AT_AN_EDGE, edge + BEHIND
    return _away(now, days, is_draining)


def _away(now: float, days: list[Day], is_draining: bool) -> tuple[int, float]:
    if is_draining:
        return DRAINING, float("inf")
    for day in days:
        if day.is_holiday:
            continue
        if now < day.warms:
            return CLOSED, day.warms
        if now < day.opens:
            return WARMING, day.opens
        if now < day.closes:
            return OPEN, day.closes
    return CLOSED, float("inf")
