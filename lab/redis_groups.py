"""Redis in the shapes that production has: a master with replicas under Sentinels, and a cluster. All on loopback."""

from __future__ import annotations

import binascii
import signal
import time
from pathlib import Path

from lab.processes import Child, free_port
from lab.resp import Redis, RedisError

MASTER_NAME = "mymaster"
CLUSTER_MASTERS = 3


class Member:
    """One server of a group."""

    def __init__(self, directory: Path, name: str, settings: list[str], ports: int = 1):
        self.port = free_port()
        self.bus_port = free_port() if ports > 1 else None
        self._folder = directory / f"{name}-{self.port}"
        self._folder.mkdir()
        bus = [f"cluster-port {self.bus_port}"] if self.bus_port else []
        self._settings = self._folder / "redis.conf"
        self._settings.write_text("\n".join([
            "bind 127.0.0.1", f"port {self.port}", f"dir {self._folder}", "protected-mode no", *bus, *settings, ""]))
        self._sentinel = any(line.startswith("sentinel ") for line in settings)
        self.child: Child | None = None

    def start(self) -> "Member":
        # A server rewrites its file; started again it finds what it knew.
        words = ["redis-server", str(self._settings)] + (["--sentinel"] if self._sentinel else [])
        self.child = Child(words, self._folder / "redis.log")
        return self

    def connect(self, seconds: float = 10) -> Redis:
        """Connects as soon as it answers."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                redis = Redis(self.port, timeout=5)
                redis("PING")
                return redis
            except (OSError, RedisError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def ask(self, *words: str | int) -> object:
        """One command over a connection of its own; None if nobody answers."""
        try:
            redis = Redis(self.port, timeout=2)
            try:
                return redis(*words)
            finally:
                redis.close()
        except (OSError, RedisError):
            return None

    @property
    def is_master(self) -> bool:
        role = self.ask("ROLE")
        return bool(role) and role[0] == b"master"

    def kill(self) -> None:
        self.child.stop(0, first=signal.SIGKILL)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(2)


class Group:
    """Servers that end together. `members` are those that hold data. Making one takes some seconds."""

    def __init__(self, directory: Path, seconds: float = 60):
        self._directory, self._patience = directory, seconds
        self.members: list[Member] = []
        self.others: list[Member] = []
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        raise NotImplementedError

    def _member(self, name: str, settings: list[str], ports: int = 1) -> Member:
        """Started, and among those that end with the group."""
        member = Member(self._directory, name, settings, ports)
        (self.others if name == "sentinel" else self.members).append(member)
        return member.start()

    def stop(self) -> None:
        for member in [*self.others, *self.members]:
            member.stop()

    def masters(self) -> list[Member]:
        return [member for member in self.members if member.is_master]


class SentinelGroup(Group):
    """A master, two replicas, three Sentinels that agree by two."""

    def _start(self) -> None:
        plain = ['save ""', "appendonly no", "repl-diskless-sync-delay 0", "repl-diskless-sync yes"]
        first = self._member("data", plain)
        for _ in range(2):
            self._member("data", [*plain, f"replicaof 127.0.0.1 {first.port}"])
        first.connect().close()
        for _ in range(3):
            self._member("sentinel", [
                f"sentinel monitor {MASTER_NAME} 127.0.0.1 {first.port} 2",
                f"sentinel down-after-milliseconds {MASTER_NAME} 1000",
                f"sentinel failover-timeout {MASTER_NAME} 3000", f"sentinel parallel-syncs {MASTER_NAME} 2"])
        _await(self._agreed, self._patience, "the Sentinels did not find each other and the replicas")

    @property
    def addresses(self) -> list[str]:
        return [f"127.0.0.1:{member.port}" for member in self.others]

    def spec(self) -> dict[str, object]:
        return {"mode": "Sentinel", "addresses": self.addresses, "sentinelMaster": MASTER_NAME}

    def _agreed(self) -> bool:
        for member in self.others:
            answer = member.ask("SENTINEL", "MASTER", MASTER_NAME)
            if not answer:
                return False
            facts = dict(zip(answer[::2], answer[1::2]))
            if facts.get(b"num-slaves") != b"2" or facts.get(b"num-other-sentinels") != b"2":
                return False
        return True

    def in_step(self) -> bool:
        """Whether one server is master and every other a replica of it that follows."""
        masters = self.masters()
        role = masters[0].ask("ROLE") if len(masters) == 1 else None
        return bool(role) and len(role[2]) == len(self.members) - 1

    @staticmethod
    def demote(former: Member, master: Member) -> None:
        """Makes the former master a replica at once: Sentinel leaves it what it is for about ten seconds."""
        former.ask("REPLICAOF", "127.0.0.1", master.port)

    def fail_over(self, seconds: float = 20) -> None:
        """Asks a Sentinel until one begins; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            for member in self.others:
                if member.ask("SENTINEL", "FAILOVER", MASTER_NAME) == "OK":
                    return
            if time.monotonic() > deadline:
                raise TimeoutError("no Sentinel would begin a failover")
            time.sleep(0.2)


