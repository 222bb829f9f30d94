"""One run of one item on one side: a child process, its progress passed on, its figures taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness.builds import ROOT, Side
from harness.plan import MICRO, Item

# Twice the longest of them.
LIMIT_SECONDS = 1800


def run(item: Item, side: Side, effort: str, say: Callable[[str], None]) -> dict:
    """The figures and details of one run. What fails is a result too: `failed` says why."""
    begun = time.monotonic()
    try:
        result = _micro(side) if item.name == MICRO else _scenario(item, side, effort, say)
    except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
        result = {"figures": [], "detail": {}, "failed": str(error)}
    return {"item": item.name, "side": side.name, "seconds": round(time.monotonic() - begun, 1)} | result


def _scenario(item: Item, side: Side, effort: str, say: Callable[[str], None]) -> dict:
    with tempfile.TemporaryDirectory(prefix="martlet-benchmark-") as folder:
        out = Path(folder) / "out.json"
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "Benchmarks/scaler"), "--scenario", item.name, "--out", str(out),
             "--operator-command", side.operator_command, "--crds", str(side.root / "crds"),
             *item.arguments[effort].split()],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            # Ctrl-C is for us alone: asked twice to end, it would leave its servers.
            start_new_session=True)
        last = ""
        try:
            for line in process.stderr:
                last = line.rstrip() or last
                say(line.rstrip())
            process.wait(LIMIT_SECONDS)
        except BaseException:
            # It ends its control plane and its servers itself.
            process.terminate()
            process.wait()
            raise
        if not out.exists():
            raise RuntimeError(last or f"Benchmarks/scaler ended with {process.returncode}")
        told = json.loads(out.read_text())
        scenario = told["scenarios"].get(item.name, {"failed": last})
        if "failed" in scenario:
            raise RuntimeError(scenario["failed"])
        return scenario | {"kubernetes": told.get("kubernetes")}


def _micro(side: Side) -> dict:
    if not side.has_micro:
        raise RuntimeError("has no micro benchmarks")
    done = subprocess.run(
        side.micro_command("run", "--format", "jmh", "--path", "stdout", "--no-progress"),
        cwd=side.root, capture_output=True, text=True, timeout=LIMIT_SECONDS, env=os.environ)
    if done.returncode != 0 or "[{" not in done.stdout:
        said = (done.stderr + done.stdout).strip().splitlines()
        errors = [line for line in said if "error:" in line] or said[-5:]
        raise RuntimeError("the micro benchmarks failed: " + "\n".join(errors[:5]))
    results, _ = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("[{"):])
    figures, detail = [], {}
    for result in sorted(results, key=lambda result: result["benchmark"]):
        # The format puts a line for each space of the name.
        name = result["benchmark"].split(".", 3)[-1].replace("_", " ")
        metrics = result["secondaryMetrics"]
        wall = metrics["Time (wall clock)"]["scorePercentiles"]
        figures.append({"name": name, "value": wall["50.0"], "unit": "µs", "bound": None, "met": None})
        detail[name] = {"perSecond": result["primaryMetric"]["score"], "p0": wall["0.0"], "p99": wall["99.0"],
                        "iterations": result["measurementIterations"]}
        counted = metrics.get("Instructions", {}).get("scorePercentiles", {}).get("50.0")
        if counted:
            detail[name]["instructions"] = counted
    return {"figures": figures, "detail": detail}
