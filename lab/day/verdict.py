"""Whether the days went as promised, and the table that says so."""

from __future__ import annotations

from lab.day.bill import DayBook
from lab.day.calendar import utc

# Seconds of the days' own time from an edge to the call that carries it out. Promised is one; the rest is for a machine
# whose processors are taken by others just then.
LATEST_CALL = 5.0
# Of a day's bill, against the calculation: the calls come a little after their edges, and a worker more or less for a job
# that waited just as long as it takes to ask for one.
TOLERANCE = 0.005
# RunPod bills started seconds.
ROUNDING = 1.0
# After the drain's time, until the operator has looked and RunPod has answered.
LATEST_CLOSE = 60.0


def complaints(books: list[DayBook], created: int, completed: int, double_ids: bool) -> list[str]:
    """What is wrong; empty if nothing is. `created`: calls that made an endpoint. `completed`: as RunPod counts jobs."""
    found = []
    for book in books:
        found += [f"{book.day.name}: {text}" for text in _of_day(book)]
    sent = sum(len(book.jobs) for book in books)
    if completed != sent:
        found.append(f"{sent} jobs were sent, RunPod has completed {completed}")
    if created != 1:
        found.append(f"{created} endpoints were created instead of 1")
    if double_ids:
        found.append("there were two endpoints at once")
    return found


def _of_day(book: DayBook) -> list[str]:
    found = []
    lost = [job.id for job in book.jobs if not job.is_done]
    again = [job.id for job in book.jobs if job.retries]
    if lost:
        found.append(f"{len(lost)} jobs were lost: {', '.join(lost[:3])}")
    if again:
        found.append(f"{len(again)} jobs ran twice: {', '.join(again[:3])}")
    if book.day.is_holiday:
        if book.billed:
            found.append(f"{book.billed} s were billed on a day that is closed")
        if book.calls:
            found.append("the endpoint was changed on a day that is closed")
        return found
    found += _edge("opening", book.opened, book.day.warms) + _edge("closing", book.closing, book.day.closes)
    if book.closed is None:
        found.append("it was never disabled after the closing edge")
    else:
        late = book.closed - book.day.closes - book.terms.drain
        if late > LATEST_CLOSE:
            found.append(f"the drain ended {late:.0f} s too late")
        if (book.last_billed or 0) > book.closed + ROUNDING:
            found.append("a worker was billed after the end of the drain")
    if any(life.begin < book.day.warms for life in book.lives):
        found.append("a worker was billed before the pre-warming")
    if any(life.begin >= book.day.closes and not _was_waited_for(book, life.worker) for life in book.lives):
        found.append("a worker without a job was started after the closing edge")
    if abs(book.billed - book.expected) > TOLERANCE * book.expected:
        found.append(f"billed {book.billed} s, calculated {book.expected} s: not within {TOLERANCE:.1%}")
    return found


def _was_waited_for(book: DayBook, worker: str) -> bool:
    return any(job.worker == worker for job in book.jobs)


def _edge(name: str, at: float | None, edge: float) -> list[str]:
    if at is None:
        return [f"no {name}"]
    return [f"the {name} came {at - edge:.1f} s after its edge"] if at - edge > LATEST_CALL else []


def table(books: list[DayBook], created: int) -> str:
    """A column a day."""
    rows: list[tuple[str, list[str]]] = [
        ("", [f"{book.day.date:%a %d %b %Y}" for book in books]),
        ("", [book.day.name for book in books]),
        ("window", [_window(book) for book in books]),
        ("pre-warm called at", [_call(book, book.opened, book.day.warms) for book in books]),
        ("first worker warm", [book.day.local(book.warm) if book.warm else "—" for book in books]),
        ("closing called at", [_call(book, book.closing, book.day.closes) for book in books]),
        ("drained in", [f"{book.closed - book.day.closes:.0f} s" if book.closed else "—" for book in books]),
        ("last second billed", [book.day.local(book.last_billed) if book.lives else "—" for book in books]),
        ("jobs sent, done, lost", [
            f"{len(book.jobs)}, {done}, {len(book.jobs) - done}" if book.jobs else "—"
            for book in books for done in [sum(job.is_done for job in book.jobs)]]),
        ("billed, calculated", [f"{book.billed} s, {book.expected} s" for book in books]),
        ("the day's bill", [f"${book.bill:.2f}" for book in books]),
        ("always on", [f"${book.always_on:.2f} ({book.day.hours:.0f} h)" for book in books]),
        ("saved", [f"{book.saved:.0%}" for book in books]),
    ]
    widths = [max(len(row[1][column]) for row in rows) for column in range(len(books))]
    lines = ["  " + f"{name:24}" + "   ".join(text.ljust(width) for text, width in zip(cells, widths)).rstrip()
             for name, cells in rows]
    bill, always = sum(book.bill for book in books), sum(book.always_on for book in books)
    saved = f"{1 - bill / always:.0%}" if always else "nothing"
    lines += ["", f"  {'all days':24}${bill:.2f} instead of ${always:.2f}: {saved} saved; endpoints ever created: {created}"]
    return "\n".join(lines)


def _window(book: DayBook) -> str:
    if book.day.is_holiday:
        return "closed all day"
    return f"{book.day.local(book.day.opens)[:5]}–{book.day.local(book.day.closes)[:5]} = " \
           f"{utc(book.day.opens)}–{utc(book.day.closes)}"


def _call(book: DayBook, at: float | None, edge: float | None) -> str:
    if at is None or edge is None:
        return "—"
    return f"{book.day.local(edge)} + {at - edge:.2f} s"
