"""A control plane, a Redis and an operator of one's own, in one temporary directory, gone when the block is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from lab.apiserver import Access, ApiError, ApiServer
from lab.audit import AuditLog
from lab.processes import Child, free_port
from lab.resp import Redis

ROOT = Path(__file__).resolve().parent.parent
OPERATOR_NAMESPACE = "operator"
# Names the operator in the audit log, so that its writes are told from everybody else's.
OPERATOR_USER = f"system:serviceaccount:{OPERATOR_NAMESPACE}:operator"


def user_name(account: str) -> str:
    """What the audit log calls a ServiceAccount that `identity()` made."""
    return f"system:serviceaccount:{OPERATOR_NAMESPACE}:{account}"


class World:
    """Everything around an operator. Enter it, then start the operator when the scene is set."""

    def __init__(self, directory: str | None = None, say=lambda text: None):
        self._given = directory
        self._say = say
        self._ending = ExitStack()
        self.operator: Child | None = None

    def __enter__(self) -> "World":
        self.directory = Path(self._given or tempfile.mkdtemp(prefix="martlet-lab-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self._given:
            self._ending.callback(shutil.rmtree, self.directory, ignore_errors=True)
        try:
            self._start()
        except BaseException:
            self._ending.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _start(self) -> None:
        script = [str(ROOT / "scripts/control-plane")]
        subprocess.run([*script, "install"], check=True, stdout=subprocess.DEVNULL)
        self._ending.callback(self._stop_control_plane, script)
        subprocess.run(
            [*script, "start", "--dir", str(self.directory)], check=True, capture_output=True, text=True)
        binaries = subprocess.run([*script, "path"], check=True, capture_output=True, text=True).stdout.strip()
        self.kubectl = f"{binaries}/kubectl"
        self.kubeconfig = self.directory / "kubeconfig"
        self.api = ApiServer(Access.from_kubeconfig(str(self.kubeconfig), self.kubectl))
        self.api.wait_until_ready(60)
        self.audit = AuditLog(self.directory / "audit.log")
        self.version = self.api.get("/version")["gitVersion"]
        self._say(f"control plane {self.version}")

        self.redis_port = free_port()
        self.redis_server = start_redis(self.redis_port, self.directory)
        self._ending.callback(self.redis_server.stop, 3)
        self.redis = connect_redis(self.redis_port)
        self.create_namespace(OPERATOR_NAMESPACE)
        self.operator_kubeconfig = self.identity("operator")

    def _stop_control_plane(self, script: list[str]) -> None:
        servers = [int(file.read_text()) for file in self.directory.glob("*.pid")]
        done = subprocess.run([*script, "stop", "--dir", str(self.directory)], capture_output=True, text=True)
        if done.returncode != 0:
            self._say(f"scripts/control-plane stop failed: {done.stderr.strip()}")
        # Never left running: the directory that tells their ids is deleted next.
        for pid in servers:
            try:
                if str(self.directory) in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                pass

    def identity(self, name: str) -> Path:
        """A ServiceAccount that may do everything: a kubeconfig with its token."""
        accounts = f"/api/v1/namespaces/{OPERATOR_NAMESPACE}/serviceaccounts"
        self.create(accounts, {"metadata": {"name": name}})
        self.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
            "metadata": {"name": f"lab-{name}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": OPERATOR_NAMESPACE}],
        })
        token = self.api.request("POST", f"{accounts}/{name}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 86400}})
        view = [self.kubectl, "config", "view", "--raw", "--flatten", "-o", "json", f"--kubeconfig={self.kubeconfig}"]
        config = json.loads(subprocess.run(view, check=True, capture_output=True, text=True).stdout)
        config["users"] = [{"name": name, "user": {"token": token["status"]["token"]}}]
        for context in config["contexts"]:
            context["context"] |= {"user": name, "namespace": OPERATOR_NAMESPACE}
        path = self.directory / f"{name}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return path

    def create(self, path: str, body: dict) -> None:
        """Creates, and is content with what exists already."""
        try:
            self.api.request("POST", path, body)
        except ApiError as error:
            if error.code != 409:
                raise

    def create_namespace(self, name: str) -> None:
        self.create("/api/v1/namespaces", {"metadata": {"name": name}})

    def apply(self, *paths: Path | str) -> None:
        """kubectl apply of files or folders, without client-side validation (1.20 knows no CEL). Waits for CRDs."""
        if not paths:
            return
        files = [word for path in paths for word in ("-f", str(path))]
        command = [self.kubectl, "apply", "--validate=false", f"--kubeconfig={self.kubeconfig}", *files]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"kubectl apply: {done.stderr.strip()}")
        subprocess.run(
            [self.kubectl, "wait", f"--kubeconfig={self.kubeconfig}", "--for=condition=Established", "--all",
             "--timeout=60s", "crd"], check=True, capture_output=True)

    def start_operator(self, command: list[str], kubeconfig: Path | None = None) -> Child:
        """Starts it as a child; `{kubeconfig}`, `{port}` (of its metrics) and `{dir}` in the command are filled in."""
        self.metrics_port = free_port()
        fields = {"{kubeconfig}": str(kubeconfig or self.operator_kubeconfig), "{port}": str(self.metrics_port),
                  "{dir}": str(self.directory)}
        words = []
        for word in command:
            for field, value in fields.items():
                word = word.replace(field, value)
            words.append(word)
        self.operator = Child(words, self.directory / "operator.log", {"POD_NAMESPACE": OPERATOR_NAMESPACE})
        self._ending.callback(self.operator.stop)
        return self.operator

    def check_operator(self) -> None:
        """Raises with the operator's last words if it has ended."""
        if self.operator is not None and not self.operator.alive:
            raise RuntimeError(f"the operator ended:\n{self.operator.last_words()}")


def start_redis(port: int, directory: Path) -> Child:
    """A Redis on loopback that keeps nothing."""
    return Child(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no",
         "--dir", str(directory)], directory / "redis.log")


def connect_redis(port: int, seconds: float = 10) -> Redis:
    """Connects as soon as it answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            redis = Redis(port)
            redis("PING")
            return redis
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
