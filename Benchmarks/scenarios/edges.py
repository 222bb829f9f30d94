"""Hundreds of GPUSchedules that change in the same minute: from the edge to the accepted call, half of them closing and
half opening; one half are Deployments, the other RunPod endpoints whose keys' rate limits have room."""

from __future__ import annotations

import time

from lab.apiserver import in_parallel
from lab.figures import summary
from lab.runpod import Call, SimulatedRunPod
from scenarios import scheduled
from scenarios.edge_calls import MINUTE, Answer, first_calls, first_edge, lag_of
from scenarios.scene import MAX_REPLICAS, NAMESPACE, Outcome, Scene

DEFAULT_OBJECTS = 500
# RunPod's own example of a limit is 60 calls a minute.
ENDPOINTS_PER_KEY = 13
BOUND_MS = 1000
# From the schedules' creation to the first edge: what they change at once must be over by then.
LEAD_SECONDS = 15
OBJECTS_A_SECOND = 50
# What the simulator's clock, cut to the millisecond, may differ from ours.
STAMP = 0.005


def run(scene: Scene) -> Outcome:
    count = scene.effort.objects or DEFAULT_OBJECTS
    deployments = [f"dep-{number:04}" for number in range(count // 2)]
    endpoints = [f"pod-{number:04}" for number in range(count - count // 2)]
    names = deployments + endpoints
    opens_first = {name: number % 2 == 0 for group in (deployments, endpoints) for number, name in enumerate(group)}
    accounts = -(-len(endpoints) // ENDPOINTS_PER_KEY)
    world = scene.world
    world.create_namespace(NAMESPACE)
    world.apply(*scene.subject.crds)
    runpod = scheduled.start_runpod(scene, accounts, "--quota", "1000")
    try:
        scene.names = names
        in_parallel(lambda name: _make_deployment(scene, name), deployments)
        in_parallel(lambda pair: scheduled.make_runpod_endpoint(scene, pair[1], pair[0] % accounts), enumerate(endpoints))
        scene.say(f"{count} endpoints made, {accounts} RunPod accounts")
        world.start_operator([*scene.subject.command, *runpod.operator_flags])
        scheduled.await_runpod(
            scene, runpod, "every RunPod endpoint is made", lambda found: len(found) == len(endpoints),
            scene.effort.patience)
        settled = scene.quiet(seconds=3, at_most=scene.effort.patience)
        ids = {found: name for name, found in scheduled.ids_by_name(scene).items()}
        scene.say(f"RunPod has {len(ids)} endpoints, settled after {settled:.0f} s")

        first = first_edge(time.time(), LEAD_SECONDS + count / OBJECTS_A_SECOND)
        edges = [first + number * MINUTE for number in range(scene.effort.rounds)]
        scheduled.schedule(scene, names, edges, lambda name: opens_first[name])
        scene.say(f"{count} schedules made, {first - time.time():.0f} s before the first of {len(edges)} edges")
        for number, edge in enumerate(edges, 1):
            scheduled.sleep_until(scene, edge)
            _await_answers(scene, runpod, ids, edge, count)
            scene.say(f"edge {number} of {len(edges)} is over")
        return _outcome(scene, runpod, ids, edges, opens_first, accounts)
    finally:
        runpod.stop()


def _make_deployment(scene: Scene, name: str) -> None:
    """A Deployment, and its endpoint: its idle Pods have nothing to finish, so the closing is one write."""
    api = scene.world.api
    api.request("POST", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", {
        "metadata": {"name": name, "annotations": {"martlet.dev/allow": "true"}},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}},
                 "template": {"metadata": {"labels": {"app": name}},
                              "spec": {"schedulerName": "none",
                                       "containers": [{"name": "worker", "image": "registry.invalid/worker:1"}]}}}})
    api.request("POST", f"{scheduled.API}/inferenceendpoints", {
        "apiVersion": "martlet.dev/v1alpha1", "kind": "InferenceEndpoint", "metadata": {"name": name},
        "spec": {"queue": {"redis": {"addresses": [f"127.0.0.1:{scene.world.redis_port}"]}, "list": {"key": name}},
                 "workers": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                             "maxReplicas": MAX_REPLICAS, "closing": {"drainSeconds": 0}}}})


