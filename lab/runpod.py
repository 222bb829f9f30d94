"""`martlet-lab runpod` as a child: a RunPod that tells what it was asked and what it billed."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from lab.apiserver import Access, ApiServer
from lab.processes import Child

KEY = "lab-key"


def instant(text: str) -> float:
    """Unix seconds of RFC 3339."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class SimulatedRunPod:
    """Started when it is made. `control`, `jobs` and `lab` are its three servers."""

    def __init__(self, command: list[str], directory: Path, environment: dict[str, str] | None = None):
        self.process = Child(command, directory / "runpod.log", environment)
        bases = self._bases()
        self.control_url, self.jobs_url = bases["control"], bases["jobs"]
        self.control, self.jobs = self._client(self.control_url), self._client(self.jobs_url)
        self.lab_url = bases["lab"]
        self._lab = self._client(self.lab_url)

    def _bases(self) -> dict[str, str]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.alive:
            words = [line.split() for line in self.process.log.read_text().splitlines()]
            bases = {line[0]: line[1] for line in words if len(line) == 2 and line[1].startswith("http://127.0.0.1:")}
            if len(bases) == 3:
                return bases
            time.sleep(0.02)
        self.process.stop(1)
        raise RuntimeError(f"no simulated RunPod:\n{self.process.last_words()}")

    @staticmethod
    def _client(url: str) -> ApiServer:
        parts = urlsplit(url)
        return ApiServer(Access(f"http://{parts.netloc}", None, KEY))

    def lab(self, path: str) -> dict:
        """One of the laboratory's own paths."""
        return self._lab.get(f"/_lab/{path}")

    def stop(self) -> None:
        self.process.stop(1)
