"""How many connections a thousand objects need: not one each, but a few for each distinct place with its credentials."""

from __future__ import annotations

import base64
import time
from collections import Counter
from contextlib import ExitStack

from lab.processes import free_port
from lab.redis_groups import ClusterGroup, SentinelGroup
from lab.resp import Redis, celery_message
from lab.sockets import connections
from lab.world import connect_redis, start_redis
from scenarios.scene import NAMESPACE, Outcome, Scene, celery_at, list_at

DEFAULT_OBJECTS = 1000
SECRET = "bench-redis"
USER, PASSWORD = "scaler", "not-a-secret"


def run(scene: Scene) -> Outcome:
    with ExitStack() as ending:
        outcome = _measure(scene, ending)
    return outcome


def _measure(scene: Scene, ending: ExitStack) -> Outcome:
    directory = scene.world.directory
    plain, numbered, guarded = (_server(scene, ending) for _ in range(3))
    connect_redis(guarded)("ACL", "SETUSER", USER, "on", f">{PASSWORD}", "~*", "&*", "+@all")
    sentinel = SentinelGroup(directory)
    ending.callback(sentinel.stop)
    cluster = ClusterGroup(directory)
    ending.callback(cluster.stop)
    scene.world.create_namespace(NAMESPACE)
    scene.world.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", {
        "metadata": {"name": SECRET, "annotations": {"martlet.dev/allow": "true"}},
        "data": {"username": _encoded(USER), "password": _encoded(PASSWORD)}})
    tuples = [
        ("Standalone", {"addresses": [f"127.0.0.1:{plain}"]}, [plain]),
        ("Standalone, database 3", {"addresses": [f"127.0.0.1:{numbered}"], "database": 3}, [numbered]),
        ("Standalone, a user of its own", {
            "addresses": [f"127.0.0.1:{guarded}"],
            "credentialsSecretRef": {"name": SECRET, "usernameKey": "username", "passwordKey": "password"}}, [guarded]),
        ("Sentinel", sentinel.spec(), [member.port for member in [*sentinel.members, *sentinel.others]]),
        ("Cluster", cluster.spec(), [member.port for member in cluster.members]),
    ]

    def each(number: int) -> dict[str, object]:
        label, spec, _ = tuples[number % len(tuples)]
        name = f"bench-{number:04}"
        # Half of them Celery; in a cluster its several keys would lie on several servers, so lists only.
        source = celery_at if number // len(tuples) % 2 == 0 and label != "Cluster" else list_at
        return source(spec, name)

    scene.populate(scene.effort.objects or DEFAULT_OBJECTS, cooldown=3600, each=each)
    operator = scene.start_operator()
    settled = scene.quiet(seconds=5, at_most=scene.effort.patience)
    scene.say(f"settled after {settled:.0f} s")
    most: Counter = Counter()
    for _ in range(5):
        _push(scene, tuples, plain, numbered, guarded, sentinel, cluster)
        time.sleep(1)
        for port, count in connections(operator.pid).items():
            most[port] = max(most[port], count)
    pushed = time.monotonic()
    scene.replicas.wait(scene.effort.patience, lambda sizes: all(sizes.values()))
    scene.world.check_operator()
    sizes = scene.replicas.all()
    behind = Counter(tuples[number % len(tuples)][0] for number, name in enumerate(scene.names) if not sizes[name])
    scene.say(f"waited {time.monotonic() - pushed:.1f} s more; not scaled: {dict(behind) or 'none'}")
    outcome = Outcome(detail={label: {port: most[port] for port in ports} for label, _, ports in tuples})
    outcome.add("objects; distinct servers with credentials", f"{len(scene.names)}; {len(tuples)}")
    for label, _, ports in tuples[:-1]:
        outcome.add(f"{label}: connections, Sentinels included", sum(most[port] for port in ports), "", 3)
    outcome.add("Cluster: connections to one node, most", max(most[port] for port in tuples[-1][2]), "", 2)
    outcome.add("Cluster: connections to replicas", sum(
        most[member.port] for member in cluster.members if not member.is_master))
    outcome.add("objects never scaled after a push", sum(behind.values()), "", 0)
    return outcome


def _server(scene: Scene, ending: ExitStack) -> int:
    port = free_port()
    folder = scene.world.directory / f"redis-{port}"
    folder.mkdir()
    ending.callback(start_redis(port, folder).stop, 3)
    connect_redis(port).close()
    return port


def _push(scene, tuples, plain, numbered, guarded, sentinel, cluster) -> None:
    """A task for every object, wherever its queue is."""
    by_label = {
        "Standalone": Redis(plain), "Standalone, database 3": Redis(numbered, database=3),
        "Standalone, a user of its own": Redis(guarded), "Sentinel": Redis(sentinel.masters()[0].port)}
    routed = cluster.client()
    for number, name in enumerate(scene.names):
        client = by_label.get(tuples[number % len(tuples)][0], routed)
        client("LPUSH", name, celery_message(name))
    for client in [*by_label.values(), routed]:
        client.close()


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
