"""The days that are played, and what the clock says of their edges: worked out with `zoneinfo`, not with Martlet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

# What samples/schedule/office-hours.yaml says.
ZONE = "Europe/Berlin"
FROM, TO = clock_time(8), clock_time(17)
PRE_WARM = 300


@dataclass(frozen=True)
class Day:
    """A local day. Instants are Unix seconds; a holiday has no edges."""

    name: str
    date: date
    zone: ZoneInfo
    is_holiday: bool = False

    def _at(self, local: clock_time, days: int = 0) -> float:
        return datetime.combine(self.date + timedelta(days), local, self.zone).timestamp()

    @property
    def begin(self) -> float:
        return self._at(clock_time())

    @property
    def end(self) -> float:
        return self._at(clock_time(), 1)

    @property
    def hours(self) -> float:
        """23 or 25 where the clocks change."""
        return (self.end - self.begin) / 3600

    @property
    def opens(self) -> float | None:
        """When the window begins; the pre-warming does that much earlier."""
        return None if self.is_holiday else self._at(FROM)

    @property
    def warms(self) -> float | None:
        return None if self.is_holiday else self._at(FROM) - PRE_WARM

    @property
    def closes(self) -> float | None:
        return None if self.is_holiday else self._at(TO)

    def local(self, instant: float) -> str:
        """The clock on the wall, to the second."""
        return f"{datetime.fromtimestamp(instant, self.zone):%H:%M:%S}"


def utc(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, ZoneInfo('UTC')):%H:%MZ}"


def next_change(zone: ZoneInfo, after: date) -> tuple[date, timedelta]:
    """The next local day on which the clocks change, and by how much. Raises ValueError in a zone where they never do."""
    for number in range(1, 400):
        day = after + timedelta(number)
        before, behind = (datetime.combine(day + timedelta(n), clock_time(), zone).utcoffset() for n in (0, 1))
        if before != behind:
            return day, behind - before
    raise ValueError(f"the clocks of {zone} don't change")


def three_days(today: date, zone: ZoneInfo = ZoneInfo(ZONE)) -> list[Day]:
    """The day before the clocks change next, the day itself, and a holiday after it: in a row, nothing is left out."""
    change, shift = next_change(zone, today + timedelta(1))
    direction = "forward" if shift > timedelta() else "back"
    one = timedelta(1)
    return [
        Day("an ordinary day", change - one, zone), Day(f"the clocks go {direction}", change, zone),
        Day("a holiday", change + one, zone, is_holiday=True),
    ]
