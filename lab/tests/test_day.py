"""The days of `scripts/demo --schedule`: their edges, their bill, the verdict and the picture."""

import unittest
import xml.dom.minidom
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from lab.day import calendar, plan, play, verdict
from lab.day.bill import Call, DayBook, Job, Life, Terms, books
from lab.day.calendar import Day, three_days, utc
from lab.day.picture import draw, wall_hours
from lab.day.replay import Scaling, billed_seconds
from lab.day.stage import SAMPLE_HOLIDAY, DayStage

SCALING = Scaling(least=1, most=3, delay=4, pull=45, load=15, idle=60)
TERMS = Terms(SCALING, drain=600, hourly=1.2)
ORDINARY, CHANGE, HOLIDAY = three_days(date(2026, 11, 21))


def job(identity, sent, begin, end, worker="base", **more):
    return Job(identity, sent, more.pop("status", "COMPLETED"), worker, begin, end, **more)


def good_book(day=ORDINARY):
    """A worker from the pre-warming on, relieved at noon by another, and a job that ends after the closing edge."""
    noon, close = day.opens + 4 * 3600, day.closes
    jobs = [job("1", noon, noon, noon + 1800), job("2", noon, noon + 64, noon + 1864, "more"),
            job("3", close - 60, close - 60, close + 90)]
    lives = [Life("base", day.warms + 45.2, noon + 1860, 4 * 3600 + 300 + 1860 - 45),
             Life("more", noon + 49, close + 110, 5 * 3600 - 49 + 110)]
    calls = [Call("createEndpoint", day.warms + 0.2), Call("updateEndpoint", close + 0.3),
             Call("updateEndpoint", close + 110)]
    return DayBook(day, TERMS, lives, jobs, calls)


class CalendarTests(unittest.TestCase):
    def test_in_spring_the_same_local_hours_are_an_hour_earlier_in_utc(self):
        self.assertEqual((ORDINARY.date, CHANGE.date), (date(2027, 3, 27), date(2027, 3, 28)))
        self.assertEqual((utc(ORDINARY.opens), utc(ORDINARY.closes)), ("07:00Z", "16:00Z"))
        self.assertEqual((utc(CHANGE.opens), utc(CHANGE.closes)), ("06:00Z", "15:00Z"))
        self.assertEqual((ORDINARY.hours, CHANGE.hours), (24, 23))
        self.assertEqual(ORDINARY.local(ORDINARY.warms), "07:55:00")

    def test_in_autumn_they_are_an_hour_later(self):
        before, change, _ = three_days(date(2027, 5, 1))
        self.assertEqual((utc(before.opens), utc(change.opens)), ("06:00Z", "07:00Z"))
        self.assertEqual((change.name, change.hours), ("the clocks go back", 25))

    def test_the_days_follow_one_another(self):
        for today in (date(2026, 11, 21), date(2027, 3, 26), date(2027, 3, 28), date(2027, 7, 1)):
            first, second, third = three_days(today)
            self.assertEqual((first.end, second.end), (second.begin, third.begin))
            self.assertGreater(first.date, today)
            self.assertIsNone(third.opens)

    def test_a_zone_whose_clocks_never_change_has_no_such_days(self):
        with self.assertRaises(ValueError):
            calendar.next_change(ZoneInfo("Asia/Seoul"), date(2027, 1, 1))

    def test_the_sample_says_what_is_calculated_with(self):
        text = (DayStage.samples / "office-hours.yaml").read_text()
        for part in (f"timeZone: {calendar.ZONE}", f'from: "{calendar.FROM:%H:%M}", to: "{calendar.TO:%H:%M}"',
                     f"preWarmSeconds: {calendar.PRE_WARM}", SAMPLE_HOLIDAY):
            self.assertIn(part, text)


class PlanTests(unittest.TestCase):
    def test_the_same_day_has_the_same_jobs_all_of_them_within_the_window(self):
        orders = plan.orders(ORDINARY)
        self.assertEqual(orders, plan.orders(ORDINARY))
        self.assertEqual(len(orders), plan.JOBS + plan.LATE)
        self.assertTrue(all(ORDINARY.opens < order.at < ORDINARY.closes for order in orders))
        self.assertEqual(plan.orders(HOLIDAY), [])

    def test_the_last_jobs_are_over_within_the_drain_and_not_before_the_edge(self):
        for day in (ORDINARY, CHANGE, *three_days(date(2027, 5, 1))[:2]):
            jobs = [(order.at, order.seconds) for order in plan.orders(day)]

            def billed(disabled):
                return billed_seconds(play.SCALING, jobs, day.warms, day.closes, disabled)

            end = day.closes + play.DRAIN
            self.assertEqual(billed(end), billed(float("inf")))
            self.assertGreater(billed(end), billed(day.closes))
            self.assertGreater(billed(end), 9 * 3600 + 4000, "more than one worker at times")

    def test_time_goes_slowly_at_the_edges_and_every_pace_ends_before_the_next_edge(self):
        days, now, seen = [ORDINARY, CHANGE, HOLIDAY], ORDINARY.begin - 100, {}
        while now < HOLIDAY.end:
            speed, until = plan.pace(now, days, False)
            self.assertGreater(until, now)
            until = min(until, HOLIDAY.end)
            for edge in (ORDINARY.warms, ORDINARY.closes, CHANGE.warms, CHANGE.closes):
                if now <= edge < until:
                    self.assertEqual(speed, plan.AT_AN_EDGE)
            seen[speed] = seen.get(speed, 0) + until - now
            now = until
        self.assertGreater(seen[plan.CLOSED], 40 * 3600)
        self.assertEqual(seen[plan.AT_AN_EDGE], 4 * (plan.BEFORE + plan.BEHIND))

    def test_a_drain_is_played_more_slowly_than_the_night(self):
        self.assertEqual(plan.pace(ORDINARY.closes + 100, [ORDINARY], True)[0], plan.DRAINING)
        self.assertEqual(plan.pace(ORDINARY.closes + 100, [ORDINARY], False)[0], plan.CLOSED)


