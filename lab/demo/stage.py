"""Where the demo plays: a world of its own on this machine, or a cluster that exists already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from lab.apiserver import Access, ApiServer, environment_kubeconfig, kubectl_proxy
from lab.demo.ledger import LEDGER_KEY, Ledger
from lab.processes import Child, free_port
from lab.resp import Redis
from lab.world import ROOT, World

NAMESPACE = "martlet-demo"
DEPLOYMENT = "worker"
ENDPOINT = "image-gen"
SAMPLES = ROOT / "samples/demo"
# What the sample says and the stage replaces.
SAMPLE_REDIS = "redis.martlet-demo.svc:6379"
SAMPLE_IMAGE = "registry.invalid/celery:5"
VIRTUAL_NODES = 20
OPERATOR_FLAGS = ["--allow-loopback", "--require-consent", "off"]


class Stage:
    """Enter it; afterwards everything that the demo calls for is up, except the operator."""

    samples = SAMPLES
    sample_files = ("worker.yaml", "endpoint.yaml")
    # Of the operator, beside those that this process has.
    operator_environment: dict[str, str] = {}

    def __init__(self, say):
        self._say = say
        self._ending = ExitStack()

    def __enter__(self) -> "Stage":
        try:
            self._build()
        except BaseException:
            self._ending.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _build(self) -> None:
        raise NotImplementedError

    def _render(self, name: str, changes: dict[str, str]) -> Path:
        text = (self.samples / name).read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        path = self.directory / name
        path.write_text(text)
        return path

    def _kubectl(self, *words: str) -> str:
        done = subprocess.run([*self.kubectl, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"kubectl {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, changes: dict[str, str]) -> None:
        """The CRDs and the sample, as a user would."""
        self._kubectl("apply", "--validate=false", "-f", str(ROOT / "crds"))
        self._kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(ROOT / "crds"))
        for name in self.sample_files:
            self._kubectl("apply", "--validate=false", "-f", str(self._render(name, changes)))
        self._say(f"applied crds/ and {self.samples.relative_to(ROOT)}")

    def start_operator(self, command: list[str]) -> Child:
        operator = Child(
            [word.replace("{kubeconfig}", str(self.operator_kubeconfig)).replace("{port}", str(free_port()))
             for word in command], self.directory / "operator.log", self.operator_environment)
        self._ending.callback(operator.stop)
        self._operator_started()
        self._await_accepted(operator)
        self._say(f"operator runs, pid {operator.pid}, and accepted {ENDPOINT}")
        return operator

    def _operator_started(self) -> None:
        """For what must be ended before the operator is."""

    def _await_accepted(self, operator: Child) -> None:
        self._await(operator, "InferenceEndpoint", ENDPOINT, "Accepted")

    def _await(self, operator: Child, kind: str, name: str, condition: str) -> None:
        """Until an object has this condition."""
        path = self.api.path("martlet.dev/v1alpha1", kind, NAMESPACE, name)
        deadline = time.monotonic() + 60
        conditions: dict[str, dict] = {}
        while time.monotonic() < deadline:
            if not operator.alive:
                raise RuntimeError(f"the operator ended:\n{operator.last_words()}")
            status = self.api.get(path).get("status", {})
            conditions = {one["type"]: one for one in status.get("conditions", [])}
            if conditions.get(condition, {}).get("status") == "True":
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} is not {condition}: {json.dumps(conditions)}\n{operator.last_words()}")


class OwnStage(Stage):
    """Control plane, Redis and virtual GPU nodes that run the workers as processes of this machine."""

    owns_redis = True

    def __init__(self, say, lab_command: list[str]):
        super().__init__(say)
        self._lab_command = lab_command

    def _build(self) -> None:
        world = self._ending.enter_context(World(say=self._say))
        self.directory, self.api = world.directory, world.api
        self.kubeconfig, self.operator_kubeconfig = world.kubeconfig, world.operator_kubeconfig
        self.kubectl = [world.kubectl, f"--kubeconfig={world.kubeconfig}"]
        self.redis, self.redis_port = world.redis, world.redis_port
        self.broker = f"redis://127.0.0.1:{world.redis_port}/0"
        self._say(f"Redis on port {world.redis_port}")
        folder = self.directory / "ledger"
        folder.mkdir()
        self.ledger = Ledger(folder)
        self._start_nodes()
        self.apply({
            SAMPLE_REDIS: f"127.0.0.1:{world.redis_port}", "workingDir: /app": f"workingDir: {SAMPLES}",
            "name: LEDGER, value: redis": f"name: LEDGER, value: {folder}"})

    def _start_nodes(self) -> None:
        words = [word.replace("{kubeconfig}", str(self.kubeconfig)).replace("{dir}", str(self.directory / "nodes"))
                 .replace("{count}", str(VIRTUAL_NODES)) for word in self._lab_command]
        # The workers' `celery` is the one of the Python that runs the demo.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        (self.directory / "nodes").mkdir()
        nodes = Child(words, self.directory / "nodes.log", {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"})
        self._ending.callback(nodes.stop, 20)
        deadline = time.monotonic() + 60
        ready = 0
        while ready < VIRTUAL_NODES:
            if not nodes.alive or time.monotonic() > deadline:
                raise RuntimeError(f"{ready} of {VIRTUAL_NODES} virtual nodes are ready:\n{nodes.last_words()}")
            time.sleep(0.2)
            listed = self.api.get("/api/v1/nodes")["items"]
            ready = sum(any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
                        for node in listed)
        self._say(f"{ready} virtual nodes with a GPU each")


class ClusterStage(Stage):
    """A cluster of the user's: workers from an image, the ledger at the broker, the operator here with the user's rights."""

    owns_redis = False

    def __init__(self, say, context: str, redis: str, image: str, directory: Path):
        super().__init__(say)
        self._context, self._address, self._image, self.directory = context, redis, image, directory
        self._cleared = False

    def _build(self) -> None:
        kubeconfig = environment_kubeconfig()
        self.kubectl = ["kubectl", f"--context={self._context}"]
        self.kubeconfig = Path(kubeconfig)
        port = free_port()
        proxy = Child(kubectl_proxy("kubectl", None, self._context, port), self.directory / "proxy.log")
        self._ending.callback(proxy.stop)
        self.api = ApiServer(Access(f"http://127.0.0.1:{port}", None, None))
        try:
            self.api.wait_until_ready(20)
        except TimeoutError:
            raise RuntimeError(f"context {self._context} can't be reached:\n{proxy.last_words()}") from None
        self._say(f"context {self._context}, Kubernetes {self.api.get('/version')['gitVersion']}")
        self.operator_kubeconfig = self.directory / "operator.kubeconfig"
        self.operator_kubeconfig.touch(mode=0o600)
        self.operator_kubeconfig.write_text(self._kubectl("config", "view", "--raw", "--flatten", "--minify"))
        host, _, redis_port = self._address.rpartition(":")
        self.redis_port = int(redis_port)
        self.redis = Redis(self.redis_port, host)
        self.redis("DEL", LEDGER_KEY)
        self.broker = f"redis://{self._address}/0"
        self.ledger = Ledger(None, self.redis)
        # Fails if it exists: it may be somebody else's, and is deleted at the end.
        self._kubectl("create", "namespace", NAMESPACE)
        self._ending.callback(self._clear)
        tasks = json.dumps({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tasks", "namespace": NAMESPACE},
            "data": {"tasks.py": (SAMPLES / "tasks.py").read_text()}})
        (self.directory / "tasks.json").write_text(tasks)
        self._kubectl("apply", "-f", str(self.directory / "tasks.json"))
        self.apply({SAMPLE_REDIS: self._address, SAMPLE_IMAGE: self._image})

    def _operator_started(self) -> None:
        # The operator must still be there to take its finalizer off.
        self._ending.callback(self._clear)

    def _clear(self) -> None:
        """Takes the sample away, once; the CRDs stay, other objects may use them."""
        if self._cleared:
            return
        self._cleared = True
        for kind in ("inferenceendpoint.martlet.dev", "namespace"):
            name = NAMESPACE if kind == "namespace" else ENDPOINT
            try:
                self._kubectl("delete", kind, name, "-n", NAMESPACE, "--ignore-not-found", "--timeout=20s",
                              f"--wait={str(kind != 'namespace').lower()}")
            except RuntimeError as error:
                self._say(f"left behind: {error}")
