"""Which connections a process has, by what the kernel says: exact, whatever a client calls itself."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from lab.processes import family

ESTABLISHED = "01"


def connections(pid: int) -> Counter:
    """Established TCP connections of the process and its descendants, by the remote port."""
    owned = _inodes(pid)
    found: Counter = Counter()
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == ESTABLISHED and fields[9] in owned:
                found[int(fields[2].rsplit(":", 1)[1], 16)] += 1
    return found


def _inodes(pid: int) -> set[str]:
    found = set()
    for member in family(pid):
        folder = f"/proc/{member}/fd"
        try:
            entries = os.listdir(folder)
        except OSError:
            continue
        for entry in entries:
            try:
                link = os.readlink(f"{folder}/{entry}")
            except OSError:
                continue
            if link.startswith("socket:["):
                found.add(link[8:-1])
    return found
