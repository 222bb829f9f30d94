"""What the workers themselves wrote down, and the verdict on it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lab.resp import Redis

LEDGER_KEY = "martlet-demo:ledger"


@dataclass(frozen=True)
class Entry:
    at: float           # Unix seconds
    worker: str
    event: str          # ready, stopping, started, ended
    task: str | None


class Ledger:
    """Reads on from where it stopped; from a folder with a file for each worker, or from a Redis list."""

    def __init__(self, folder: Path | None, redis: Redis | None = None):
        self._folder, self._redis = folder, redis
        self._offsets: dict[Path, int] = {}
        self.entries: list[Entry] = []
        self.running: dict[str, str] = {}   # task → worker
        self.finished: set[str] = set()

    def read(self) -> None:
        for line in self._new_lines():
            entry = Entry(**json.loads(line))
            self.entries.append(entry)
            if entry.event == "started":
                self.running[entry.task] = entry.worker
            elif entry.event == "ended":
                self.running.pop(entry.task, None)
                self.finished.add(entry.task)

    @property
    def busy_workers(self) -> int:
        return len(set(self.running.values()))

    def _new_lines(self) -> list[str]:
        if self._folder is None:
            count = len(self.entries)
            return [line.decode() for line in self._redis("LRANGE", LEDGER_KEY, count, -1)]
        lines = []
        for file in sorted(self._folder.glob("*.jsonl")):
            with open(file, "rb") as content:
                content.seek(self._offsets.get(file, 0))
                for line in content:
                    if line.endswith(b"\n"):
                        lines.append(line.decode())
                        self._offsets[file] = self._offsets.get(file, 0) + len(line)
        return lines


@dataclass
class Verdict:
    """Judged from the ledger and the list of jobs that the clients sent."""

    sent: int
    done: int
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)      # jobs whose worker was told to stop, or died, while it ran them

    @property
    def clean(self) -> bool:
        return self.done == self.sent and not (self.lost or self.duplicated or self.killed)


def judge(sent: set[str], entries: list[Entry]) -> Verdict:
    """A job is lost if it never ended, duplicated if it was begun twice, killed if its worker was stopped under it."""
    ended = Counter(entry.task for entry in entries if entry.event == "ended")
    begun = Counter(entry.task for entry in entries if entry.event == "started")
    killed = set()
    running: dict[str, set[str]] = {}
    for entry in sorted(entries, key=lambda entry: entry.at):
        current = running.setdefault(entry.worker, set())
        if entry.event == "started":
            current.add(entry.task)
        elif entry.event == "ended":
            current.discard(entry.task)
        elif entry.event == "stopping":
            killed |= current
    for left in running.values():
        killed |= left
    return Verdict(
        sent=len(sent), done=sum(task in ended for task in sent), lost=sorted(sent - set(ended)),
        duplicated=sorted(task for task, count in begun.items() if count > 1), killed=sorted(killed))
