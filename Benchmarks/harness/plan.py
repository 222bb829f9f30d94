"""What is run how often, with what effort, and about how long it takes on two quiet cores."""

from __future__ import annotations

from dataclasses import dataclass

MICRO = "micro"
EFFORTS = ("quick", "normal", "long")


@dataclass(frozen=True, eq=False)
class Item:
    """One thing to run. `arguments` are those of Benchmarks/scaler, by effort; `seconds` a run takes, by effort."""

    name: str
    title: str
    runs: int
    arguments: dict[str, str]
    seconds: dict[str, int]
    # What it needs beside the operator.
    products: tuple[str, ...] = ("martlet",)
    # Where nobody names the item; it can be named with any.
    efforts: tuple[str, ...] = EFFORTS


def _by_effort(quick: object, normal: object, long: object) -> dict:
    return dict(zip(EFFORTS, (quick, normal, long)))


ITEMS = [
    Item(MICRO, "Single parts", 4, _by_effort("", "", ""), _by_effort(18, 18, 18), ()),
    Item("latency", "One task, from zero", 3,
         _by_effort("--samples 10", "--samples 36", "--samples 200"), _by_effort(20, 46, 215)),
    Item("burst", "A hundred tasks for one object", 2,
         _by_effort("--rounds 1", "--rounds 2", "--rounds 5"), _by_effort(22, 30, 60)),
    Item("many", "A task each for many idle objects", 2,
         _by_effort("--objects 50", "--objects 500", "--objects 500"), _by_effort(22, 30, 30)),
    Item("startup", "Started with work waiting", 2,
         _by_effort("--objects 50", "--objects 1000", "--objects 1000"), _by_effort(16, 35, 35)),
    Item("idle", "Idle with many objects", 2,
         _by_effort("--objects 50 --seconds 5", "--objects 2000 --seconds 30", "--objects 2000 --seconds 60"),
         _by_effort(32, 80, 110)),
    Item("churn", "Ten thousand pushes a second", 2,
         _by_effort("--seconds 6", "--seconds 20", "--seconds 60"), _by_effort(28, 38, 78)),
    Item("neighbours", "Sick servers beside healthy ones", 1,
         _by_effort("--objects 40 --samples 10", "--objects 1000 --samples 200 --spread 0.2", "--objects 1000 --samples 400"),
         _by_effort(45, 140, 220)),
    Item("connections", "Connections of a thousand objects", 1,
         _by_effort("--objects 50", "--objects 1000", "--objects 1000"), _by_effort(30, 55, 55)),
    Item("failover", "Masters lost under load", 1,
         _by_effort("--objects 6 --failovers 4", "--objects 20 --failovers 40", "--objects 20 --failovers 100"),
         _by_effort(40, 110, 240)),
    Item("handover", "A leader ends", 1,
         _by_effort("--rounds 1", "--rounds 2", "--rounds 5"), _by_effort(62, 88, 166)),
    Item("edges", "Five hundred schedules at one edge", 1,
         _by_effort("--objects 60 --rounds 1", "--objects 500 --rounds 1", "--objects 500 --rounds 4"),
         _by_effort(90, 110, 300), ("martlet", "martlet-lab")),
    Item("backlog", "Five hundred edges, one key, sixty calls a minute", 1,
         _by_effort("--objects 40 --rate 20", "--objects 500", "--objects 500"), _by_effort(330, 780, 780),
         ("martlet", "martlet-lab"), ("long",)),
    Item("client", "The Kubernetes client on its own", 1,
         _by_effort("--objects 500 --samples 10", "--objects 10000 --samples 100", "--objects 10000 --samples 400"),
         _by_effort(18, 45, 60), ("martlet-lab",)),
]
BY_NAME = {item.name: item for item in ITEMS}


def chosen(names: list[str] | None, effort: str) -> list[Item]:
    """The items that were named, else all of that effort."""
    return [BY_NAME[name] for name in names] if names else [item for item in ITEMS if effort in item.efforts]


# One pair of runs says nothing of two commits.
FEWEST_PAIRS = 3


def rounds(items: list[Item], runs: int | None, paired: bool = False) -> list[tuple[Item, int]]:
    """The order: everything once, then once more, so that a slow minute of the machine never meets one item alone.

    `runs` replaces each item's own number, but an item that is run once by itself stays at one unless it is alone, or
    `paired`: run for two commits.
    """
    wanted = {item.name: _times(item, runs, len(items) == 1, paired) for item in items}
    return [(item, number) for number in range(1, max(wanted.values()) + 1)
            for item in items if number <= wanted[item.name]]


def _times(item: Item, runs: int | None, alone: bool, paired: bool) -> int:
    if runs is None:
        return max(item.runs, FEWEST_PAIRS) if paired else item.runs
    return runs if item.runs > 1 or alone or paired else 1
