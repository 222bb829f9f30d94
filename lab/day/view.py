"""The days as they go by: a picture that redraws itself on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import time

from lab import terminal
from lab.day.bill import Terms
from lab.day.calendar import Day, utc
from lab.day.observer import Moment
from lab.terminal import BLUE, BOLD, DIM, GREEN, GREY, PLAIN, VIOLET, YELLOW, bar

# Real seconds between two lines.
EVERY = 5.0


class View:
    """`show()` as often as wanted; the last picture of each day is left standing."""

    def __init__(self, terms: Terms):
        self._terms = terms
        self._live = terminal.is_live()
        self._picture = terminal.Picture()
        self._said = 0.0
        self._day: Day | None = None
        self._history: list[Moment] = []
        # Of the days before.
        self._billed_before = self._sent_before = 0

    def show(self, day: Day, now: Moment, speed: int) -> None:
        if day is not self._day:
            self._billed_before = self._history[-1].billed if self._history else 0
            self._sent_before = self._history[-1].sent if self._history else 0
            self._day, self._history = day, []
            self._picture.leave()
            if self._live:
                print()
        self._history.append(now)
        if self._live:
            self._picture.draw(self._rows(day, now, speed))
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            print(f"{day.date:%a} {day.local(now.at)}  {self._state(day, now):9} workers {now.least}..{now.most}: "
                  f"{now.starting} starting {now.idle} idle {now.running} running  jobs {now.queued} queued "
                  f"{now.done - self._sent_before} done  {self._money(day, now)}", flush=True)

    def _state(self, day: Day, now: Moment) -> str:
        if day.is_holiday:
            return "holiday"
        if day.warms <= now.at < day.opens:
            return "pre-warm"
        if day.opens <= now.at < day.closes:
            return "open"
        return "draining" if now.at >= day.closes and now.most > 0 else "closed"

    def _money(self, day: Day, now: Moment) -> str:
        spent, always = self._spent(day, now)
        return f"${spent:.2f} of ${always:.2f} always on"

    def _spent(self, day: Day, now: Moment) -> tuple[float, float]:
        always = (now.at - day.begin) / 3600 * self._terms.least_workers * self._terms.hourly
        return (now.billed - self._billed_before) / 3600 * self._terms.hourly, always

    def _rows(self, day: Day, now: Moment, speed: int) -> list[str]:
        room = terminal.width() - 30
        colour = {"open": GREEN, "pre-warm": YELLOW, "draining": BLUE}.get(self._state(day, now), GREY)
        spent, always = self._spent(day, now)
        whole = day.hours * self._terms.least_workers * self._terms.hourly
        edges = ("closed all day" if day.is_holiday else
                 f"{day.local(day.opens)[:5]}–{day.local(day.closes)[:5]} = {utc(day.opens)}–{utc(day.closes)}")
        shown = _columns(self._history, day, room)
        return [
            f"{BOLD}{day.date:%A %d %B}  {day.local(now.at)}{PLAIN}  {colour}{BOLD}{self._state(day, now)}{PLAIN}",
            f"{DIM}{day.name}; {edges}; {speed}× as fast{PLAIN}", "",
            f"  {'':15}{_strip(day, room, now.at)}",
            _row("workers", GREY, [m.starting + m.idle + m.running for m in shown], 3),
            _row("running", GREEN, [m.running for m in shown], 3),
            _row("jobs waiting", BLUE, [m.queued for m in shown], max([3, *(m.queued for m in shown)])), "",
            f"  {'bounds, now':15}{VIOLET}{now.least}..{now.most}{PLAIN}   {GREEN}{'■ ' * now.running}{PLAIN}{'□ ' * now.idle}"
            f"{YELLOW}{'◌ ' * now.starting}{PLAIN}{GREY}{'· ' * now.throttled}{PLAIN}",
            f"  {'jobs':15}{now.queued} queued, {now.running} running, {now.done - self._sent_before} done",
            f"  {'billed':15}{bar(spent / whole, room - 24)} ${spent:6.2f}  {now.billed - self._billed_before} GPU-s",
            f"  {'always on':15}{bar(always / whole, room - 24, GREY)} ${always:6.2f}",
            f"{DIM}  ■ running  □ idle  ◌ starting  · throttled{PLAIN}",
        ]


def _columns(history: list[Moment], day: Day, room: int) -> list[Moment]:
    """The last look of each column's time, up to now."""
    last: dict[int, Moment] = {}
    for moment in history:
        last[int((moment.at - day.begin) / (day.end - day.begin) * room)] = moment
    shown, before = [], Moment(day.begin)
    for column in range(max(last) + 1):
        before = last.get(column, before)
        shown.append(before)
    return shown


def _strip(day: Day, room: int, now: float) -> str:
    """The day from midnight to midnight: closed, pre-warming, open, and where it is."""
    cells = []
    for column in range(room):
        at = day.begin + (column + 0.5) / room * (day.end - day.begin)
        after = at + (day.end - day.begin) / room
        if at <= now < after:
            cells.append(f"{BOLD}┃{PLAIN}")
        elif not day.is_holiday and day.opens <= at < day.closes:
            cells.append(f"{GREEN}▀{PLAIN}")
        elif not day.is_holiday and at < day.opens <= after:
            cells.append(f"{YELLOW}▀{PLAIN}")
        else:
            cells.append(f"{GREY}─{PLAIN}")
    return "".join(cells)


def _row(name: str, colour: str, history: list[int], high: int) -> str:
    return f"  {name:15}{colour}{terminal.heights(history, high)}{PLAIN}"
