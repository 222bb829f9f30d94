"""What turns the runs of a benchmark into a page, and what its scenarios are made of."""

import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "Benchmarks"))

from harness import page, plan, plots, results   # noqa: E402
from lab.redis_groups import ClusterClient   # noqa: E402


def run(item="latency", side="this tree", value=5.0, samples=(1.0, 2.0), failed=None, bound=10, unit="ms"):
    figures = [
        {"name": "LPUSH to replicas seen by a watch, p99", "value": value, "unit": unit, "bound": bound, "met": True,
         "pool": "seenMs", "share": 0.99},
        {"name": "samples", "value": len(samples), "unit": "", "bound": None, "met": None}]
    return {"item": item, "side": side, "seconds": 1, "figures": [] if failed else figures,
            "detail": {"seenMs": list(samples)}, "failed": failed}


def result(*runs, sides=("this tree",)):
    return {"about": {
        "commit": "abc", "started": "2026-01-01T00:00:00", "cpu": "Xeon", "cores": 2, "memoryGiB": 8, "system": "Debian",
        "kernel": "6", "loadBefore": 0.1, "versions": {"Swift": "6"}, "effort": "normal"},
        "sides": list(sides), "runs": list(runs)}


class ResultTests(unittest.TestCase):
    def test_a_percentile_is_taken_over_the_samples_of_all_runs(self):
        found = results.lines(result(run(samples=range(1, 100)), run(value=900, samples=range(100, 201))), "latency",
                              "this tree")
        self.assertEqual(found[0].value, 198)
        self.assertEqual(found[0].range, (5.0, 900))
        self.assertFalse(found[0].met)

    def test_one_run_over_the_bound_misses_it_even_if_the_median_is_within(self):
        runs = [run(value=value) for value in (4, 5, 11)]
        for one in runs:
            one["figures"][0] |= {"pool": None, "share": None}
        line = results.lines(result(*runs), "latency", "this tree")[0]
        self.assertEqual((line.value, line.met), (5, False))

    def test_what_never_happened_misses_its_bound(self):
        line = results.lines(result(run(value=None)), "latency", "this tree")[0]
        self.assertEqual((line.value, line.met), (float("inf"), False))

    def test_a_run_that_failed_gives_no_figures_and_is_told(self):
        both = result(run(), run(failed="no server\nmore"))
        self.assertEqual(len(results.finished(both, "latency", "this tree")), 1)
        self.assertEqual(results.failures(both, "latency", "this tree"), ["no server\nmore"])
        self.assertEqual(page.verdict(both), (1, 1, ["latency: no server\nmore"]))

    def test_a_later_file_replaces_the_items_it_has(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("a", "b")]
            paths[0].write_text(json.dumps(result(run(value=1), run("many", value=2))))
            paths[1].write_text(json.dumps(result(run(value=3))))
            merged = results.load(paths)
        self.assertEqual([(one["item"], one["figures"][0]["value"]) for one in merged["runs"]],
                         [("many", 2), ("latency", 3)])


class RatioTests(unittest.TestCase):
    def ratios(self, ours, theirs):
        runs = [run(value=value) for value in ours] + [run(side="old", value=value) for value in theirs]
        return results.ratios(result(*runs, sides=("this tree", "old")))

    def test_pairs_are_compared_run_by_run(self):
        self.assertEqual([(one.name, one.values) for one in self.ratios([6, 4], [3, 4])],
                         [("LPUSH to replicas seen by a watch, p99", [2, 1])])

    def test_a_regression_is_worse_in_the_middle_and_in_every_pair_but_one(self):
        steady, lucky = self.ratios([6, 6, 6, 2], [3] * 4)[0], self.ratios([60, 6, 2], [3] * 3)[0]
        self.assertTrue(steady.is_regression(1.25))
        self.assertFalse(lucky.is_regression(1.25))
        self.assertFalse(steady.is_regression(2.5))

    def test_next_to_nothing_is_not_compared_with_next_to_nothing(self):
        self.assertEqual(self.ratios([0.1], [0.3]), [])
        self.assertEqual(self.ratios([1.0], [0.1])[0].values, [2.0])


class PageTests(unittest.TestCase):
    def test_the_page_says_what_was_met_and_draws_the_samples(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.md"
            page.write(result(run(), run(side="old", value=2.5), sides=("this tree", "old")), path, 1.25)
            text = path.read_text()
            xml.etree.ElementTree.parse(Path(folder) / "page-latency.svg")
        self.assertIn("**1 of 1 bounds met.**", text)
        self.assertIn("| **5.00 ms** | ≤ 10 ms | ✓ |", text)
        self.assertIn("## Against old", text)
        self.assertIn("slower or larger", text)

    def test_pictures_bear_any_samples(self):
        for samples in ([0.001], [5, 5, 5], [3.2, 99999]):
            drawing = plots.distribution("a < b", "", [("x & y", samples)], [(10, "bound")])
            self.assertIn("a &lt; b", drawing)
            xml.etree.ElementTree.fromstring(drawing)
        xml.etree.ElementTree.fromstring(plots.timeline("t", "", [("one", [(0.5, 20)]), ("two", [(1, 1), (700, 20)])], 20))


class PlanTests(unittest.TestCase):
    def test_items_take_turns(self):
        items = [plan.BY_NAME[name] for name in ("latency", "handover", "many")]
        self.assertEqual([(item.name, number) for item, number in plan.rounds(items, 2)],
                         [("latency", 1), ("handover", 1), ("many", 1), ("latency", 2), ("many", 2)])

    def test_an_item_on_its_own_is_repeated_as_often_as_asked(self):
        self.assertEqual(len(plan.rounds([plan.BY_NAME["handover"]], 3)), 3)

    def test_a_whole_run_takes_about_twenty_minutes(self):
        order = plan.rounds(plan.chosen(None, "normal"), None)
        self.assertLessEqual(sum(item.seconds["normal"] for item, _ in order), 20 * 60)

    def test_an_item_of_long_runs_is_in_others_only_by_name(self):
        self.assertNotIn("backlog", [item.name for item in plan.chosen(None, "normal")])
        self.assertIn("backlog", [item.name for item in plan.chosen(None, "long")])
        self.assertEqual([item.name for item in plan.chosen(["backlog"], "quick")], ["backlog"])


class ClusterTests(unittest.TestCase):
    def test_keys_go_to_the_slot_that_redis_computes(self):
        class Group:
            members = [type("Member", (), {"port": port})() for port in (1, 2)]

        client = ClusterClient(Group())
        # CLUSTER KEYSLOT foo is 12182, of bar 5061.
        client._places = [(range(0, 12182), 1), (range(12182, 12183), 2)]
        self.assertEqual((client.owner("foo").port, client.owner("bar").port), (2, 1))
        client._places = [(range(0, 5062), 1)]
        with self.assertRaises(LookupError):
            client.owner("foo")


if __name__ == "__main__":
    unittest.main()
