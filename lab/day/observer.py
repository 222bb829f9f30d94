"""Sends the jobs and looks at RunPod; keeps what the jobs became before RunPod forgets them."""

from __future__ import annotations

from dataclasses import dataclass

from lab.apiserver import ApiError
from lab.day.bill import Call, Job, Life
from lab.day.plan import Order
from lab.runpod import SimulatedRunPod, instant

# RunPod keeps a finished job for half an hour.
JOBS_EVERY = 300.0


@dataclass(frozen=True)
class Moment:
    """What is to be seen at one instant."""

    at: float
    least: int = 0
    most: int = 0
    starting: int = 0
    idle: int = 0
    running: int = 0
    throttled: int = 0
    queued: int = 0
    sent: int = 0
    billed: int = 0

    @property
    def done(self) -> int:
        return self.sent - self.queued - self.running


class Observer:
    """`look()` as often as wanted; `records()` at the end."""

    def __init__(self, runpod: SimulatedRunPod):
        self._runpod = runpod
        self._views: dict[str, dict] = {}
        self._sent: list[str] = []
        self._asked_at = float("-inf")
        self.endpoints: set[str] = set()
        self.were_two = False

    @property
    def endpoint(self) -> str | None:
        return next(iter(self.endpoints), None)

    def look(self, at: float) -> Moment:
        found = self._runpod.endpoints()
        self.endpoints |= {endpoint["id"] for endpoint in found}
        self.were_two |= len(found) > 1
        if not found:
            return Moment(at)
        endpoint = found[0]
        states = [worker["status"] for worker in endpoint["workers"]]
        return Moment(
            at, endpoint["min"], endpoint["max"], states.count("INITIALIZING"), states.count("IDLE"),
            states.count("RUNNING"), states.count("THROTTLED"), endpoint["queued"], len(self._sent),
            sum(one["seconds"] for one in found))

    def send(self, order: Order) -> None:
        body = {"input": {"prompt": "a kestrel", "lab": {"seconds": round(order.seconds, 1)}}}
        answer = self._runpod.jobs.request("POST", f"/v2/{self.endpoint}/run", body)
        self._sent.append(answer["id"])

    def ask_for_jobs(self, now: float, at_once: bool = False) -> None:
        """Reads what became of the jobs, when it is time to."""
        if self.endpoint is None or (now - self._asked_at < JOBS_EVERY and not at_once):
            return
        self._asked_at = now
        try:
            listed = self._runpod.jobs.get(f"/v2/{self.endpoint}/requests")["requests"]
        except ApiError as error:
            if error.code != 429:
                raise
            return
        self._views |= {view["id"]: view for view in listed}

    # MARK: At the end

    def completed(self) -> int:
        """As RunPod counts."""
        return self._runpod.jobs.get(f"/v2/{self.endpoint}/health")["jobs"]["completed"] if self.endpoint else 0

    def lives(self) -> list[Life]:
        return [
            Life(entry["worker"], instant(entry["from"]), instant(entry["to"]) if entry["to"] else None,
                 entry["seconds"])
            for entry in self._runpod.ask("GET", "ledger")["entries"]]

    def records(self) -> tuple[list[Job], list[Call]]:
        """The jobs, and the writes that RunPod accepted."""
        calls = [call for call in self._runpod.ask("GET", "calls")["calls"] if call["outcome"] in (200, 201)]
        sent_at = [call["milliseconds"] / 1000 for call in calls if call["operation"] == "run"]
        jobs = [self._job(identity, at) for identity, at in zip(self._sent, sent_at)]
        writes = [Call(call["operation"], call["milliseconds"] / 1000) for call in calls
                  if call["operation"] in ("createEndpoint", "updateEndpoint")]
        return jobs, writes

    def _job(self, identity: str, sent: float) -> Job:
        view = self._views.get(identity)
        if view is None:
            return Job(identity, sent, "UNKNOWN")
        begin = sent + view.get("delayTime", 0) / 1000
        return Job(identity, sent, view["status"], view.get("workerId"), begin,
                   begin + view.get("executionTime", 0) / 1000, view.get("retries", 0))
