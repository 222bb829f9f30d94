"""What turns raw observations into figures."""

import json
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

from lab.audit import AuditLog, by_kind
from lab.demo.observer import Moment
from lab.demo.timeline import Story, draw
from lab.figures import percentile, shown, summary, table
from lab.resp import encode


def line(user="op", verb="patch", resource="deployments", part="scale", stage="ResponseComplete", second=1.0):
    return json.dumps({
        "stage": stage, "verb": verb, "user": {"username": user}, "responseStatus": {"code": 200},
        "objectRef": {"resource": resource, "subresource": part, "namespace": "n", "name": "d"},
        "requestReceivedTimestamp": f"2026-01-01T00:00:{second:09.6f}Z",
        "stageTimestamp": f"2026-01-01T00:00:{second + .004:09.6f}Z"}) + "\n"


class AuditTests(unittest.TestCase):
    def test_only_the_users_answered_writes_are_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "audit.log"
            path.write_text(
                line(second=2) + line(second=1, resource="leases", part=None, verb="update") + line(user="other")
                + line(stage="ResponseStarted") + line(verb="get") + line()[:30])
            writes = AuditLog(path).writes("op")
            self.assertEqual([write.resource for write in writes], ["leases", "deployments/scale"])
            self.assertEqual([write.scales for write in writes], [False, True])
            self.assertAlmostEqual(writes[1].answered - writes[1].received, 0.004, places=5)
            self.assertEqual(by_kind(writes), {"update leases": 1, "patch deployments/scale": 1})

    def test_what_was_skipped_is_forgotten(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "audit.log"
            path.write_text(line())
            audit = AuditLog(path)
            audit.skip()
            self.assertEqual(audit.writes("op"), [])
            path.write_text(line() + line(second=5))
            self.assertEqual(len(audit.writes("op")), 1)


class FiguresTests(unittest.TestCase):
    def test_p99_of_200_leaves_two_above(self):
        self.assertEqual(percentile(list(range(200)), 0.99), 197)
        self.assertEqual(percentile([5], 0.99), 5)
        self.assertEqual(summary([]), {"count": 0})
        self.assertEqual(summary([3, 1, 2])["median"], 2)

    def test_figures_are_shown_with_three_digits(self):
        self.assertEqual([shown(value) for value in (4.2372, 0.00456, 1234.5, 2000, float("inf"), "x")],
                         ["4.24", "0.00456", "1,234", "2,000", "never", "x"])

    def test_a_table_is_markdown(self):
        self.assertEqual(table(["a", "b"], [[1, "long"]]).splitlines()[1], "| - | ---- |")


class RespTests(unittest.TestCase):
    def test_commands_are_encoded_by_length_in_bytes(self):
        self.assertEqual(encode("SET", "é", 1), b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$1\r\n1\r\n")


class TimelineTests(unittest.TestCase):
    def test_the_picture_is_well_formed_and_ends_after_the_end(self):
        moments = [Moment(at=100 + second / 10, waiting=max(0, 50 - second), in_flight=0, desired=20 if second else 0,
                          ready=min(second, 20), pods=20, busy=3, done=second) for second in range(80)]
        story = Story("a < b & c", ["fact"], 100.05, 100.06, 105.0, 107.5)
        picture = xml.etree.ElementTree.fromstring(draw(moments, story))
        names = {path.get("class") for path in picture.iter("{http://www.w3.org/2000/svg}path")}
        self.assertEqual(names, {"queue", "ready", "busy", "desired"})
        width = float(picture.get("width"))
        marks = [float(mark.get("x1")) for mark in picture.iter("{http://www.w3.org/2000/svg}line")
                 if mark.get("class") == "mark"]
        self.assertEqual(marks, sorted(marks))
        self.assertLess(marks[-1], width)


if __name__ == "__main__":
    unittest.main()
