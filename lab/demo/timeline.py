"""The run as a picture: hand-made SVG on a card of its own, so that it reads on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.demo.observer import Moment
from lab.drawing import head, round_up, steps, text

WIDTH, HEIGHT = 960, 560
LEFT, RIGHT = 64, 28
QUEUE_TOP, QUEUE_BOTTOM = 132, 262
WORKERS_TOP, WORKERS_BOTTOM = 322, 492


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

    queue_high = round_up(max(moment.waiting + moment.in_flight for moment in shown))
    worker_high = round_up(max(max(moment.desired, moment.ready) for moment in shown))
    parts = head(WIDTH, HEIGHT, story.title, story.facts)
    parts += _panel("tasks", QUEUE_TOP, QUEUE_BOTTOM, queue_high)
    parts += _panel("workers", WORKERS_TOP, WORKERS_BOTTOM, worker_high)
    parts += _seconds(x, story.first_push, end)

    def curve(value: Callable[[Moment], int], top: int, bottom: int, high: int, closed: bool) -> str:
        return steps([(x(m.at), bottom - value(m) / high * (bottom - top)) for m in shown], bottom, closed)

    queue = curve(lambda m: m.waiting + m.in_flight, QUEUE_TOP, QUEUE_BOTTOM, queue_high, True)
    parts.append(f'<path class="queue" d="{queue}"/>')
    for name in ("ready", "busy", "desired"):
        line = curve(
            lambda m, name=name: getattr(m, name), WORKERS_TOP, WORKERS_BOTTOM, worker_high, name != "desired")
        parts.append(f'<path class="{name}" d="{line}"/>')
    parts += _legend(x(story.first_write) + 8)
    parts += _marks(x, story)
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, top: int, bottom: int, high: int) -> list[str]:
    parts = []
    for share in (0, 0.5, 1):
        y = bottom - share * (bottom - top)
        parts.append(f'<line class="{"axis" if share == 0 else "grid"}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(text(LEFT - 10, y + 4, f"{high * share:g}", "small end"))
    return parts


def _seconds(x: Callable[[float], float], zero: float, end: float) -> list[str]:
    step = next(step for step in (1, 2, 5, 10, 30, 60, 300) if (end - zero) / step <= 12)
    parts = []
    for number in range(int((end - zero) / step) + 1):
        at = x(zero + number * step)
        parts.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{WORKERS_BOTTOM}" y2="{WORKERS_BOTTOM + 5}"/>')
        parts.append(text(at, WORKERS_BOTTOM + 22, f"{number * step} s", "small middle"))
    parts.append(text(WIDTH - RIGHT, HEIGHT - 20, "seconds since the first LPUSH", "small end"))
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
        text(first + 8, label, f"first write after {reaction:.1f} ms", "strong"),
        text(done - 8 if crowded else done, label, "last job done", "strong " + ("end" if crowded else "middle")),
        text(min(zero, WIDTH - RIGHT), label, "back at 0", "strong " + ("end" if at_edge else "middle")),
        f'<circle class="dot" cx="{first:.1f}" cy="{WORKERS_BOTTOM}" r="5"/>',
    ]


def _line(at: float) -> str:
    return f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{QUEUE_TOP - 28}" y2="{WORKERS_BOTTOM}"/>'
