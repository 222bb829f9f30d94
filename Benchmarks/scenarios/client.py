"""The Kubernetes client without an operator around it: a large list, and how soon a watch has a change in the store.

`martlet-lab client` does the work and prints what it saw; this makes its objects.
"""

from __future__ import annotations

import json
import subprocess

from lab.apiserver import in_parallel
from lab.figures import summary
from lab.world import ROOT
from scenarios.scene import NAMESPACE, Outcome, Scene

DEFAULT_OBJECTS = 10_000
MIB = 2**20


def run(scene: Scene) -> Outcome:
    world, count = scene.world, scene.effort.objects or DEFAULT_OBJECTS
    world.create_namespace(NAMESPACE)
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    in_parallel(lambda number: world.api.request("POST", path, {
        "metadata": {"name": f"map-{number:05}", "labels": {"app": "bench", "number": str(number)}},
        "data": {"value": f"some text of a common length, number {number}"}}), range(count))
    scene.say(f"{count} objects made")
    program = scene.subject.command[0].rsplit("/", 1)[0] + "/martlet-lab"
    if not (ROOT / program).exists():
        raise RuntimeError(f"no {program}: build the product martlet-lab too")
    done = subprocess.run(
        [program, "client", "--kubeconfig", str(world.operator_kubeconfig), "--namespace", NAMESPACE,
         "--samples", str(scene.effort.samples)], capture_output=True, text=True, timeout=scene.effort.patience * 3)
    if done.returncode != 0:
        raise RuntimeError(f"martlet-lab client failed: {done.stderr.strip()[-1000:]}")
    found = json.loads(done.stdout)
    listing = summary(found["listSeconds"])
    outcome = Outcome(detail=found)
    outcome.add("objects", found["objects"])
    outcome.add("all listed in pages of 500, median", listing["median"], "s")
    outcome.add("start to the store complete", found["syncSeconds"], "s")
    outcome.add("resident memory, before", found["residentBefore"] / MIB, "MiB")
    outcome.add("resident memory, all in the store", found["residentAfter"] / MIB, "MiB")
    outcome.add_percentile("PATCH sent to change in the store, median", 0.5, "changeMilliseconds", "ms")
    outcome.add_percentile("PATCH sent to change in the store, p99", 0.99, "changeMilliseconds", "ms")
    outcome.add("samples", len(found["changeMilliseconds"]))
    return outcome
