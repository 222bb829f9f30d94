"""What the API server's audit log says of the writes of one user."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

WRITES = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True)
class Write:
    """One request that changed, or tried to change, something. Times are Unix seconds, to the microsecond."""

    user: str
    verb: str
    resource: str       # with the subresource: deployments/scale
    namespace: str
    name: str
    code: int
    received: float
    answered: float

    @property
    def scales(self) -> bool:
        """True for a write of a workload's size, through /scale or on the object itself."""
        kind, _, part = self.resource.partition("/")
        return kind in ("deployments", "statefulsets") and part in ("", "scale") and self.verb in ("patch", "update")


class AuditLog:
    """The file's writes from the moment this was made, or from the last `skip()`."""

    def __init__(self, path: Path):
        self._path = path
        self._offset = 0

    def skip(self) -> None:
        """Forgets everything until now."""
        self._offset = self._path.stat().st_size if self._path.exists() else 0

    def writes(self, user: str, start: float = 0, end: float = float("inf")) -> list[Write]:
        """Answered writes of `user` received between the two instants, oldest first."""
        return sorted(
            (write for write in self._all() if write.user == user and start <= write.received <= end),
            key=lambda write: write.received)

    def _all(self) -> Iterator[Write]:
        if not self._path.exists():
            return
        with open(self._path, "rb") as lines:
            lines.seek(min(self._offset, os.fstat(lines.fileno()).st_size))
            for line in lines:
                if not line.endswith(b"\n"):
                    return
                event = json.loads(line)
                target = event.get("objectRef")
                if event.get("stage") != "ResponseComplete" or event["verb"] not in WRITES or target is None:
                    continue
                part = target.get("subresource")
                yield Write(
                    event["user"]["username"], event["verb"], target["resource"] + (f"/{part}" if part else ""),
                    target.get("namespace", ""), target.get("name", ""), event["responseStatus"]["code"],
                    _seconds(event["requestReceivedTimestamp"]), _seconds(event["stageTimestamp"]))


def by_kind(writes: list[Write]) -> dict[str, int]:
    """How often each verb met each resource."""
    return dict(Counter(f"{write.verb} {write.resource}" for write in writes).most_common())


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
