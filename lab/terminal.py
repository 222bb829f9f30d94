"""A picture on a terminal that redraws itself in place, and lines with the time for what else is to be told."""

from __future__ import annotations

import os
import shutil
import sys
import time

BARS = " ▁▂▃▄▅▆▇█"
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
BLUE, VIOLET, GREEN, YELLOW, GREY = "\x1b[34m", "\x1b[35m", "\x1b[32m", "\x1b[33m", "\x1b[90m"


def is_live() -> bool:
    """Whether standard output can be redrawn."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def width() -> int:
    return min(shutil.get_terminal_size().columns, 110)


class Picture:
    """Rows that take the place of the rows before, as many of them each time."""

    def __init__(self):
        self._drawn = 0

    def draw(self, rows: list[str]) -> None:
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        sys.stdout.write(up + "".join(f"\x1b[2K{row}\n" for row in rows))
        sys.stdout.flush()
        self._drawn = len(rows)

    def leave(self) -> None:
        """The next one is drawn below."""
        self._drawn = 0


def heights(values: list[int], high: int) -> str:
    """A character a value; zero is a blank, anything more is seen."""
    return "".join(BARS[min(8, -(-value * 8 // high)) if value else 0] for value in values)


def bar(share: float, width: int, colour: str = GREEN) -> str:
    full = max(0, min(width, int(share * width)))
    return f"{colour}{'━' * full}{PLAIN}{GREY}{'─' * (width - full)}{PLAIN}"


class Progress:
    """Lines with the time since the start, on standard error."""

    def __init__(self):
        self._begun = time.monotonic()

    def __call__(self, text: str) -> None:
        seconds = int(time.monotonic() - self._begun)
        print(f"[{seconds // 60:3}:{seconds % 60:02}] {text}", file=sys.stderr, flush=True)
