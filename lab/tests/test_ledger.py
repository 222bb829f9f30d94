"""The verdict: what counts as lost, killed and duplicated."""

import json
import tempfile
import unittest
from pathlib import Path

from lab.demo.ledger import Entry, Ledger, judge


def entries(*rows):
    return [Entry(at, worker, event, task) for at, worker, event, task in rows]


class VerdictTests(unittest.TestCase):
    def test_jobs_that_ran_once_to_their_end_are_clean(self):
        verdict = judge({"a", "b"}, entries(
            (1, "w", "started", "a"), (2, "w", "ended", "a"), (3, "w", "started", "b"), (4, "w", "ended", "b"),
            (5, "w", "stopping", None)))
        self.assertTrue(verdict.clean)
        self.assertEqual(verdict.done, 2)

    def test_a_job_that_never_ended_is_lost(self):
        verdict = judge({"a", "b"}, entries((1, "w", "started", "a"), (2, "w", "ended", "a")))
        self.assertEqual(verdict.lost, ["b"])
        self.assertFalse(verdict.clean)

    def test_a_worker_told_to_stop_under_a_job_counts_as_killed_even_if_the_job_still_ends(self):
        verdict = judge({"a"}, entries((1, "w", "started", "a"), (2, "w", "stopping", None), (3, "w", "ended", "a")))
        self.assertEqual(verdict.killed, ["a"])
        self.assertFalse(verdict.clean)

    def test_a_job_that_ended_elsewhere_after_its_worker_died_is_killed_and_duplicated(self):
        verdict = judge({"a"}, entries((1, "v", "started", "a"), (2, "w", "started", "a"), (3, "w", "ended", "a")))
        self.assertEqual((verdict.killed, verdict.duplicated, verdict.lost), (["a"], ["a"], []))

    def test_the_order_of_the_files_does_not_matter(self):
        verdict = judge({"a"}, entries((3, "w", "stopping", None), (2, "w", "ended", "a"), (1, "w", "started", "a")))
        self.assertTrue(verdict.clean)


class LedgerTests(unittest.TestCase):
    def test_a_half_written_line_is_read_once_it_is_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "w.jsonl"
            whole = json.dumps({"at": 1.0, "worker": "w", "event": "started", "task": "a"}) + "\n"
            file.write_text(whole + whole[:20])
            ledger = Ledger(Path(folder))
            ledger.read()
            self.assertEqual((len(ledger.entries), ledger.busy_workers), (1, 1))
            file.write_text(whole + whole.replace("started", "ended"))
            ledger.read()
            self.assertEqual((len(ledger.entries), ledger.busy_workers), (2, 0))
            self.assertEqual(ledger.finished, {"a"})


if __name__ == "__main__":
    unittest.main()