class ClusterGroup(Group):
    """Three masters with a replica each; a master counts as lost after a second."""

    def _start(self) -> None:
        masters = CLUSTER_MASTERS
        settings = [
            'save ""', "appendonly no", "repl-diskless-sync-delay 0", "repl-diskless-sync yes", "cluster-enabled yes",
            "cluster-config-file nodes.conf", "cluster-node-timeout 1000", "cluster-replica-validity-factor 0"]
        for _ in range(2 * masters):
            self._member("node", settings, ports=2)
        clients = [member.connect() for member in self.members]
        for number, client in enumerate(clients):
            client("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for member in self.members[1:]:
            clients[0]("CLUSTER", "MEET", "127.0.0.1", member.port, member.bus_port)
        size = -(-16384 // masters)
        for number in range(masters):
            clients[number]("CLUSTER", "ADDSLOTSRANGE", number * size, min(16384, (number + 1) * size) - 1)
        _await(lambda: all(self._facts(client)["cluster_known_nodes"] == str(2 * masters) for client in clients),
               self._patience, "the cluster's nodes did not find each other")
        for number in range(masters):
            self._follow(clients[masters + number], clients[number]("CLUSTER", "MYID").decode())
        _await(self.in_step, self._patience, "the cluster did not come up")
        for client in clients:
            client.close()

    @property
    def addresses(self) -> list[str]:
        return [f"127.0.0.1:{member.port}" for member in self.members]

    def spec(self) -> dict[str, object]:
        return {"mode": "Cluster", "addresses": self.addresses}

    @staticmethod
    def _follow(client: Redis, master: str) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                client("CLUSTER", "REPLICATE", master)
                return
            except RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    @staticmethod
    def _facts(client: Redis) -> dict[str, str]:
        text = client("CLUSTER", "INFO").decode()
        return dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line)

    def in_step(self) -> bool:
        """Whether every slot is served, and every master has a replica that follows."""
        masters = self.masters()
        if len(masters) * 2 != len(self.members):
            return False
        for member in self.members:
            info = member.ask("CLUSTER", "INFO")
            if not info or b"cluster_state:ok" not in info:
                return False
        return all(len(member.ask("ROLE")[2]) == 1 for member in masters)

    def client(self) -> "ClusterClient":
        return ClusterClient(self)


class ClusterClient:
    """Sends each command to whoever serves its key now. Not for more than one thread."""

    def __init__(self, group: ClusterGroup):
        self._group = group
        self._places: list[tuple[range, int]] = []
        self._clients: dict[int, Redis] = {}

    def owner(self, key: str) -> Member:
        """The node that serves the key, as the map of the last refresh says; raises LookupError."""
        slot = binascii.crc_hqx(key.encode(), 0) % 16384
        port = next((port for slots, port in self._places if slot in slots), None)
        member = next((member for member in self._group.members if member.port == port), None)
        if member is None:
            raise LookupError(f"nobody serves {key}")
        return member

    def __call__(self, command: str, key: str, *words: str | bytes | int) -> object:
        """One command about one key; raises OSError, RedisError or LookupError when nobody serves it now."""
        for attempt in (1, 2):
            if not self._places:
                self.refresh()
            try:
                port = self.owner(key).port
                if port not in self._clients:
                    self._clients[port] = Redis(port, timeout=2)
                return self._clients[port](command, key, *words)
            except (OSError, RedisError, LookupError):
                self.close()
                if attempt == 2:
                    raise

    def refresh(self) -> None:
        """Takes the map of the node that knows the latest epoch among those that answer."""
        newest = -1
        for member in self._group.members:
            facts, slots = member.ask("CLUSTER", "INFO"), member.ask("CLUSTER", "SLOTS")
            if not facts or not slots:
                continue
            epoch = int(facts.split(b"cluster_current_epoch:")[1].split(b"\r")[0])
            if epoch > newest:
                newest = epoch
                self._places = [(range(low, high + 1), master[1]) for low, high, master, *_ in slots]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients, self._places = {}, []


def _await(ready, seconds: float, problem: str) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(problem)
        time.sleep(0.1)