def _calls(scene: Scene, runpod_calls: list[Call], ids: dict[str, str], start: float) -> list[tuple[str, float]]:
    """The accepted calls that change a size, by object: the API server's stamp of the answer, the simulator's of the call."""
    scales = [(write.name, write.answered) for write in scene.writes(start) if write.scales and write.code < 300]
    return scales + [(ids[call.endpoint], call.at) for call in runpod_calls
                     if call.operation == "updateEndpoint" and call.accepted and call.endpoint in ids and call.at >= start]


def _await_answers(scene: Scene, runpod: SimulatedRunPod, ids: dict[str, str], edge: int, count: int) -> None:
    """Returns when every object had its call, at the latest half a minute after the edge. A look costs what is measured."""
    for pause in (5, 5, 5, 5, 10):
        time.sleep(pause)
        scene.world.check_operator()
        if len(first_calls(_calls(scene, runpod.calls(), ids, edge - STAMP), edge - STAMP)) == count:
            return


def _outcome(
        scene: Scene, runpod: SimulatedRunPod, ids: dict[str, str], edges: list[int], opens_first: dict[str, bool],
        accounts: int) -> Outcome:
    asked = runpod.calls()
    written = [write.received for write in scene.writes() if write.resource != "leases"]
    quiet = [edge - max(at for at in written if at < edge - STAMP) for edge in edges]
    calls = _calls(scene, asked, ids, edges[0] - MINUTE)
    answers: list[tuple[str, Answer]] = []
    early = 0
    for number, edge in enumerate(edges):
        found = first_calls(calls, edge - STAMP, edge + MINUTE - 1)
        answers += [("closing" if opens_first[answer.name] == (number % 2 == 0) else "opening", answer) for answer in found]
        # Quiet is checked from two seconds before: what the schedules' creation changed is over by then.
        early += sum(edge - 2 <= at < edge - STAMP for _, at in calls)

    def lags(kind: str = "", way: str = "") -> list[float]:
        return [max(0.0, answer.lag - STAMP) * 1000 for found, answer in answers
                if answer.name.startswith(kind) and found.startswith(way)]

    count, total = len(opens_first), len(opens_first) * len(edges)
    lag_count = lag_of(scheduled.scrape(scene))[0]
    outcome = Outcome(detail={
        "lagMs": lags(), "deploymentMs": lags("dep-"), "runpodMs": lags("pod-"), "closingMs": lags(way="closing"),
        "openingMs": lags(way="opening"), "quietBeforeS": quiet,
        "byEdge": [summary([answer.lag * 1000 for _, answer in answers if edge - 1 <= answer.at < edge + MINUTE - 1])
                   for edge in edges]})
    outcome.add("schedules, each with an endpoint of its own", count)
    outcome.add("of them for RunPod", f"{len(ids)} of {accounts} keys with 60 calls a minute")
    outcome.add("edges", len(edges))
    outcome.add_percentile("edge to accepted call, median", 0.5, "lagMs", "ms")
    outcome.add_percentile("edge to accepted call, p99", 0.99, "lagMs", "ms", BOUND_MS)
    outcome.add("edge to accepted call, max", max(lags(), default=float("inf")), "ms")
    for title, samples in (("Deployments", "deploymentMs"), ("RunPod endpoints", "runpodMs"), ("closings", "closingMs"),
                           ("openings", "openingMs")):
        outcome.add_percentile(f"{title}: edge to accepted call, p99", 0.99, samples, "ms", BOUND_MS)
    outcome.add("edges without a call", total - len(answers), "", 0)
    outcome.add("calls in the two seconds before an edge", early, "", 0)
    outcome.add("answers 429", sum(call.outcome == 429 for call in asked), "", 0)
    outcome.add("edges that martlet_schedule_lag_seconds has not", total - lag_count, "", 0)
    outcome.add("shortest silence before an edge", min(quiet), "s", cost=False)
    return outcome
