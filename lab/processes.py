"""Child processes that are ended by their own id, and what /proc says of them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port of 127.0.0.1, from below the range that the kernel gives to outgoing connections."""
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Child:
    """A process in a session of its own, with its output in a file. The session ends with `stop()`."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.log = log
        self.started_at = time.time()
        self.started = time.monotonic()
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                env=os.environ | (environment or {}))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def last_words(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, grace: float = 15, first: signal.Signals = signal.SIGTERM) -> int | None:
        """Asks, waits `grace` seconds, then kills what is left of the session. Returns the exit code."""
        if self.alive:
            self._process.send_signal(first)
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        # Its own session: nobody else's process is in this group.
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        return self._process.returncode


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    found = [pid]
    for member in found:
        found += parents.get(member, [])
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its descendants."""
    total = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return total / TICKS


def resident_bytes(pid: int) -> int:
    """Resident memory of the process and its descendants."""
    total = 0
    for member in family(pid):
        try:
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * PAGE
        except OSError:
            continue
    return total


class Sampler(threading.Thread):
    """Takes memory and processor time of a process once a second."""

    def __init__(self, pid: int, every: float = 1.0):
        super().__init__(daemon=True)
        self._pid, self._every = pid, every
        self._ended = threading.Event()
        self.samples: list[tuple[float, int, float]] = []   # monotonic seconds, bytes, processor seconds

    def run(self) -> None:
        while not self._ended.wait(self._every):
            self.samples.append((time.monotonic(), resident_bytes(self._pid), cpu_seconds(self._pid)))

    def __enter__(self) -> "Sampler":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), os.uname().machine)
    memory = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    system = next(
        (line.split("=", 1)[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
         if line.startswith("PRETTY_NAME=")), "Linux")
    return {
        "cpu": model, "cores": len(os.sched_getaffinity(0)), "memoryGiB": round(memory / 2**30, 1), "system": system,
        "kernel": os.uname().release, "loadBefore": round(os.getloadavg()[0], 2),
    }
