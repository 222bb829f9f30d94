"""Figures as people read them: medians with their range, and tables."""

from __future__ import annotations

import math


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values: list[float]) -> dict[str, float]:
    """Count, median, p99 and range."""
    if not values:
        return {"count": 0}
    return {
        "count": len(values), "min": min(values), "median": percentile(values, 0.5), "p99": percentile(values, 0.99),
        "max": max(values)}


def shown(value: object) -> str:
    """Three significant digits; whole numbers whole; an endless wait as what it is."""
    if value == math.inf:
        return "never"
    if isinstance(value, float):
        if value == 0 or abs(value) >= 100:
            return f"{value:,.0f}"
        return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def table(head: list[str], rows: list[list[object]]) -> str:
    """A Markdown table, padded so that it also reads well in a terminal."""
    cells = [head] + [[shown(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
