"""The judge of schedules itself, on days whose answer is plain."""

import unittest
from datetime import datetime
from zoneinfo import ZoneInfo

from lab.schedule_year import changes

NEW_YORK = ZoneInfo("America/New_York")


def day(year: int, month: int, number: int) -> int:
    return int(datetime(year, month, number, tzinfo=NEW_YORK).timestamp())


class ScheduleYear(unittest.TestCase):
    def diary(self, begin: int, end: int, window: dict, **more: object) -> list[str]:
        spec = {"timeZone": "America/New_York", "windows": [{"name": "a", **window}], **more}
        return [f"{datetime.fromtimestamp(time, NEW_YORK):%H:%M%z} {','.join(names)}"
                for time, names in changes(spec, begin, end)[1:]]

    def test_a_friday_start_with_a_daily_end_closes_on_friday(self) -> None:
        window = {"start": "0 8 * * fri", "end": "0 17 * * *"}
        self.assertEqual(self.diary(day(2026, 11, 19), day(2026, 11, 23), window), ["08:00-0500 a", "17:00-0500 "])

    def test_a_window_in_the_gap_does_not_open_and_one_over_its_end_opens_there(self) -> None:
        march = day(2026, 3, 8), day(2026, 3, 9)
        self.assertEqual(self.diary(*march, {"start": "10 2 * * *", "end": "50 2 * * *"}), [])
        self.assertEqual(
            self.diary(*march, {"start": "30 2 * * *", "end": "30 3 * * *"}), ["03:00-0400 a", "03:30-0400 "])

    def test_a_time_that_occurs_twice_counts_the_first_time(self) -> None:
        window = {"start": "15 1 * * *", "end": "45 1 * * *"}
        self.assertEqual(self.diary(day(2026, 11, 1), day(2026, 11, 2), window), ["01:15-0400 a", "01:45-0400 "])

    def test_a_closed_day_cuts_a_window_over_midnight(self) -> None:
        window = {"days": ["Thu"], "from": "22:00", "to": "06:00"}
        closed = [{"name": "x", "from": "2026-11-20", "state": "Closed"}]
        self.assertEqual(
            self.diary(day(2026, 11, 19), day(2026, 11, 21), window, exceptions=closed),
            ["22:00-0500 a", "00:00-0500 Closed: x"])


if __name__ == "__main__":
    unittest.main()
