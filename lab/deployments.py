"""What every Deployment of a namespace was told to run, and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lab.apiserver import ApiServer, Watch


class Replicas:
    """`spec.replicas` by Deployment, with each change and the instant (time.monotonic()) at which it was seen."""

    def __init__(self, api: ApiServer, namespace: str):
        self._changed = threading.Condition()
        self._history: dict[str, list[tuple[float, int]]] = {}
        self._status: dict[str, dict] = {}
        self._watch = Watch(api, f"/apis/apps/v1/namespaces/{namespace}/deployments", self._take).begin()

    def _take(self, kind: str, deployment: dict, now: float) -> None:
        name = deployment["metadata"]["name"]
        with self._changed:
            if kind == "DELETED":
                self._history.pop(name, None)
                return
            replicas = deployment["spec"].get("replicas", 1)
            history = self._history.setdefault(name, [])
            self._status[name] = deployment.get("status", {})
            if not history or history[-1][1] != replicas:
                history.append((now, replicas))
                self._changed.notify_all()

    def now(self, name: str) -> int:
        with self._changed:
            return self._history[name][-1][1]

    def status(self, name: str) -> dict:
        with self._changed:
            return self._status.get(name, {})

    def all(self) -> dict[str, int]:
        with self._changed:
            return {name: history[-1][1] for name, history in self._history.items()}

    def since(self, name: str, instant: float) -> list[tuple[float, int]]:
        """Changes of one Deployment after the instant, oldest first."""
        with self._changed:
            return [change for change in self._history[name] if change[0] > instant]

    def wait(self, seconds: float, until: Callable[[dict[str, int]], bool]) -> bool:
        """Waits until the sizes of all satisfy `until`; False when the time is over."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not until({name: history[-1][1] for name, history in self._history.items()}):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def wait_for(self, name: str, seconds: float, until: Callable[[int], bool]) -> float | None:
        """The instant at which the Deployment's size came to satisfy `until`; None when the time is over."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                changed, replicas = self._history[name][-1]
                if until(replicas):
                    return changed
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)

    def stop(self) -> None:
        self._watch.stop()
