"""Plays the days: turns the clock, sends the jobs, watches, judges."""

from __future__ import annotations

import time
from pathlib import Path

from lab.day import plan, verdict
from lab.day.bill import Terms, books
from lab.day.calendar import Day
from lab.day.observer import Observer
from lab.day.picture import draw
from lab.day.replay import Scaling
from lab.day.stage import DayStage
from lab.day.view import View
from lab.processes import Child

# Real seconds for all days; three take about three minutes on two cores.
PATIENCE = 900
# Real seconds between looks.
LOOK_EVERY = 0.1
# What samples/schedule/endpoint.yaml asks for, and how the simulated RunPod is started.
PULL, LOAD, DRAIN, POOL = 45, 15, 600, "ADA_24"
SCALING = Scaling(least=1, most=3, delay=4, pull=PULL, load=LOAD, idle=60)


def terms(stage: DayStage) -> Terms:
    """With the price that RunPod's own catalogue names."""
    gpus = stage.runpod.control.get("/v2/catalog/gpus")["gpus"]
    hourly = next(gpu["price"]["serverless"] for gpu in gpus if gpu["pool"] == POOL)
    return Terms(SCALING, DRAIN, hourly)


def play(stage: DayStage, operator: Child, days: list[Day], say, svg: Path | None) -> bool:
    """True if nothing went wrong."""
    agreed, observer = terms(stage), Observer(stage.runpod)
    began = time.monotonic()
    _turn(stage, operator, days, observer, View(agreed))
    took = time.monotonic() - began
    stage.clock.run(1)
    observer.ask_for_jobs(stage.clock.now(), at_once=True)
    jobs, calls = observer.records()
    kept = books(days, agreed, observer.lives(), jobs, calls)
    created = sum(call.operation == "createEndpoint" for call in calls)
    wrong = verdict.complaints(kept, created, observer.completed(), observer.were_two)
    print(f"\n{verdict.table(kept, created)}\n")
    print("\n".join(f"  WRONG: {text}" for text in wrong) if wrong else
          "  every edge met, no job lost or run twice, one endpoint, nothing billed after its drain, the ledger as calculated")
    print(flush=True)
    say(f"{sum(day.hours for day in days):.0f} hours in {took:.0f} s")
    if svg:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(draw(kept, created))
        say(f"picture in {svg}")
    return not wrong


def _turn(stage: DayStage, operator: Child, days: list[Day], observer: Observer, view: View) -> None:
    """Lets the days go by. Raises RuntimeError if the operator or RunPod ends, TimeoutError if it takes too long."""
    clock, moment, looked = stage.clock, observer.look(stage.clock.now()), 0.0
    orders = [order for day in days for order in plan.orders(day)]
    deadline = time.monotonic() + PATIENCE
    while (now := clock.now()) < days[-1].end:
        _check(stage, operator, deadline)
        day = next((day for day in days if now < day.end), days[-1])
        is_draining = not day.is_holiday and now >= day.closes and moment.most > 0
        speed, until = plan.pace(now, days, is_draining)
        clock.run(speed)
        while orders and orders[0].at <= now and observer.endpoint:
            observer.send(orders.pop(0))
        if time.monotonic() - looked >= LOOK_EVERY:
            looked = time.monotonic()
            before, moment = moment, observer.look(now)
            if moment.most < before.most:
                # The last jobs of the day, before RunPod forgets them.
                observer.ask_for_jobs(now, at_once=True)
            if now >= day.begin:
                view.show(day, moment, speed)
        if moment.most > 0:
            observer.ask_for_jobs(now)
        due = min([until, days[-1].end, *(order.at for order in orders[:1])])
        time.sleep(min(0.01, max(0.0005, (due - now) / speed)))


def _check(stage: DayStage, operator: Child, deadline: float) -> None:
    if not operator.alive:
        raise RuntimeError(f"the operator ended:\n{operator.last_words()}")
    if not stage.runpod.process.alive:
        raise RuntimeError(f"the simulated RunPod ended:\n{stage.runpod.process.last_words()}")
    if time.monotonic() > deadline:
        raise TimeoutError(f"the days are not over after {PATIENCE} s:\n{operator.last_words()}")
