"""What the benchmarks `edges` and `backlog` make of windows, calls and metrics."""

import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "Benchmarks"))

from lab.runpod import bases_in, call_of, is_probe, offset   # noqa: E402
from scenarios import edge_calls   # noqa: E402
from scenarios.edge_calls import Answer, LagSample   # noqa: E402


def at(hour, minute):
    return int(datetime(2026, 11, 21, hour, minute, tzinfo=timezone.utc).timestamp())


def clock(windows):
    return [(window["from"], window["to"]) for window in windows]


class WindowTests(unittest.TestCase):
    def test_the_first_edge_is_a_full_minute_that_is_far_enough_away(self):
        self.assertEqual(edge_calls.first_edge(600, 10), 660)
        self.assertEqual(edge_calls.first_edge(655, 10), 720)
        self.assertEqual(edge_calls.first_edge(650, 10), 660)

    def test_two_schedules_that_begin_differently_change_at_every_edge_and_are_never_alike(self):
        edges = [at(12, 0), at(12, 1), at(12, 2)]
        self.assertEqual(clock(edge_calls.windows(edges, True)), [("09:00", "12:00"), ("12:01", "12:02")])
        self.assertEqual(clock(edge_calls.windows(edges, False)), [("12:00", "12:01"), ("12:02", "15:02")])

    def test_a_window_may_lie_over_midnight(self):
        self.assertEqual(clock(edge_calls.windows([at(0, 0)], True)), [("21:00", "00:00")])
        self.assertEqual(clock(edge_calls.windows([at(23, 59)], False)), [("23:59", "02:59")])


class CallTests(unittest.TestCase):
    def test_an_edge_is_carried_out_by_the_first_call_after_it(self):
        calls = [("b", 101.5), ("a", 99.0), ("a", 100.2), ("a", 100.1), ("b", 130.0), ("c", 170.0)]
        found = edge_calls.first_calls(calls, 100, 160)
        self.assertEqual([(one.name, one.at, round(one.lag, 3)) for one in found], [("a", 100.1, 0.1), ("b", 101.5, 1.5)])

    def test_a_closing_may_cross_an_opening_on_the_way_but_not_follow_it(self):
        answers = [Answer(name, instant, 0) for name, instant in
                   (("close 1", 1), ("open 1", 5), ("close 2", 5.2), ("close 3", 6.5), ("open 2", 7))]
        found = edge_calls.order(answers, {"close 1", "close 2", "close 3"})
        self.assertEqual((found.last_closing, found.first_opening, found.after, found.long_after), (6.5, 5, 2, 1))

    def test_nothing_opened_is_after_everything_that_closed(self):
        found = edge_calls.order([Answer("close", 3, 0)], {"close"})
        self.assertEqual((found.last_closing, found.after, found.long_after), (3, 0, 0))

    def test_the_busiest_minute_may_begin_anywhere(self):
        self.assertEqual(edge_calls.busiest([]), 0)
        self.assertEqual(edge_calls.busiest([0, 59.9, 60, 100, 119.8, 300]), 4)


class LagTests(unittest.TestCase):
    METRICS = """# TYPE martlet_schedule_lag_seconds histogram
martlet_schedule_lag_seconds_bucket{le="0.1"} 1
martlet_schedule_lag_seconds_bucket{le="+Inf"} 3
martlet_schedule_lag_seconds_sum 61.5
martlet_schedule_lag_seconds_count 3
other_martlet_schedule_lag_seconds_count 9
"""

    def test_the_lag_is_read_from_the_text_of_the_metrics(self):
        self.assertEqual(edge_calls.lag_of(self.METRICS), (3, 61.5))

    def test_a_metric_that_is_not_there_yet_counts_nothing(self):
        self.assertEqual(edge_calls.lag_of("# nothing\n"), (0, 0.0))

    def test_the_course_is_the_mean_of_the_calls_between_two_looks(self):
        samples = [LagSample(5, 2, 1.0), LagSample(10, 2, 1.0), LagSample(65, 4, 121.0)]
        self.assertEqual(edge_calls.course(samples), [(5, 0.5), (65, 60.0)])


class LaboratoryTests(unittest.TestCase):
    def test_the_addresses_are_read_from_what_it_prints(self):
        text = "control http://127.0.0.1:1/v2\nsome other line\njobs http://127.0.0.1:2/v2\nlab http://127.0.0.1:3/_lab\n"
        self.assertEqual(sorted(bases_in(text)), ["control", "jobs", "lab"])
        self.assertEqual(bases_in("control http://h/v2 and more\n"), {})

    def test_the_quickest_probe_tells_how_far_the_clock_is_behind(self):
        self.assertAlmostEqual(offset([(0.2, 100.1, 100.0), (0.01, 101.0, 100.97), (0.05, 102.0, 101.9)]), 0.03)
        told = {"operation": "listEndpoints", "outcome": 401}
        self.assertTrue(is_probe(told))
        self.assertFalse(is_probe(told | {"outcome": 200}))

    def test_a_call_names_its_endpoint_on_both_planes(self):
        told = {"milliseconds": 1500, "surface": "control", "operation": "updateEndpoint", "path": "/v2/serverless/abc",
                "outcome": 200}
        call = call_of(told)
        self.assertEqual((call.at, call.endpoint, call.accepted), (1.5, "abc", True))
        self.assertEqual(call_of(told, 0.25).at, 1.75)
        self.assertEqual(call_of(told | {"surface": "jobs", "path": "/v2/abc/health"}).endpoint, "abc")
        self.assertEqual(call_of(told | {"path": "/v2/serverless?limit=1", "outcome": 429}).endpoint, "")
        self.assertFalse(call_of(told | {"outcome": 429}).accepted)
        self.assertFalse(call_of(told | {"outcome": "lost"}).accepted)


if __name__ == "__main__":
    unittest.main()
