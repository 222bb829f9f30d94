"""Parts of hand-made SVG: a card of its own with a title and facts, so that it reads on a light page and on a dark one."""

from __future__ import annotations

from xml.sax.saxutils import escape

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #57606a }
  .title { font-size: 20px; font-weight: 650; fill: #1f2328 } .strong { fill: #1f2328; font-weight: 600 }
  .small { font-size: 12px } .end { text-anchor: end } .middle { text-anchor: middle }
  .card { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #d8dee4; stroke-width: 1 } .axis { stroke: #8c959f }
  .mark { stroke: #8c959f; stroke-width: 1; stroke-dasharray: 3 4 }
  .queue { fill: #0969da; fill-opacity: .18; stroke: #0969da; stroke-width: 2 } .t-queue { fill: #0969da; font-weight: 600 }
  .desired { fill: none; stroke: #8250df; stroke-width: 2.5 } .t-desired { fill: #8250df; font-weight: 600 }
  .ready { fill: #8c959f; fill-opacity: .22; stroke: #8c959f; stroke-width: 1.5 } .t-ready { fill: #6e7781; font-weight: 600 }
  .busy { fill: #1a7f37; fill-opacity: .45; stroke: #1a7f37; stroke-width: 1.5 } .t-busy { fill: #1a7f37; font-weight: 600 }
  .dot { fill: #8250df; stroke: #ffffff; stroke-width: 2 }
  .window { fill: #1a7f37; fill-opacity: .08 } .early { fill: #bf8700; fill-opacity: .35 } .drain { fill: #0969da; fill-opacity: .3 }
  .gap { fill: #8c959f; fill-opacity: .3 } .saved { fill: #1a7f37; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title, .strong { fill: #f0f6fc } .card { fill: #0d1117; stroke: #3d444d }
    .grid { stroke: #21262d } .axis, .mark { stroke: #656c76 }
    .queue { fill: #4493f8; stroke: #4493f8 } .t-queue { fill: #4493f8 }
    .desired { stroke: #ab7df8 } .t-desired { fill: #ab7df8 } .dot { fill: #ab7df8; stroke: #0d1117 }
    .ready { fill: #9198a1; stroke: #9198a1 } .t-ready { fill: #9198a1 }
    .busy { fill: #3fb950; stroke: #3fb950 } .t-busy, .saved { fill: #3fb950 }
    .window { fill: #3fb950 } .early { fill: #d29922 } .drain { fill: #4493f8 }
  }
"""


def head(width: int, height: int, title: str, facts: list[str]) -> list[str]:
    """The document's beginning, up to the line of facts; the caller ends it."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
        f'<rect class="card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="10"/>',
        text(28, 42, title, "title"), text(28, 68, "  ·  ".join(facts)),
    ]


def text(x: float, y: float, words: str, style: str = "") -> str:
    attribute = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attribute}>{escape(words)}</text>'


def steps(points: list[tuple[float, float]], bottom: float, closed: bool) -> str:
    """A staircase through the points; points in the middle of a tread are left out."""
    kept = [point for before, point, after in zip([None, *points], points, [*points[1:], None])
            if before is None or after is None or not before[1] == point[1] == after[1]]
    path = f"M{kept[0][0]:.1f} {bottom if closed else kept[0][1]:.1f}" + (f"V{kept[0][1]:.1f}" if closed else "")
    for at, height in kept[1:]:
        path += f"H{at:.1f}V{height:.1f}"
    return path + (f"V{bottom:.1f}Z" if closed else "")


def round_up(value: int) -> int:
    """The top of an axis that is to reach `value`."""
    for step in (5, 10, 20, 50, 100, 200, 500, 1000):
        if value <= step * 5:
            return max(step, -(-value // step) * step)
    return value
