"""What many runs say together: medians with their ranges, whether bounds were met, and ratios of two sides."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from lab.figures import percentile

# Figures in these units cost time or money, unless they say otherwise: more is worse. Others count, or describe the load.
COMPARED_UNITS = ("ms", "s", "µs", "MiB", "% of a core")
# Below these a ratio compares noise with noise.
SMALLEST = {"ms": 0.5, "s": 0.01, "µs": 1, "MiB": 1, "% of a core": 0.2}


@dataclass
class Line:
    """One figure over all runs of one side."""

    name: str
    unit: str
    values: list
    bound: float | None
    # Over the samples of all runs together, where they were kept; else the median of the runs.
    value: object

    @property
    def is_number(self) -> bool:
        return all(isinstance(value, (int, float)) for value in self.values)

    @property
    def range(self) -> tuple | None:
        """The smallest and the largest of the runs, where there were several and they differ."""
        if not self.is_number or len(self.values) < 2 or min(self.values) == max(self.values):
            return None
        return min(self.values), max(self.values)

    @property
    def met(self) -> bool | None:
        """Every run within the bound; with samples of all runs together, these."""
        if self.bound is None:
            return None
        judged = [self.value] if self.value not in self.values else self.values
        return all(isinstance(value, (int, float)) and value <= self.bound for value in judged)


@dataclass
class Ratio:
    """This tree's figure over the other side's, pair by pair of runs."""

    item: str
    name: str
    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def is_regression(self, threshold: float) -> bool:
        """Worse than the threshold in the middle, and worse at all in every pair; of four or more, in all but one."""
        worse, pairs = sum(value > 1 for value in self.values), len(self.values)
        return self.median > threshold and worse >= (pairs if pairs < 4 else pairs - 1)


def load(paths: list[Path]) -> dict:
    """One result of several files. What a later file has an item of replaces that item of the earlier ones."""
    merged: dict | None = None
    for path in paths:
        result = json.loads(path.read_text())
        for run in result["runs"]:
            run.setdefault("about", result["about"])
        if merged is None:
            merged = result
            continue
        replaced = {run["item"] for run in result["runs"]}
        merged["runs"] = [run for run in merged["runs"] if run["item"] not in replaced] + result["runs"]
    return merged


def finished(result: dict, item: str, side: str) -> list[dict]:
    return [run for run in result["runs"] if run["item"] == item and run["side"] == side and not run.get("failed")]


def failures(result: dict, item: str, side: str) -> list[str]:
    return [run["failed"] for run in result["runs"] if run["item"] == item and run["side"] == side and run.get("failed")]


def lines(result: dict, item: str, side: str) -> list[Line]:
    """Every figure of an item, in the order of its first run."""
    runs = finished(result, item, side)
    names = list(dict.fromkeys(figure["name"] for run in runs for figure in run["figures"]))
    found = []
    for name in names:
        figures = [(run, figure) for run in runs for figure in run["figures"] if figure["name"] == name]
        # What never happened was written as null.
        values = [float("inf") if figure["value"] is None else figure["value"] for _, figure in figures]
        first = figures[0][1]
        found.append(Line(name, first["unit"], values, first["bound"], _together(figures, values)))
    return found


def _together(figures: list[tuple[dict, dict]], values: list) -> object:
    share, pooled = figures[0][1].get("share"), figures[0][1].get("pool")
    if pooled and share is not None and len(figures) > 1:
        samples = [sample for run, _ in figures for sample in run["detail"].get(pooled, [])]
        if samples:
            return percentile(samples, share)
    if all(isinstance(value, (int, float)) for value in values):
        return percentile(values, 0.5)
    return "; ".join(dict.fromkeys(part for value in values for part in str(value).split("; ")))


def ratios(result: dict) -> list[Ratio]:
    """This tree over the other, for each figure that costs something and that both sides have."""
    if len(result["sides"]) < 2:
        return []
    ours, theirs = result["sides"]
    found = []
    for item in dict.fromkeys(run["item"] for run in result["runs"]):
        pairs = list(zip(finished(result, item, ours), finished(result, item, theirs)))
        names = dict.fromkeys(
            figure["name"] for pair in pairs for figure in pair[0]["figures"]
            if figure["unit"] in COMPARED_UNITS and figure.get("cost", True))
        for name in names:
            values = [ratio for pair in pairs if (ratio := _ratio(name, *pair)) is not None]
            if values:
                found.append(Ratio(item, name, values))
    return found


def _ratio(name: str, ours: dict, theirs: dict) -> float | None:
    both = [next((figure for figure in run["figures"] if figure["name"] == name), None) for run in (ours, theirs)]
    values = [figure["value"] if figure else None for figure in both]
    if any(not isinstance(value, (int, float)) for value in values):
        return None
    smallest = SMALLEST[both[0]["unit"]]
    return max(values[0], smallest) / max(values[1], smallest) if max(values) > smallest else None
