"""The pictures of the results page: hand-made SVG on a card of its own, so that it reads on a light page and on a dark one."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 960, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 28, 92, 318
COLOURS = ("a", "b", "c")

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #57606a }
  .title { font-size: 20px; font-weight: 650; fill: #1f2328 } .small { font-size: 12px }
  .end { text-anchor: end } .middle { text-anchor: middle } .strong { fill: #1f2328; font-weight: 600 }
  .card { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #d8dee4; stroke-width: 1 } .axis { stroke: #8c959f }
  .mark { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 4 } .t-mark { fill: #cf222e; font-weight: 600 }
  .a { fill: none; stroke: #0969da; stroke-width: 2.5 } .t-a { fill: #0969da; font-weight: 600 }
  .b { fill: none; stroke: #8250df; stroke-width: 2.5 } .t-b { fill: #8250df; font-weight: 600 }
  .c { fill: none; stroke: #1a7f37; stroke-width: 2.5 } .t-c { fill: #1a7f37; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title, .strong { fill: #f0f6fc } .card { fill: #0d1117; stroke: #3d444d }
    .grid { stroke: #21262d } .axis { stroke: #656c76 } .mark { stroke: #f85149 } .t-mark { fill: #f85149 }
    .a { stroke: #4493f8 } .t-a { fill: #4493f8 } .b { stroke: #ab7df8 } .t-b { fill: #ab7df8 }
    .c { stroke: #3fb950 } .t-c { fill: #3fb950 }
  }
"""


def distribution(title: str, subtitle: str, curves: list[tuple[str, list[float]]], marks: list[tuple[float, str]]) -> str:
    """The share of samples that took at most so many milliseconds, on a logarithmic axis. `marks` are bounds."""
    values = [value for _, samples in curves for value in samples]
    ends = [*values, *(at for at, _ in marks)]
    low = 10 ** math.floor(math.log10(max(0.01, min(ends))))
    high = max(ends) * 1.3

    def x(value: float) -> float:
        share = (math.log10(max(value, low)) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    parts = _card(title, subtitle) + _levels([(share / 4, f"{share * 25} %") for share in range(5)])
    for value in _decades(low, high):
        parts.append(f'<line class="grid" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP}" y2="{BOTTOM}"/>')
        parts.append(_text(x(value), BOTTOM + 22, f"{value:g} ms", "small middle"))
    for at, label in marks:
        parts.append(f'<line class="mark" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{TOP}" y2="{BOTTOM}"/>')
        parts.append(_text(x(at) - 6, TOP + 14, label, "small t-mark end"))
    for colour, (_, samples) in zip(COLOURS, curves):
        ordered = sorted(samples)
        points = [(x(value), _y((number + 1) / len(ordered))) for number, value in enumerate(ordered)]
        parts.append(f'<path class="{colour}" d="{_staircase([(points[0][0], BOTTOM), *points], x(high))}"/>')
    return _document(title, parts + _legend([f"{name}, {len(samples)} samples" for name, samples in curves]))


def timeline(title: str, subtitle: str, curves: list[tuple[str, list[tuple[float, float]]]], high: float) -> str:
    """Steps over milliseconds. Each curve is (instant, value from then on)."""
    last = max(at for _, steps in curves for at, _ in steps) * 1.15 + 1

    def x(at: float) -> float:
        return LEFT + at / last * (WIDTH - LEFT - RIGHT)

    parts = _card(title, subtitle) + _levels([(share / 4, f"{high * share / 4:g}") for share in range(5)])
    step = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if last / step <= 12), 10_000)
    for number in range(int(last / step) + 1):
        at = x(number * step)
        parts.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{BOTTOM}" y2="{BOTTOM + 5}"/>')
        parts.append(_text(at, BOTTOM + 22, f"{number * step} ms", "small middle"))
    for colour, (_, steps) in zip(COLOURS, curves):
        points = [(x(at), _y(value / high)) for at, value in steps]
        parts.append(f'<path class="{colour}" d="{_staircase([(x(0), BOTTOM), *points], x(last))}"/>')
    return _document(title, parts + _legend([name for name, _ in curves]))


def _y(share: float) -> float:
    return BOTTOM - share * (BOTTOM - TOP)


def _staircase(points: list[tuple[float, float]], end: float) -> str:
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for at, height in points[1:]:
        path += f"H{at:.1f}V{height:.1f}"
    return path + f"H{end:.1f}"


def _decades(low: float, high: float) -> list[float]:
    found = [low * 10 ** power * digit for power in range(8) for digit in (1, 2, 5)]
    return [value for value in found if value <= high]


def _levels(levels: list[tuple[float, str]]) -> list[str]:
    parts = []
    for share, label in levels:
        kind = "axis" if share == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>')
        parts.append(_text(LEFT - 10, _y(share) + 4, label, "small end"))
    return parts


def _legend(names: list[str]) -> list[str]:
    spans = "".join(
        f'<tspan class="t-{colour}" dx="{18 if number else 0}">{escape(name)}</tspan>'
        for number, (colour, name) in enumerate(zip(COLOURS, names)))
    return [f'<text x="{LEFT}" y="{BOTTOM + 46}">{spans}</text>']


def _card(title: str, subtitle: str) -> list[str]:
    return [f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>',
            _text(28, 40, title, "title"), _text(28, 64, subtitle)]


def _document(title: str, parts: list[str]) -> str:
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'role="img" aria-label="{escape(title)}">', f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>"]
    return "\n".join([*head, *parts, "</svg>", ""])


def _text(x: float, y: float, words: str, style: str = "") -> str:
    attribute = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attribute}>{escape(words)}</text>'
