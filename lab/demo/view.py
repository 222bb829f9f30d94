"""The run as it happens: a picture that redraws itself on a terminal, one line a second anywhere else."""

from __future__ import annotations

import time

from lab import terminal
from lab.demo.observer import Moment
from lab.terminal import BLUE, BOLD, DIM, GREEN, GREY, PLAIN, VIOLET, bar


class View:
    """`show()` as often as wanted; `close()` leaves the last picture standing."""

    def __init__(self, jobs: int, most_workers: int):
        self._jobs, self._most = jobs, most_workers
        self._live = terminal.is_live()
        self._picture = terminal.Picture()
        self._said = 0.0

    def show(self, moments: list[Moment], first_push: float, reaction: float | None) -> None:
        if self._live:
            self._draw(moments, first_push, reaction)
        elif time.monotonic() - self._said >= 1:
            self._said = time.monotonic()
            now = moments[-1]
            print(
                f"{now.at - first_push:6.1f} s  tasks {now.waiting:3} + {now.in_flight:2}  wanted {now.desired:2}  "
                f"ready {now.ready:2}  busy {now.busy:2}  done {now.done:3}/{self._jobs}" + _reaction(reaction, "  "),
                flush=True)

    def _draw(self, moments: list[Moment], first_push: float, reaction: float | None) -> None:
        width = terminal.width()
        now = moments[-1]
        room = width - 30
        shown = moments[:: max(1, -(-len(moments) // room))][-room:]
        tasks = [moment.waiting + moment.in_flight for moment in shown]
        rows = [
            f"{BOLD}Martlet{PLAIN}  {DIM}{max(0.0, now.at - first_push):5.1f} s since the first LPUSH{PLAIN}"
            + (f"   {BOLD}{VIOLET}{_reaction(reaction)}{PLAIN}" if reaction is not None else ""), "",
            _row("tasks", BLUE, tasks[-1], max([20, *tasks]), tasks),
            _row("wanted", VIOLET, now.desired, self._most, [m.desired for m in shown]),
            _row("ready", GREY, now.ready, self._most, [m.ready for m in shown]),
            _row("busy", GREEN, now.busy, self._most, [m.busy for m in shown]), "",
            f"  {'workers':9}" + _squares(now, self._most),
            f"  {'jobs done':9}{bar(now.done / self._jobs, width - 24)} {now.done:3}/{self._jobs}", "",
            f"{DIM}  ■ busy  □ ready  · wanted, not there yet{PLAIN}",
        ]
        self._picture.draw(rows)

    def close(self) -> None:
        if self._live:
            print()


def _reaction(seconds: float | None, before: str = "") -> str:
    return "" if seconds is None else f"{before}LPUSH to PATCH {seconds * 1000:.1f} ms"


def _row(name: str, colour: str, now: int, high: int, history: list[int]) -> str:
    return f"  {name:9}{BOLD}{now:4}{PLAIN}  {colour}{terminal.heights(history, high)}{PLAIN}"


def _squares(now: Moment, most: int) -> str:
    busy = min(now.busy, most)
    ready = max(0, min(now.ready, most) - busy)
    wanted = max(0, now.desired - busy - ready)
    return f"{GREEN}{'■ ' * busy}{PLAIN}{'□ ' * ready}{GREY}{'· ' * wanted}{PLAIN}"
