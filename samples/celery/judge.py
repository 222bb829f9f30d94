#!/usr/bin/env python3
"""Judges a run by what the workers wrote (see tasks.py), once no task runs any more.

usage: judge.py DIRECTORY [--count N]

Prints one JSON object:
  done             tasks that ended at least once
  lost             tasks of the N sent (without --count: of those started) that never ended
  duplicated       tasks that ended more than once
  killedWhileBusy  starts that no end of the same process follows
  firstStart, lastEnd   seconds since 1970, null if there is none
  perPod           for each Pod: started, done
"""

import argparse
import collections
import json
import pathlib


def records(directory):
    for path in sorted(pathlib.Path(directory).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield json.loads(line)


def judge(records, count=None):
    ends = collections.Counter()
    started = set()
    open_starts = collections.Counter()
    per_pod = collections.defaultdict(lambda: {"started": 0, "done": 0})
    starts_at, ends_at = [], []
    for record in records:
        run = (record["pod"], record["pid"], record["task"])
        if record["event"] == "start":
            started.add(record["task"])
            open_starts[run] += 1
            per_pod[record["pod"]]["started"] += 1
            starts_at.append(record["t"])
        else:
            ends[record["task"]] += 1
            open_starts[run] -= 1
            per_pod[record["pod"]]["done"] += 1
            ends_at.append(record["t"])
    return {
        "done": len(ends),
        "lost": (len(started) if count is None else count) - len(ends),
        "duplicated": sum(1 for n in ends.values() if n > 1),
        "killedWhileBusy": sum(n for n in open_starts.values() if n > 0),
        "firstStart": min(starts_at, default=None),
        "lastEnd": max(ends_at, default=None),
        "perPod": dict(per_pod),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    print(json.dumps(judge(records(arguments.directory), arguments.count), indent=2))
