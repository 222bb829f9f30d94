"""A small client for an API server: keep-alive requests from many threads, and watches on a thread of their own."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

MERGE_PATCH = "application/merge-patch+json"


class ApiError(Exception):
    """An answer other than 2xx, with the server's own words."""

    def __init__(self, code: int, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Access:
    """Where the server is and how to be somebody there."""

    url: str
    tls: ssl.SSLContext | None
    token: str | None
    server_name: str | None = None

    @staticmethod
    def from_kubeconfig(path: str, kubectl: str = "kubectl", context: str | None = None) -> "Access":
        """Reads certificates or a token; kubectl resolves files, merges and contexts. Raises ValueError for anything else."""
        command = [kubectl, "config", "view", "--raw", "--flatten", "--minify", "-o", "json", "--kubeconfig", path]
        if context:
            command += ["--context", context]
        config = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        tls = None
        if cluster["server"].startswith("https"):
            tls = ssl.create_default_context()
            if "certificate-authority-data" in cluster:
                tls.load_verify_locations(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
            if "client-certificate-data" in user:
                _load_certificate(tls, user["client-certificate-data"], user["client-key-data"])
        if "client-certificate-data" not in user and "token" not in user:
            raise ValueError(f"{path}: neither a client certificate nor a token")
        return Access(cluster["server"], tls, user.get("token"), cluster.get("tls-server-name"))


def _load_certificate(tls: ssl.SSLContext, certificate: str, key: str) -> None:
    # ssl reads certificates from files only; this one is private (0600) and gone at once.
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(base64.b64decode(certificate) + b"\n" + base64.b64decode(key))
        pair.flush()
        tls.load_cert_chain(pair.name)


class ApiServer:
    """One connection a thread, kept alive."""

    def __init__(self, access: Access):
        self.access = access
        self._local = threading.local()
        self._resources: dict[str, dict] = {}

    def connect(self, timeout: float | None) -> http.client.HTTPConnection:
        url = urllib.parse.urlsplit(self.access.url)
        if self.access.tls is None:
            connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=timeout)
        else:
            connection = http.client.HTTPSConnection(
                url.hostname, url.port or 443, timeout=timeout, context=self.access.tls)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "martlet-harness"}
        if self.access.token:
            headers["Authorization"] = f"Bearer {self.access.token}"
        return headers

    def request(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> dict:
        """One request; `body` is text or something for JSON. A connection that died while idle is replaced once."""
        payload = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
        headers = self.headers() | {"Content-Type": content_type}
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            reused = connection is not None
            try:
                if connection is None:
                    connection = self._local.connection = self.connect(timeout=60)
                connection.request(method, path, body=payload, headers=headers)
                response = connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, OSError):
                self._local.connection = None
                if attempt == 2 or not reused:
                    raise
        if response.status >= 300:
            try:
                message = json.loads(text).get("message", "")
            except ValueError:
                message = text[:300].decode(errors="replace")
            raise ApiError(response.status, f"{method} {path}: {message}")
        return json.loads(text) if text[:1] in (b"{", b"[") else {}

    def get(self, path: str) -> dict:
        return self.request("GET", path)

    def patch(self, path: str, change: dict) -> dict:
        return self.request("PATCH", path, change, MERGE_PATCH)

    def path(self, api_version: str, kind: str, namespace: str | None, name: str = "") -> str:
        """The URL path of a kind, as discovery tells it. Raises KeyError for a kind that the server does not know."""
        base = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        found = self._resources.get(api_version, {}).get(kind)
        if found is None:
            listed = self.get(base)["resources"]
            self._resources[api_version] = {r["kind"]: r for r in listed if "/" not in r["name"]}
            found = self._resources[api_version][kind]
        middle = f"/namespaces/{namespace}" if found["namespaced"] and namespace else ""
        return f"{base}{middle}/{found['name']}" + (f"/{name}" if name else "")

    def wait_until_ready(self, seconds: float) -> None:
        """Returns when /readyz says ok; raises TimeoutError after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                connection = self.connect(timeout=5)
                connection.request("GET", "/readyz", headers=self.headers())
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError("the API server is not ready")
            time.sleep(0.2)


def in_parallel(work: Callable[[object], object], items: Iterable, threads: int = 8) -> list:
    """Applies `work` to every item on a few threads; the first failure is raised."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


class Watch(threading.Thread):
    """Lists, then watches one collection, and hands every object to `on_event` with the instant its bytes arrived.

    `on_event(kind, object, instant)`: kind is ADDED, MODIFIED or DELETED, the instant is time.monotonic(). It runs on
    the watching thread. The watch ends with `stop()`; a server that goes away is listed anew, until then nothing arrives.
    """

    def __init__(self, server: ApiServer, path: str, on_event: Callable[[str, dict, float], None]):
        super().__init__(daemon=True)
        self._server, self._path, self._on_event = server, path, on_event
        self._stopped = threading.Event()
        self.synced = threading.Event()

    def begin(self) -> "Watch":
        self.start()
        if not self.synced.wait(60):
            raise TimeoutError(f"no first list of {self._path}")
        return self

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._round()
            except (OSError, http.client.HTTPException, ValueError, ApiError):
                self._stopped.wait(0.5)

    def _round(self) -> None:
        joint = "&" if "?" in self._path else "?"
        listed = self._server.get(self._path)
        now = time.monotonic()
        for item in listed["items"]:
            self._on_event("ADDED", item, now)
        self.synced.set()
        version = listed["metadata"]["resourceVersion"]
        # The read times out now and then so that stop() is heard.
        connection = self._server.connect(timeout=600)
        connection.request(
            "GET", f"{self._path}{joint}watch=1&resourceVersion={version}&timeoutSeconds=3600",
            headers=self._server.headers())
        response = connection.getresponse()
        try:
            while not self._stopped.is_set():
                line = response.readline()
                now = time.monotonic()
                if not line:
                    return
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                self._on_event(event["type"], event["object"], now)
        finally:
            connection.close()

    def stop(self) -> None:
        self._stopped.set()


def kubectl_proxy(kubectl: str, kubeconfig: str | None, context: str, port: int) -> list[str]:
    """The command that gives any cluster, whatever its way of logging in, a plain address on loopback."""
    command = [kubectl, "proxy", "--address=127.0.0.1", f"--port={port}", f"--context={context}"]
    return command + ([f"--kubeconfig={kubeconfig}"] if kubeconfig else [])


def environment_kubeconfig() -> str:
    """What kubectl would read: the first entry of KUBECONFIG, else ~/.kube/config."""
    return os.environ.get("KUBECONFIG", "").split(":")[0] or os.path.expanduser("~/.kube/config")