class ReplayTests(unittest.TestCase):
    # An hour from 1000 on; its pre-pull is not billed.
    OPENS, CLOSES, BASE = 1000, 4600, 3600 - 45

    def billed(self, jobs, disabled=4700):
        return billed_seconds(SCALING, jobs, self.OPENS, self.CLOSES, disabled)

    def test_without_jobs_it_is_the_time_between_the_edges_less_the_pull(self):
        self.assertEqual(self.billed([]), self.BASE)

    def test_a_job_that_finds_an_idle_worker_costs_nothing_more(self):
        self.assertEqual(self.billed([(2000, 300), (2400, 300)]), self.BASE)

    def test_a_job_that_waits_brings_a_worker_which_stays_for_its_idle_timeout(self):
        # Asked for at 2014, billed from 2059, loaded at 2074, works to 2374. The first one idles since 2300, to 2360, when
        # it is surplus and goes; so the second stays as the least one.
        self.assertEqual(self.billed([(2000, 300), (2010, 300)]), self.BASE + (2360 - 2059))

    def test_a_worker_that_comes_too_late_for_its_job_is_paid_for_its_loading_and_idling(self):
        # The first has done both at 2060; it has been idle long enough at 2120, the second was loaded at 2074.
        self.assertEqual(self.billed([(2000, 50), (2010, 10)]), self.BASE + (2120 - 2059))

    def test_there_are_never_more_than_the_most(self):
        many = [(2000 + number, 600) for number in range(9)]
        # 2 more of them from 2049 on; all nine are done after three rounds.
        self.assertLess(self.billed(many), self.BASE + 2 * (1800 + 60 + 15 + 60))
        self.assertGreater(self.billed(many), self.BASE + 2 * 1200)

    def test_after_the_edge_only_work_and_idling_count_and_nothing_after_the_drain(self):
        late = [(self.CLOSES - 60, 150)]
        self.assertEqual(self.billed(late, disabled=float("inf")), self.BASE + 90 + 60)
        self.assertEqual(self.billed(late, disabled=self.CLOSES + 110), self.BASE + 110)

    def test_an_idle_worker_goes_with_the_edge_if_its_timeout_is_over(self):
        self.assertEqual(self.billed([(self.CLOSES - 100, 10)]), self.BASE)
        self.assertEqual(self.billed([(self.CLOSES - 50, 10)]), self.BASE + 20)


class BillTests(unittest.TestCase):
    def test_the_calculation_is_of_the_days_own_edges_and_none_on_a_holiday(self):
        self.assertEqual(DayBook(ORDINARY, TERMS).expected, 9 * 3600 + 300 - 45)
        self.assertEqual(DayBook(HOLIDAY, TERMS).expected, 0)

    def test_always_on_is_as_long_as_the_day(self):
        self.assertAlmostEqual(DayBook(ORDINARY, TERMS).always_on, 24 * 1.2)
        self.assertAlmostEqual(DayBook(CHANGE, TERMS).always_on, 23 * 1.2)
        self.assertEqual((DayBook(HOLIDAY, TERMS).bill, DayBook(HOLIDAY, TERMS).saved), (0, 1))

    def test_everything_is_in_the_book_of_the_day_on_which_it_began(self):
        at = CHANGE.begin - 1
        first, second = books(
            [ORDINARY, CHANGE], TERMS, [Life("w", at, CHANGE.begin + 5, 6)], [job("1", at, at, at)],
            [Call("updateEndpoint", CHANGE.begin)])
        self.assertEqual((len(first.lives), len(first.jobs), len(first.calls)), (1, 1, 0))
        self.assertEqual((len(second.lives), len(second.jobs), len(second.calls)), (0, 0, 1))


