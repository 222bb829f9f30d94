"""The days as a picture: what ran, what waited and what was billed, from the ledger and the jobs' records."""

from __future__ import annotations

from datetime import datetime

from lab.day.bill import DayBook
from lab.day.calendar import Day, utc
from lab.drawing import head, steps, text

WIDTH = 960
LEFT, RIGHT = 64, 190
# Of one day.
TOP, HEIGHT, PITCH = 140, 84, 148


def draw(books: list[DayBook], created: int) -> str:
    """The SVG document; the days one below the other, on the clock of the wall."""
    bill, always = sum(book.bill for book in books), sum(book.always_on for book in books)
    sent = sum(len(book.jobs) for book in books)
    done = sum(job.is_done for book in books for job in book.jobs)
    facts = [f"${bill:.2f} instead of ${always:.2f} always on", f"{done} of {sent} jobs done",
             f"{created} endpoint ever created" if created == 1 else f"{created} endpoints created"]
    high = max([3, *(number for book in books for number in _levels([(l.begin, l.end) for l in book.lives]).values())])
    bottom = TOP + PITCH * (len(books) - 1) + HEIGHT
    parts = head(WIDTH, bottom + 66, "GPU capacity by the clock: a day at a time, drained and closed at its end", facts)
    parts += _legend()
    for number, book in enumerate(books):
        parts += _day(book, TOP + PITCH * number, high)
    return "\n".join([*parts, "</svg>", ""])


def _levels(spans: list[tuple[float, float | None]]) -> dict[float, int]:
    """How many spans hold, from each of their ends on."""
    changes: dict[float, int] = {}
    for begin, end in spans:
        changes[begin] = changes.get(begin, 0) + 1
        if end is not None:
            changes[end] = changes.get(end, 0) - 1
    levels, now = {}, 0
    for at in sorted(changes):
        now += changes[at]
        levels[at] = now
    return levels


def wall_hours(day: Day, instant: float) -> float:
    """What the clock on the wall shows, in hours since its midnight."""
    local = datetime.fromtimestamp(instant, day.zone)
    days = (local.date() - day.date).days
    return days * 24 + local.hour + local.minute / 60 + local.second / 3600


def _day(book: DayBook, top: float, high: int) -> list[str]:
    day, bottom = book.day, top + HEIGHT

    def x_of_hours(hours: float) -> float:
        return LEFT + min(24.0, hours) / 24 * (WIDTH - LEFT - RIGHT)

    def x(instant: float) -> float:
        return x_of_hours(wall_hours(day, instant))

    def band(begin: float, end: float, style: str) -> str:
        return (f'<rect class="{style}" x="{x(begin):.1f}" y="{top}" width="{max(1.0, x(end) - x(begin)):.1f}" '
                f'height="{HEIGHT}"/>')

    def curve(spans: list[tuple[float, float | None]], style: str) -> str:
        points = [(x(at), bottom - count / high * HEIGHT) for at, count in _levels(spans).items()]
        return f'<path class="{style}" d="{steps(points, bottom, True)}"/>' if points else ""

    parts = [f'<text x="{LEFT}" y="{top - 12}"><tspan class="strong">{day.date:%a %d %b %Y}</tspan>'
             f'<tspan dx="12">{day.name}</tspan></text>']
    parts += _gap(day, top, x_of_hours)
    if day.opens is not None:
        parts += [band(day.opens, day.closes, "window"), band(day.warms, day.opens, "early")]
        if book.closed is not None:
            parts.append(band(day.closes, book.closed, "drain"))
    for count in range(high + 1):
        y = bottom - count / high * HEIGHT
        style = "grid" if count else "axis"
        parts.append(f'<line class="{style}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(text(LEFT - 10, y + 4, str(count), "small end"))
    parts.append(curve([(life.begin, life.end) for life in book.lives], "ready"))
    # To the second: the next job of a worker may begin in the millisecond in which the last ended.
    busy = [(round(job.begin), max(round(job.begin), round(job.end) - 1)) for job in book.jobs if job.worker]
    parts.append(curve(busy, "busy"))
    for hour in range(0, 25, 3):
        parts.append(text(x_of_hours(hour), bottom + 18, f"{hour:02}:00", "small middle"))
    if day.opens is not None:
        parts += [
            text(x(day.warms) - 8, top + 16, f"opens {day.local(day.opens)[:5]} = {utc(day.opens)}", "small end"),
            text(x(book.closed or day.closes) + 8, top + 16, f"closes {day.local(day.closes)[:5]} = {utc(day.closes)}", "small")]
    else:
        parts.append(text((LEFT + WIDTH - RIGHT) / 2, top + HEIGHT / 2 + 4, "closed all day", "middle"))
    return parts + _bill(book, top)


def _gap(day: Day, top: float, x_of_hours) -> list[str]:
    """The hour that is skipped or comes twice."""
    if day.hours == 24:
        return []
    hours = int(next(hour for hour in range(24) if wall_hours(day, day.begin + hour * 3600) != hour))
    begin = hours if day.hours < 24 else hours - 1
    left, right = x_of_hours(begin), x_of_hours(begin + abs(24 - day.hours))
    word = "skipped" if day.hours < 24 else "twice"
    return [f'<rect class="gap" x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{HEIGHT}"/>',
            text((left + right) / 2, top + HEIGHT + 32, f"{begin:02}:00 {word}", "small middle")]


def _bill(book: DayBook, top: float) -> list[str]:
    left, room = WIDTH - RIGHT + 28, RIGHT - 56
    share = min(1.0, book.bill / book.always_on)
    return [
        text(left, top + 16, f"${book.bill:.2f}", "strong"), text(left + room, top + 16, f"of ${book.always_on:.2f}", "end"),
        f'<rect class="ready" x="{left}" y="{top + 26}" width="{room}" height="10"/>',
        f'<rect class="busy" x="{left}" y="{top + 26}" width="{room * share:.1f}" height="10"/>',
        text(left, top + 58, f"{book.saved:.0%} saved", "saved"),
        text(left, top + 78, f"{book.billed} s billed" if book.billed else "nothing billed", "small"),
    ]


def _legend() -> list[str]:
    words = [("workers", "strong"), ("billed", "t-ready"), ("at work", "t-busy")]
    spans = "".join(f'<tspan class="{style}" dx="14">{word}</tspan>' for word, style in words)
    marks = [("early", "pre-warm"), ("window", "window"), ("drain", "drain")]
    parts = [f'<text x="{LEFT - 14}" y="100">{spans}</text>']
    for number, (style, word) in enumerate(marks):
        left = LEFT + 240 + number * 100
        parts += [f'<rect class="{style}" x="{left}" y="90" width="12" height="12"/>', text(left + 18, 100, word, "small")]
    return parts
