"""Hundreds of RunPod endpoints of one key that change in the same minute, under a limit that gives them ten minutes: who
goes first, how long it takes, and what the operator's lag metric shows meanwhile."""

from __future__ import annotations

import math
import time

from lab.apiserver import in_parallel
from lab.runpod import Call, SimulatedRunPod
from scenarios import scheduled
from scenarios.edge_calls import MINUTE, LagSample, busiest, course, first_calls, first_edge, lag_of, order
from scenarios.scene import NAMESPACE, Outcome, Scene

DEFAULT_OBJECTS = 500
BOUND_SECONDS = 600
# The endpoints are made under a limit that is no matter; it is lowered once they are at rest.
ROOMY = 6000
# Ends of drains, before the limit falls: two counts of jobs, 15 s apart.
SETTLE_SECONDS = 45
# After it fell, a minute without calls but lists, so that the whole window is learned and free.
LEARN_SECONDS = 75
EVERY = 5.0
# What the simulator's clock, cut to the millisecond, may differ from ours.
STAMP = 0.005


def run(scene: Scene) -> Outcome:
    count, rate = scene.effort.objects or DEFAULT_OBJECTS, scene.effort.rate
    names = [f"pod-{number:04}" for number in range(count)]
    closing = set(names[::2])
    world = scene.world
    world.create_namespace(NAMESPACE)
    world.apply(*scene.subject.crds)
    runpod = scheduled.start_runpod(
        scene, 1, "--quota", "100000", "--rate-minute", str(ROOMY), "--rate-hour", "1000000", "--rate-day", "1000000")
    try:
        scene.names = names
        in_parallel(lambda name: scheduled.make_runpod_endpoint(scene, name, 0), names)
        world.start_operator([*scene.subject.command, *runpod.operator_flags])
        scheduled.await_runpod(scene, runpod, "every endpoint is made", lambda found: len(found) == count, 300)
        scene.quiet(seconds=3, at_most=scene.effort.patience)
        ids = {found: name for name, found in scheduled.ids_by_name(scene).items()}
        scene.say(f"RunPod has {len(ids)} endpoints of one key")

        edge = first_edge(time.time(), SETTLE_SECONDS + count / 50 + LEARN_SECONDS)
        scheduled.schedule(scene, names, [edge], lambda name: name in closing)
        scheduled.await_runpod(
            scene, runpod, "half are open, half are closed",
            lambda found: all(end["min"] == 1 if ids[end["id"]] in closing else end["max"] == 0 for end in found), 120)
        runpod.ask("POST", "accounts", {"rateMinute": rate})
        left = edge - time.time()
        if left < MINUTE:
            raise RuntimeError(f"the endpoints were at rest only {left:.0f} s before the edge: more SETTLE_SECONDS")
        scene.say(f"{rate} calls a minute from now on; the edge is in {left:.0f} s")
        before = lag_of(scheduled.scrape(scene))
        scheduled.sleep_until(scene, edge)
        samples = _follow(scene, runpod, ids, edge, count, before)
        return _outcome(scene, runpod, ids, edge, closing, samples)
    finally:
        runpod.stop()


def _edge_calls(calls: list[Call], ids: dict[str, str]) -> list[tuple[str, float]]:
    return [(ids[call.endpoint], call.at) for call in calls
            if call.operation == "updateEndpoint" and call.accepted and call.endpoint in ids]


def _follow(
        scene: Scene, runpod: SimulatedRunPod, ids: dict[str, str], edge: int, count: int,
        before: tuple[int, float]) -> list[LagSample]:
    """The lag metric every few seconds until every object had its call, or the bound is over by a minute."""
    samples: list[LagSample] = []
    done = False
    while True:
        time.sleep(EVERY)
        scene.world.check_operator()
        count_now, total = lag_of(scheduled.scrape(scene))
        samples.append(LagSample(time.time() - edge, count_now - before[0], total - before[1]))
        if done or samples[-1].at > BOUND_SECONDS + MINUTE:
            return samples
        had = len(first_calls(_edge_calls(runpod.calls(), ids), edge - STAMP))
        done = had == count
        if done or len(samples) % 12 == 0:
            scene.say(f"{samples[-1].at:.0f} s after the edge: {had} of {count} called")


def _outcome(
        scene: Scene, runpod: SimulatedRunPod, ids: dict[str, str], edge: int, closing: set[str],
        samples: list[LagSample]) -> Outcome:
    asked, count, rate = runpod.calls(), len(ids), scene.effort.rate
    answers = first_calls(_edge_calls(asked, ids), edge - STAMP)
    lags = [max(0.0, answer.at - edge) for answer in answers]
    end = max((answer.at for answer in answers), default=edge)
    control = [call for call in asked if call.surface == "control" and edge <= call.at <= end]
    ways = order(answers, closing)
    steps = course(samples)
    counted, total = samples[-1].count, samples[-1].total
    mean, told = sum(lags) / max(1, len(lags)), total / max(1, counted)
    outcome = Outcome(detail={
        "lagS": [[answer.name in closing, round(answer.at - edge, 3)] for answer in answers], "lagMetric": steps,
        "controlCalls": _tally(control), "busiest60s": busiest([call.at for call in control])})
    outcome.add("endpoints of one key", count)
    outcome.add("calls a minute that RunPod allows", rate)
    outcome.add("edge to the last of their calls", end - edge if len(answers) == count else math.inf, "s", BOUND_SECONDS)
    outcome.add("edges without a call", count - len(answers), "", 0)
    outcome.add("answers 429", sum(call.outcome == 429 for call in asked), "", 0)
    outcome.add("edge to the last closing", ways.last_closing - edge, "s")
    outcome.add("edge to the first opening", ways.first_opening - edge, "s", cost=False)
    outcome.add("closings after the first opening", ways.after)
    outcome.add("closings over a second after the first opening", ways.long_after, "", 0)
    outcome.add("other calls of the control plane meanwhile", len(control) - len(answers))
    outcome.add("edges that martlet_schedule_lag_seconds has not", count - counted, "", 0)
    outcome.add("its mean and that of RunPod's stamps, apart", abs(mean - told), "s", 1)
    outcome.add("its mean over the first seconds", steps[0][1] if steps else math.inf, "s")
    outcome.add("its mean over the last seconds", steps[-1][1] if steps else math.inf, "s")
    return outcome


def _tally(calls: list[Call]) -> dict[str, int]:
    tally: dict[str, int] = {}
    for call in calls:
        word = f"{call.operation} {call.outcome}"
        tally[word] = tally.get(word, 0) + 1
    return tally
