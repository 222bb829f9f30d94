"""InferenceEndpoints with a GPUSchedule each, and a simulated RunPod beside the control plane."""

from __future__ import annotations

import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable

from lab.apiserver import in_parallel
from lab.runpod import SimulatedRunPod, command
from lab.world import ROOT
from scenarios.edge_calls import windows
from scenarios.scene import NAMESPACE, Scene

API = f"/apis/martlet.dev/v1alpha1/namespaces/{NAMESPACE}"
SECRET_KEY = "apiKey"
INSIDE = {"workers": {"min": 1, "max": 5}, "runpod": {"min": 1, "max": 2}}


def start_runpod(scene: Scene, accounts: int, *flags: str) -> SimulatedRunPod:
    """As many accounts as asked for, each with its key in a Secret of the namespace: `key-00`, …"""
    program = ROOT / (scene.subject.command[0].rsplit("/", 1)[0] + "/martlet-lab")
    if not program.exists():
        raise RuntimeError(f"no {program}: build the product martlet-lab too")
    keys = [f"lab-{uuid.uuid4()}" for _ in range(accounts)]
    runpod = SimulatedRunPod(command(str(program), keys, *flags), scene.world.directory / "runpod.log")
    for number, key in enumerate(keys):
        scene.world.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", {
            "metadata": {"name": f"key-{number:02}"}, "stringData": {SECRET_KEY: key}})
    return runpod


def make_runpod_endpoint(scene: Scene, name: str, account: int) -> None:
    """An endpoint that keeps nothing while nobody governs it: `min` is the schedule's."""
    scene.world.api.request("POST", f"{API}/inferenceendpoints", {
        "apiVersion": "martlet.dev/v1alpha1", "kind": "InferenceEndpoint", "metadata": {"name": name},
        "spec": {"runpod": {
            "credentialsSecretRef": {"name": f"key-{account:02}", "key": SECRET_KEY}, "image": "registry.invalid/worker:1",
            "gpu": {"pools": ["ADA_24"]}, "workers": {"min": 0, "max": INSIDE["runpod"]["max"]}}}})


def schedule(scene: Scene, names: Iterable[str], edges: list[int], opens_first: Callable[[str], bool]) -> None:
    """One GPUSchedule an endpoint, that changes at each of the edges."""
    in_parallel(lambda name: scene.world.api.request("POST", f"{API}/gpuschedules", {
        "apiVersion": "martlet.dev/v1alpha1", "kind": "GPUSchedule", "metadata": {"name": name},
        "spec": {"timeZone": "Etc/UTC", "targets": [{"name": name}], "windows": windows(edges, opens_first(name)),
                 "inside": {backend: INSIDE[backend] for backend in backends(name)},
                 "outside": {backend: {"max": 0} for backend in backends(name)}}}), names)


def backends(name: str) -> list[str]:
    return ["runpod"] if name.startswith("pod-") else ["workers"]


def ids_by_name(scene: Scene) -> dict[str, str]:
    """The RunPod id of every object that has one, by the object's name."""
    items = scene.world.api.get(f"{API}/inferenceendpoints")["items"]
    ids = {item["metadata"]["name"]: item.get("status", {}).get("runpod", {}).get("endpointId") for item in items}
    return {name: found for name, found in ids.items() if found}


def await_runpod(scene: Scene, runpod: SimulatedRunPod, what: str, until: Callable[[list[dict]], bool], patience: float) -> None:
    """Waits until the endpoints are as `until` wants them. Raises TimeoutError with what the operator said last."""
    deadline = time.monotonic() + patience
    while not until(runpod.endpoints()):
        scene.world.check_operator()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {patience:.0f} s: {what}\n{scene.world.operator.last_words()}")
        time.sleep(0.5)


def scrape(scene: Scene) -> str:
    """The operator's /metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{scene.world.metrics_port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def sleep_until(scene: Scene, instant: float) -> None:
    while (left := instant - time.time()) > 0:
        time.sleep(min(left, 1))
        scene.world.check_operator()
