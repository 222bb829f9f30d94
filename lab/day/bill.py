"""What a day cost by RunPod's ledger, and what it should have cost by the clock and the jobs' own records."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.day.calendar import Day


@dataclass(frozen=True)
class Terms:
    """What the sample asks for and what the simulated RunPod takes. Seconds, and dollars an hour of one worker."""

    least_workers: int
    pull: float             # before a worker's container starts: not billed
    load: float             # from then until it takes jobs: billed
    idle: float             # how long a worker without a job stays
    drain: float            # how long a closing waits for jobs at most
    hourly: float


@dataclass(frozen=True)
class Life:
    """One worker in the ledger. `end` is None while it is still billed."""

    worker: str
    begin: float
    end: float | None
    seconds: int


@dataclass(frozen=True)
class Job:
    """As the job plane tells it."""

    id: str
    sent: float
    status: str
    worker: str | None = None
    begin: float = 0.0
    end: float = 0.0
    retries: int = 0

    @property
    def is_done(self) -> bool:
        return self.status == "COMPLETED"


@dataclass(frozen=True)
class Call:
    """A write that RunPod accepted: createEndpoint or updateEndpoint."""

    operation: str
    at: float


@dataclass
class DayBook:
    """All that is known of one day when it is over."""

    day: Day
    terms: Terms
    lives: list[Life] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    # MARK: What the operator did

    @property
    def opened(self) -> float | None:
        """The call that opened it, whether it made the endpoint or raised its workers."""
        return next((call.at for call in self.calls if self.day.warms and self.day.warms <= call.at), None)

    @property
    def _closing(self) -> list[float]:
        return [call.at for call in self.calls if self.day.closes and self.day.closes <= call.at]

    @property
    def closing(self) -> float | None:
        """The first call after the closing edge: no worker stays that has no job."""
        return self._closing[0] if self._closing else None

    @property
    def closed(self) -> float | None:
        """The last one: no worker at all."""
        return self._closing[-1] if len(self._closing) > 1 else None

    @property
    def warm(self) -> float | None:
        """When the first worker took jobs."""
        return self.lives[0].begin + self.terms.load if self.lives else None

    # MARK: What it cost

    @property
    def billed(self) -> int:
        return sum(life.seconds for life in self.lives)

    @property
    def bill(self) -> float:
        return self.billed / 3600 * self.terms.hourly

    @property
    def always_on(self) -> float:
        """The same workers from midnight to midnight."""
        return self.day.hours * self.terms.least_workers * self.terms.hourly

    @property
    def saved(self) -> float:
        return 1 - self.bill / self.always_on

    @property
    def last_billed(self) -> float | None:
        """When the last worker ended; infinity if one still runs."""
        return max((float("inf") if life.end is None else life.end for life in self.lives), default=None)

    @property
    def expected(self) -> float:
        """Billed seconds without a look at the ledger: `least_workers` from the pre-warming (less the first pull) to the
        closing edge, or as many as were at work or within their idle timeout, whichever is more; after the edge the
        latter alone, and none after the end of the drain.
        """
        if self.day.is_holiday:
            return 0.0
        edges = [(self.day.warms + self.terms.pull, self.terms.least_workers, 0),
                 (self.day.closes, -self.terms.least_workers, 0)]
        for begin, end in self._busy():
            edges += [(begin, 0, 1), (end, 0, -1)]
        total, least, busy, last = 0.0, 0, 0, 0.0
        for at, of_least, of_busy in sorted(edges):
            total += (at - last) * max(least, busy)
            least, busy, last = least + of_least, busy + of_busy, at
        return total

    def _busy(self) -> list[tuple[float, float]]:
        """For each worker when it loaded, worked, or was within its idle timeout; touching spans in one."""
        limit = self.closed or float("inf")
        by_worker: dict[str, list[Job]] = {}
        for job in sorted(self.jobs, key=lambda job: job.begin):
            if job.worker:
                by_worker.setdefault(job.worker, []).append(job)
        spans = []
        for jobs in by_worker.values():
            own: list[list[float]] = []
            # A worker that came for a job loaded just before it began it.
            waited = jobs[0].begin - jobs[0].sent >= self.terms.load
            begin = jobs[0].begin - (self.terms.load if waited else 0)
            for job in jobs:
                begin, end = min(begin, job.begin), max(job.end, min(job.end + self.terms.idle, limit))
                if own and begin <= own[-1][1]:
                    own[-1][1] = max(own[-1][1], end)
                else:
                    own.append([begin, end])
                begin = float("inf")
            spans += [(begin, end) for begin, end in own]
        return spans


def books(
    days: list[Day], terms: Terms, lives: list[Life], jobs: list[Job], calls: list[Call]
) -> list[DayBook]:
    """Everything in the book of the day on which it began."""
    def within(day: Day, at: float) -> bool:
        return day.begin <= at < day.end

    return [
        DayBook(
            day, terms, sorted((life for life in lives if within(day, life.begin)), key=lambda life: life.begin),
            [job for job in jobs if within(day, job.sent)],
            sorted((call for call in calls if within(day, call.at)), key=lambda call: call.at))
        for day in days
    ]
