"""What a GPUSchedule says at every minute of a year, worked out without Martlet: a judge of its calendar.

Reads `{"from": epoch, "to": epoch, "spec": {...}}` a line and prints, a line each, the changes of what is open as
`[[epoch, [names]], ...]`. Everything is enumerated minute by minute with Python's `datetime` and `zoneinfo`; nothing is
clever, and nothing is taken from the code that it judges.
"""

from __future__ import annotations

import bisect
import json
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# Windows that began before the year may reach into it, and those of its last days end after it.
MARGIN = timedelta(days=70)


def number(text: str, names: list[str], first: int) -> int:
    return names.index(text.lower()) + first if text.lower() in names else int(text)


def field(text: str, low: int, high: int, names: list[str] = [], first: int = 0) -> set[int]:
    chosen: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        if span == "*":
            begin, end = low, high
        elif "-" in span:
            begin, end = (number(part, names, first) for part in span.split("-"))
        else:
            begin = end = number(span, names, first)
        chosen |= set(range(begin, end + 1, int(step or 1)))
    return chosen


class Cron:
    """Five fields of crontab(5)."""

    def __init__(self, text: str) -> None:
        minute, hour, day, month, weekday = text.split()
        self.minutes = sorted(field(minute, 0, 59))
        self.hours = sorted(field(hour, 0, 23))
        self.days = field(day, 1, 31)
        self.months = field(month, 1, 12, MONTHS, 1)
        self.weekdays = {number % 7 for number in field(weekday, 0, 7, DAYS, 0)}
        self.either = not day.startswith("*") and not weekday.startswith("*")

    def is_on(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (of_month or of_week if self.either else of_month and of_week)

    def times(self, begin: datetime, end: datetime) -> list[datetime]:
        """Every local minute that matches, in order."""
        found, day = [], begin.date()
        while day <= end.date():
            if self.is_on(day):
                found += [datetime(day.year, day.month, day.day, hour, minute)
                          for hour in self.hours for minute in self.minutes]
            day += timedelta(days=1)
        return found


def instant(local: datetime, zone: ZoneInfo) -> int:
    """UTC of a wall clock's time: the first of two, or the first minute after a gap."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return int(moment.timestamp())
    moment -= timedelta(hours=26)
    while moment.astimezone(zone).replace(tzinfo=None) < local:
        moment += timedelta(minutes=1)
    return int(moment.timestamp())


def crons(window: dict) -> tuple[Cron, Cron]:
    if "start" in window:
        return Cron(window["start"]), Cron(window["end"])
    days = ",".join(window["days"])
    (hour, minute), (last_hour, last_minute) = (map(int, window[key].split(":")) for key in ("from", "to"))
    return Cron(f"{minute} {hour} * * {days}"), Cron(f"{last_minute} {last_hour} * * *")


def changes(spec: dict, begin: int, end: int) -> list[tuple[int, list[str]]]:
    zone = ZoneInfo(spec["timeZone"])
    minutes = range(begin, end, 60)
    # For each minute the windows that are open, a bit each.
    opened = [0] * len(minutes)
    local_begin = datetime.fromtimestamp(begin, timezone.utc).replace(tzinfo=None) - MARGIN
    local_end = datetime.fromtimestamp(end, timezone.utc).replace(tzinfo=None) + MARGIN
    for bit, window in enumerate(spec.get("windows", [])):
        start, stop = crons(window)
        stops = stop.times(local_begin, local_end)
        for opening in start.times(local_begin, local_end):
            place = bisect.bisect_right(stops, opening)
            if place == len(stops):
                continue
            opens, closes = instant(opening, zone), instant(stops[place], zone)
            if closes <= opens:
                continue
            first = max(0, (opens - spec.get("preWarmSeconds", 0) - begin) // 60)
            for index in range(first, min(len(opened), (closes - begin) // 60)):
                opened[index] |= 1 << bit
    exceptions = [(date.fromisoformat(each["from"]), date.fromisoformat(each.get("to", each["from"])), each)
                  for each in spec.get("exceptions", [])]
    result: list[tuple[int, list[str]]] = []
    before: object = None
    for minute, bits in zip(minutes, opened):
        today = datetime.fromtimestamp(minute, zone).date() if exceptions else None
        if (today, bits) == before:
            continue
        before = today, bits
        holding = [each for first, last, each in exceptions if first <= today <= last]
        if any(each["state"] == "Closed" for each in holding):
            now = ["Closed: " + each["name"] for each in holding if each["state"] == "Closed"]
        else:
            now = [each["name"] for bit, each in enumerate(spec.get("windows", [])) if bits >> bit & 1]
            now += [each["name"] for each in holding]
        if not result or result[-1][1] != sorted(now):
            result.append((minute, sorted(now)))
    return result


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(changes(task["spec"], task["from"], task["to"])), flush=True)


if __name__ == "__main__":
    main()
