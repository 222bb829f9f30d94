"""Runs the demonstration; scripts/demo has installed and built what it needs. Fails unless the verdict is clean."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from lab.day.calendar import three_days
from lab.day.play import LOAD, PULL
from lab.day.play import play as play_days
from lab.day.stage import DayStage
from lab.demo.ledger import Verdict, judge
from lab.demo.load import CLIENTS, JOBS, Clients, FirstPush
from lab.demo.observer import Observer
from lab.demo.stage import DEPLOYMENT, NAMESPACE, OPERATOR_FLAGS, ClusterStage, OwnStage, Stage
from lab.demo.timeline import Story, draw
from lab.demo.view import View
from lab.deployments import Replicas
from lab.processes import Child
from lab.terminal import Progress
from lab.world import ROOT

MOST_WORKERS = 20
# Seconds. Twenty Celery workers take about ten to start on two cores, the jobs about as long.
PATIENCE = 240
RELEASE = ROOT / ".build/release"
OPERATOR = " ".join(
    [f"{RELEASE}/martlet", "controller --kubeconfig {kubeconfig} --metrics-address 127.0.0.1:{port}", *OPERATOR_FLAGS])
NODES = f"{RELEASE}/martlet-lab nodes --kubeconfig {{kubeconfig}} --count {{count}} --gpus 1 --dir {{dir}}"
RUNPOD = f"{RELEASE}/martlet-lab runpod --port 0 --pull {PULL} --load {LOAD} --beat 10"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="0 → 20 GPU workers → 0, judged by the workers' own files; or with --schedule "
        "days of a RunPod endpoint, judged by RunPod's ledger.")
    parser.add_argument(
        "--schedule", action="store_true", help="a day in a minute: opened warm at 08:00, drained and closed at 17:00, and "
        "its bill; then the day on which the clocks change next, and a holiday")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw it there")
    parser.add_argument("--keep", action="store_true", help="leave it up for kubectl until Ctrl-C")
    parser.add_argument("--context", help="play on this kubeconfig context instead of a control plane of its own")
    parser.add_argument("--redis", metavar="HOST:PORT", help="with --context: a Redis that the cluster and this machine reach")
    parser.add_argument("--image", help="with --context: the workers' image; it needs Python and celery[redis]")
    parser.add_argument("--operator-command", default=OPERATOR, help=argparse.SUPPRESS)
    parser.add_argument("--nodes-command", default=NODES, help=argparse.SUPPRESS)
    parser.add_argument("--runpod-command", default=RUNPOD, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.context and options.schedule:
        parser.error("--schedule plays in a world of its own, without --context")
    if options.context and not (options.redis and options.image):
        parser.error(
            "--context needs --redis HOST:PORT (an address that both the cluster and this machine reach) and --image "
            "IMAGE (any image with Python and celery[redis]; the tasks are mounted from a ConfigMap)")
    if options.redis and ":" not in options.redis:
        parser.error("--redis wants HOST:PORT")
    return options


def main() -> int:
    options = arguments()
    # As an exception, so that everything started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say = Progress()
    try:
        return 0 if (days if options.schedule else jobs)(options, say) else 1
    except (RuntimeError, TimeoutError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def days(options: argparse.Namespace, say: Progress) -> bool:
    played = three_days(date.today())
    with DayStage(say, played, shlex.split(options.runpod_command)) as stage:
        operator = stage.start_operator([*shlex.split(options.operator_command), *stage.operator_flags])
        clean = play_days(stage, operator, played, say, options.svg)
        if options.keep:
            keep(stage, say, "iep,gsch,configmap", f"curl {stage.runpod.lab_url}/ledger")
    return clean


def jobs(options: argparse.Namespace, say: Progress) -> bool:
    with tempfile.TemporaryDirectory(prefix="martlet-demo-") as scratch:
        if options.context:
            stage: Stage = ClusterStage(say, options.context, options.redis, options.image, Path(scratch))
        else:
            stage = OwnStage(say, shlex.split(options.nodes_command))
        with stage:
            operator = stage.start_operator(shlex.split(options.operator_command))
            verdict = play(stage, operator, say, options.svg)
            if options.keep:
                keep(stage, say, "iep,deploy,pods", f"broker {stage.broker}")
    return verdict


def play(stage: Stage, operator: Child, say: Progress, svg: Path | None) -> bool:
    """Sends the jobs, watches until the world is at 0 again, tells the result. True if nothing went wrong."""
    replicas = Replicas(stage.api, NAMESPACE)
    observer = Observer(stage.redis, replicas, DEPLOYMENT, stage.ledger)
    clients = Clients(stage.broker)
    clients.prepare()
    pushed = FirstPush(stage.redis_port) if stage.owns_redis else None
    if pushed:
        pushed.start()
    observer.start()
    time.sleep(1.0)
    say(f"{JOBS} Celery jobs from {CLIENTS} clients, {DEPLOYMENT} at {observer.latest.desired} replicas")
    # watch times are monotonic
    to_wall = time.time() - time.monotonic()
    began = time.monotonic()
    clients.send()

    view, returned = View(JOBS, MOST_WORKERS), False
    while time.monotonic() - began < PATIENCE and operator.alive and observer.is_alive():
        time.sleep(0.1)
        first_push = (pushed.at if pushed else None) or clients.first_sent_at
        changes = replicas.since(DEPLOYMENT, began)
        view.show(observer.moments, first_push, changes[0][0] + to_wall - first_push if changes else None)
        now = observer.latest
        if changes and now.desired == now.pods == now.busy == 0 and now.done >= JOBS:
            returned = True
            break
    clients.wait()
    time.sleep(0.7)
    view.close()
    observer.stop()
    replicas.stop()
    stage.ledger.read()

    first_push = (pushed.at if pushed else None) or clients.first_sent_at
    changes = [(at + to_wall, size) for at, size in replicas.since(DEPLOYMENT, began)]
    verdict = judge(clients.sent, stage.ledger.entries)
    if not operator.alive:
        say(f"the operator ended:\n{operator.last_words()}")
    if not returned:
        say(f"not back at 0 after {PATIENCE} s: {observer.latest}\n{operator.last_words()}")
    summary(verdict, first_push, changes, stage, returned)
    if svg and changes and stage.ledger.finished:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(draw(observer.moments, story(verdict, first_push, changes, stage)))
        say(f"timeline in {svg}")
    return verdict.clean and returned


def summary(
    verdict: Verdict, first_push: float, changes: list[tuple[float, int]], stage: Stage, returned: bool
) -> None:
    """What the issue of the demo is: judged by the workers' own records, and by a watch of the Deployment."""
    reached = next((at for at, size in changes if size == MOST_WORKERS), None)
    ends = [entry.at for entry in stage.ledger.entries if entry.event == "ended"]
    rows = [
        ("jobs done", f"{verdict.done}/{verdict.sent}"), ("lost", len(verdict.lost)),
        ("killed while busy", len(verdict.killed)), ("duplicated", len(verdict.duplicated)),
        ("first LPUSH to PATCH", f"{(changes[0][0] - first_push) * 1000:.1f} ms" if changes else "never"),
        (f"time to {MOST_WORKERS}", f"{(reached - first_push) * 1000:.0f} ms" if reached else "never"),
        ("sizes written", " → ".join(["0", *(str(size) for _, size in changes)])),
        ("time back to 0", f"{changes[-1][0] - first_push:.1f} s, {changes[-1][0] - max(ends):.1f} s after the last job"
         if returned else "never"),
    ]
    print()
    for name, value in rows:
        print(f"  {name:22}{value}")
    print(flush=True)


def story(verdict: Verdict, first_push: float, changes: list[tuple[float, int]], stage: Stage) -> Story:
    ends = [entry.at for entry in stage.ledger.entries if entry.event == "ended"]
    most = max(size for _, size in changes)
    reached = next(at for at, size in changes if size == most)
    return Story(
        title=f"0 → {most} GPU workers → 0, for {verdict.sent} jobs from {CLIENTS} clients",
        facts=[f"jobs done {verdict.done}/{verdict.sent}", f"lost {len(verdict.lost)}",
               f"killed while busy {len(verdict.killed)}", f"duplicated {len(verdict.duplicated)}",
               f"{most} wanted after {(reached - first_push) * 1000:.0f} ms"],
        first_push=first_push, first_write=changes[0][0], last_done=max(ends), back_at_zero=changes[-1][0])


def keep(stage: Stage, say: Progress, kinds: str, more: str) -> None:
    """Waits for Ctrl-C."""
    say("still up; Ctrl-C ends it")
    print(f"\n  export KUBECONFIG={stage.kubeconfig}\n  {stage.kubectl[0]} -n {NAMESPACE} get {kinds}\n"
          f"  {more}\n", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("ending")


if __name__ == "__main__":
    sys.exit(main())
