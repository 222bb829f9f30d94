"""What a day cost by RunPod's ledger, and what it must have cost by the clock and the jobs."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.day.calendar import Day
from lab.day.replay import Scaling, billed_seconds


@dataclass(frozen=True)
class Terms:
    """What the sample asks for and what the simulated RunPod takes. Seconds, and dollars an hour of one worker."""

    scaling: Scaling
    drain: float            # how long a closing waits for jobs at most
    hourly: float

    @property
    def least_workers(self) -> int:
        return self.scaling.least


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
        return self.lives[0].begin + self.terms.scaling.load if self.lives else None

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
    def expected(self) -> int:
        """Billed seconds without a look at the ledger: what RunPod's scaler makes of the edges by the clock, and of the
        jobs. The drain is as long as it was.
        """
        if self.day.is_holiday:
            return 0
        jobs = [(job.sent, job.end - job.begin) for job in self.jobs]
        return billed_seconds(
            self.terms.scaling, jobs, self.day.warms, self.day.closes, self.closed or float("inf"))


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