class VerdictTests(unittest.TestCase):
    def complaints(self, *kept, created=1, completed=None, double=False):
        completed = sum(len(book.jobs) for book in kept) if completed is None else completed
        return verdict.complaints(list(kept), created, completed, double)

    def assertComplains(self, part, *kept, **more):
        found = self.complaints(*kept, **more)
        self.assertTrue(any(part in text for text in found), found)

    def test_days_as_promised_are_clean(self):
        self.assertEqual(self.complaints(good_book(), good_book(CHANGE), DayBook(HOLIDAY, TERMS)), [])

    def test_a_late_or_missing_edge_is_a_fault(self):
        book = good_book()
        book.calls[0] = Call("createEndpoint", ORDINARY.warms + 9)
        self.assertComplains("the opening came 9.0 s after its edge", book)
        book.calls = book.calls[:1]
        self.assertComplains("no closing", book)

    def test_a_lost_job_and_one_that_ran_twice_are_faults(self):
        book = good_book()
        book.jobs[1] = job("2", 0, 0, 0, status="FAILED")
        self.assertComplains("1 jobs were lost: 2", book)
        book.jobs[1] = job("2", 0, 0, 0, retries=1)
        self.assertComplains("1 jobs ran twice: 2", book)
        self.assertComplains("completed 2", good_book(), completed=2)

    def test_a_second_endpoint_is_a_fault(self):
        self.assertComplains("2 endpoints were created", good_book(), created=2)
        self.assertComplains("two endpoints at once", good_book(), double=True)

    def test_a_worker_that_outlives_the_drain_is_a_fault_also_if_it_never_ends(self):
        for end in (ORDINARY.closes + 400, None):
            book = good_book()
            book.lives[1] = Life("more", book.lives[1].begin, end, book.lives[1].seconds)
            self.assertComplains("after the end of the drain", book)

    def test_a_worker_before_the_pre_warming_or_without_a_job_after_the_edge_is_a_fault(self):
        book = good_book()
        book.lives.append(Life("early", ORDINARY.warms - 5, ORDINARY.warms, 5))
        book.lives.append(Life("late", ORDINARY.closes + 5, ORDINARY.closes + 9, 4))
        self.assertComplains("before the pre-warming", book)
        self.assertComplains("without a job was started after the closing edge", book)

    def test_a_bill_that_is_not_the_calculated_one_is_a_fault(self):
        book = good_book()
        book.lives[0] = Life("base", book.lives[0].begin, book.lives[0].end, book.lives[0].seconds - 600)
        self.assertComplains("not within 0.5%", book)

    def test_a_drain_without_an_end_or_with_a_late_one_is_a_fault(self):
        book = good_book()
        book.calls[2] = Call("updateEndpoint", ORDINARY.closes + 700)
        self.assertComplains("the drain ended 100 s too late", book)
        book.calls = book.calls[:2]
        self.assertComplains("never disabled", book)

    def test_anything_on_a_holiday_is_a_fault(self):
        at = HOLIDAY.begin + 30000
        self.assertComplains("on a day that is closed", DayBook(HOLIDAY, TERMS, [Life("w", at, at + 9, 9)]))
        self.assertComplains("was changed", DayBook(HOLIDAY, TERMS, calls=[Call("updateEndpoint", at)]))

    def test_the_table_tells_both_bills_of_each_day(self):
        told = verdict.table([good_book(), good_book(CHANGE), DayBook(HOLIDAY, TERMS)], 1)
        for part in ("08:00–17:00 = 07:00Z–16:00Z", "08:00–17:00 = 06:00Z–15:00Z", "closed all day", "07:55:00 + 0.20 s",
                     "$28.80 (24 h)", "$27.60 (23 h)", "$0.00", "100%", "3, 3, 0", "endpoints ever created: 1"):
            self.assertIn(part, told)


class PictureTests(unittest.TestCase):
    def test_it_is_a_document_with_every_day_and_its_bill(self):
        kept = [good_book(), good_book(CHANGE), DayBook(HOLIDAY, TERMS)]
        drawn = draw(kept, 1)
        xml.dom.minidom.parseString(drawn)
        for part in ("Sat 27 Mar 2027", "opens 08:00 = 06:00Z", "02:00 skipped", "closed all day", "nothing billed",
                     f"${kept[0].bill:.2f}", "6 of 6 jobs done"):
            self.assertIn(part, drawn)

    def test_the_clock_on_the_wall_jumps_where_an_hour_is_skipped(self):
        before = datetime(2027, 3, 28, 0, 59, tzinfo=timezone.utc).timestamp()
        self.assertAlmostEqual(wall_hours(CHANGE, before), 2 - 1 / 60)
        self.assertAlmostEqual(wall_hours(CHANGE, before + 60), 3)

    def test_days_on_which_nothing_happened_can_be_drawn(self):
        xml.dom.minidom.parseString(draw([DayBook(day, TERMS) for day in three_days(date(2027, 5, 1))], 0))


if __name__ == "__main__":
    unittest.main()
