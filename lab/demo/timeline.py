"""The run as a picture: hand-made SVG on a card of its own, so that it reads on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lab.demo.observer import Moment

WIDTH, HEIGHT = 960, 560
LEFT, RIGHT = 64, 28
QUEUE_TOP, QUEUE_BOTTOM = 132, 262
WORKERS_TOP, WORKERS_BOTTOM = 322, 492

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
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title, .strong { fill: #f0f6fc } .card { fill: #0d1117; stroke: #3d444d }
    .grid { stroke: #21262d } .axis, .mark { stroke: #656c76 }
    .queue { fill: #4493f8; stroke: #4493f8 } .t-queue { fill: #4493f8 }
    .desired { stroke: #ab7df8 } .t-desired { fill: #ab7df8 } .dot { fill: #ab7df8; stroke: #0d1117 }
    .ready { fill: #9198a1; stroke: #9198a1 } .t-ready { fill: #9198a1 }
    .busy { fill: #3fb950; stroke: #3fb950 } .t-busy { fill: #3fb950 }
  }
"""


@dataclass(frozen=True)
class Story:
    """What the picture tells beside the curves. Instants are Unix seconds."""

    title: str
    facts: list[str]
    first_push: float
    first_write: float
    last_done: float
    back_at_zero: float


def draw(moments: list[Moment], story: Story) -> str:
    """The SVG document. `moments` are drawn from a second before the first push to a second after the end."""
    start, end = story.first_push - 1.0, max(story.back_at_zero, moments[-1].at) + 0.5
    shown = [moment for moment in moments if start <= moment.at <= end]

    def x(at: float) -> float:
        return LEFT + (at - start) / (end - start) * (WIDTH - LEFT - RIGHT)

    queue_high = _round_up(max(moment.waiting + moment.in_flight for moment in shown))
    worker_high = _round_up(max(max(moment.desired, moment.ready) for moment in shown))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(story.title)}">',
        f"<title>{escape(story.title)}</title>", f"<style>{STYLE}</style>",
        f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>',
        _text(28, 42, story.title, "title"), _text(28, 68, "  ·  ".join(story.facts)),
    ]
    parts += _panel("tasks", QUEUE_TOP, QUEUE_BOTTOM, queue_high)
    parts += _panel("workers", WORKERS_TOP, WORKERS_BOTTOM, worker_high)
    parts += _seconds(x, story.first_push, end)

    def curve(value: Callable[[Moment], int], top: int, bottom: int, high: int, closed: bool) -> str:
        return _steps([(x(m.at), bottom - value(m) / high * (bottom - top)) for m in shown], bottom, closed)

    queue = curve(lambda m: m.waiting + m.in_flight, QUEUE_TOP, QUEUE_BOTTOM, queue_high, True)
    parts.append(f'<path class="queue" d="{queue}"/>')
    for name in ("ready", "busy", "desired"):
        line = curve(
            lambda m, name=name: getattr(m, name), WORKERS_TOP, WORKERS_BOTTOM, worker_high, name != "desired")
        parts.append(f'<path class="{name}" d="{line}"/>')
    parts += _legend(x(story.first_write) + 8)
    parts += _marks(x, story)
    return "\n".join([*parts, "</svg>", ""])


def _steps(points: list[tuple[float, float]], bottom: float, closed: bool) -> str:
    """A staircase through the points; points in the middle of a tread are left out."""
    kept = [point for before, point, after in zip([None, *points], points, [*points[1:], None])
            if before is None or after is None or not before[1] == point[1] == after[1]]
    path = f"M{kept[0][0]:.1f} {bottom if closed else kept[0][1]:.1f}" + (f"V{kept[0][1]:.1f}" if closed else "")
    for at, height in kept[1:]:
        path += f"H{at:.1f}V{height:.1f}"
    return path + (f"V{bottom:.1f}Z" if closed else "")


def _round_up(value: int) -> int:
    for step in (5, 10, 20, 50, 100, 200, 500, 1000):
        if value <= step * 5:
            return max(step, -(-value // step) * step)
    return value


def _panel(name: str, top: int, bottom: int, high: int) -> list[str]:
    parts = []
    for share in (0, 0.5, 1):
        y = bottom - share * (bottom - top)
        parts.append(f'<line class="{"axis" if share == 0 else "grid"}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(_text(LEFT - 10, y + 4, f"{high * share:g}", "small end"))
    return parts


def _seconds(x: Callable[[float], float], zero: float, end: float) -> list[str]:
    step = next(step for step in (1, 2, 5, 10, 30, 60, 300) if (end - zero) / step <= 12)
    parts = []
    for number in range(int((end - zero) / step) + 1):
        at = x(zero + number * step)
        parts.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{WORKERS_BOTTOM}" y2="{WORKERS_BOTTOM + 5}"/>')
        parts.append(_text(at, WORKERS_BOTTOM + 22, f"{number * step} s", "small middle"))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 20, "seconds since the first LPUSH", "small end"))
    return parts


def _legend(left: float) -> list[str]:
    words = [("wanted", "t-desired"), ("ready", "t-ready"), ("busy", "t-busy")]
    spans = "".join(f'<tspan class="{style}" dx="14">{word}</tspan>' for word, style in words)
    return [
        f'<text x="{left:.1f}" y="{QUEUE_TOP - 12}"><tspan class="t-queue">tasks</tspan>'
        '<tspan dx="8">waiting and in flight</tspan></text>',
        f'<text x="{left:.1f}" y="{WORKERS_TOP - 12}"><tspan class="strong">workers</tspan>{spans}</text>',
    ]


def _marks(x: Callable[[float], float], story: Story) -> list[str]:
    first, done, zero = x(story.first_write), x(story.last_done), x(story.back_at_zero)
    reaction = (story.first_write - story.first_push) * 1000
    label = QUEUE_TOP - 36
    crowded = zero - done < 120
    at_edge = zero > WIDTH - 80
    return [
        _line(first), _line(done), _line(zero),
        _text(first + 8, label, f"first write after {reaction:.1f} ms", "strong"),
        _text(done - 8 if crowded else done, label, "last job done", "strong " + ("end" if crowded else "middle")),
        _text(min(zero, WIDTH - RIGHT), label, "back at 0", "strong " + ("end" if at_edge else "middle")),
        f'<circle class="dot" cx="{first:.1f}" cy="{WORKERS_BOTTOM}" r="5"/>',
    ]


def _line(at: float) -> str:
    return f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{QUEUE_TOP - 28}" y2="{WORKERS_BOTTOM}"/>'


def _text(x: float, y: float, words: str, style: str = "") -> str:
    attribute = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attribute}>{escape(words)}</text>'
