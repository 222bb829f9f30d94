"""`martlet-lab runpod` as a child: a simulated RunPod that tells what it was asked, when, what it answered and what it billed."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab.apiserver import Access, ApiServer
from lab.processes import Child

# Of the account that is there unless others are named.
KEY = "lab-key"


@dataclass(frozen=True)
class Call:
    """One request that the simulator got. `at` is Unix seconds, to the millisecond."""

    at: float
    surface: str        # control, jobs
    operation: str      # updateEndpoint, listEndpoints, …
    endpoint: str       # the id in the path, or ""
    outcome: object     # the status, or held, lost, refused

    @property
    def accepted(self) -> bool:
        return isinstance(self.outcome, int) and self.outcome < 300


def command(program: str, keys: list[str], *flags: str) -> list[str]:
    """Starts one with an account for each key."""
    return [program, "runpod", "--port", "0", *flags, *(word for key in keys for word in ("--key", key))]


class SimulatedRunPod:
    """Started when it is made. `control` and `jobs` ask its two planes with `KEY`. Ends with `stop()`."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.process = Child(command, log, environment)
        try:
            self._bases = self._await_bases(log)
        except BaseException:
            self.process.stop()
            raise
        self.control, self.jobs = self._client("control"), self._client("jobs")

    @property
    def lab_url(self) -> str:
        return self._bases["lab"]

    def _client(self, plane: str) -> ApiServer:
        parts = urllib.parse.urlsplit(self._bases[plane])
        return ApiServer(Access(f"http://{parts.netloc}", None, KEY))

    def _await_bases(self, log: Path) -> dict[str, str]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.alive:
            bases = bases_in(log.read_text())
            if len(bases) == 3:
                return bases
            time.sleep(0.05)
        raise RuntimeError(f"no simulated RunPod:\n{self.process.last_words()}")

    @property
    def operator_flags(self) -> list[str]:
        return ["--runpod-api-url", self._bases["control"], "--runpod-jobs-url", self._bases["jobs"]]

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        """One of the laboratory's own paths. Raises RuntimeError for any other status than 2xx."""
        base = urllib.parse.urlsplit(self._bases["lab"])
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=30)
        try:
            connection.request(method, f"{base.path}/{path}", None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            raise RuntimeError(f"{method} _lab/{path}: {response.status} {text[:300]!r}")
        return json.loads(text)

    def calls(self) -> list[Call]:
        """Every request, in the order in which it was answered, by this machine's clock."""
        behind = self._clock_is_behind()
        return [call_of(told, behind) for told in self.ask("GET", "calls")["calls"] if not is_probe(told)]

    def _clock_is_behind(self) -> float:
        """Seconds by which virtual time, that began when the program did, is behind now: the quickest of a few calls tells."""
        base = urllib.parse.urlsplit(self._bases["control"])
        probes = []
        for _ in range(5):
            connection = http.client.HTTPConnection(base.hostname, base.port, timeout=30)
            connection.connect()
            begun = time.time()
            connection.request("GET", f"{base.path}/serverless")
            connection.getresponse().read()
            ended = time.time()
            connection.close()
            probes.append((ended - begun, (begun + ended) / 2))
        stamps = [told["milliseconds"] / 1000 for told in self.ask("GET", "calls")["calls"] if is_probe(told)][-len(probes):]
        return offset([(took, middle, stamp) for (took, middle), stamp in zip(probes, stamps)])

    def endpoints(self) -> list[dict]:
        return self.ask("GET", "endpoints")["endpoints"]

    def stop(self) -> None:
        self.process.stop(3)


def instant(text: str) -> float:
    """Unix seconds of RFC 3339."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def bases_in(output: str) -> dict[str, str]:
    """The lines `control http://…`, `jobs http://…` and `lab http://…`."""
    words = (line.split(" ") for line in output.splitlines())
    return {pair[0]: pair[1] for pair in words if len(pair) == 2 and pair[0] in ("control", "jobs", "lab")}


def is_probe(told: dict) -> bool:
    """A call without a key: nobody but ourselves makes one."""
    return told["operation"] == "listEndpoints" and told["outcome"] == 401


def offset(probes: list[tuple[float, float, float]]) -> float:
    """How far stamps are behind, from probes: how long each took, its middle by our clock, and its stamp."""
    _, middle, stamp = min(probes)
    return middle - stamp


def call_of(told: dict, behind: float = 0) -> Call:
    """A call as the laboratory tells it; its clock is behind ours by so many seconds."""
    parts = urllib.parse.urlsplit(told["path"]).path.strip("/").split("/")
    # /v2/serverless/ID on the control plane, /v2/ID/health on the job plane.
    place = 2 if told["surface"] == "control" else 1
    return Call(told["milliseconds"] / 1000 + behind, told["surface"], told["operation"],
                parts[place] if len(parts) > place else "", told["outcome"])
