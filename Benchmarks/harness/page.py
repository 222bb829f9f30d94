"""The results page: what was measured, on what, whether each bound was met; and how this tree compares to another."""

from __future__ import annotations

from pathlib import Path

from harness import plots
from harness.plan import BY_NAME, ITEMS, MICRO
from harness.results import Line, failures, finished, lines, ratios
from lab.figures import shown, table

HEADLINES = [
    ("latency", "LPUSH to replicas seen by a watch, median", "a task arrives, its worker is asked for"),
    ("latency", "LPUSH to replicas seen by a watch, p99", "the same, 99 of 100 times"),
    ("burst", "one RPUSH of 100: writes, most of any round", "API writes for a hundred tasks at once"),
    ("many", "last scaled", "a task for each of 500 queues at once, until the last is scaled"),
    ("startup", "start to the last object's queue first read", "1,000 queues read after a start"),
    ("idle", "resident memory, highest", "memory with 2,000 idle objects"),
    ("idle", "processor", "processor with 2,000 idle objects"),
    ("neighbours", "healthy: LPUSH to replicas, p99", "a healthy server beside 15 sick ones, 99 of 100 times"),
    ("failover", "Sentinel: new master serves to size right, max", "after a Sentinel failover, the slowest"),
    ("failover", "Cluster: new master serves to size right, max", "after a lost master of a cluster, the slowest"),
    ("handover", "SIGTERM of the leader: the other's first write after, max", "the leader ends, the other acts"),
    ("handover", "SIGKILL of the leader: the other's first write after, max", "the leader is killed, the other acts"),
    ("edges", "edge to accepted call, p99", "500 schedules change in one minute, each carried out, 99 of 100"),
    ("backlog", "edge to the last of their calls", "500 RunPod endpoints of one key with 60 calls a minute, the last"),
]
SIGNS = {True: "✓", False: "✗ **no**", None: ""}


def write(result: dict, path: Path, threshold: float) -> None:
    """The page, and its pictures beside it."""
    side = result["sides"][0]
    pictures = _pictures(result, side, path)
    parts = [_head(result, side), _headlines(result, side), *pictures, _machine(result)]
    parts += [_section(result, item.name, side) for item in ITEMS if item.name != MICRO]
    parts += [_micro(result, side), _ratios(result, threshold), FOOT]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(part.strip() for part in parts if part) + "\n")


def verdict(result: dict) -> tuple[int, int, list[str]]:
    """How many bounds were met, how many there are, and what else failed, of this tree."""
    side = result["sides"][0]
    judged = [line.met for item in BY_NAME for line in lines(result, item, side) if line.met is not None]
    broken = [f"{item}: {text}" for item in BY_NAME for text in failures(result, item, side)]
    return sum(judged), len(judged), broken


def _head(result: dict, side: str) -> str:
    met, judged, broken = verdict(result)
    failed = f" {len(broken)} runs failed." if broken else ""
    about = result["about"]
    return (f"# Figures\n\n**{met} of {judged} bounds met.**{failed} Measured on {about['started'][:10]} at commit "
            f"`{about['commit']}` by `Benchmarks/run`, which writes this page; "
            f"[what each scenario does](../Benchmarks/README.md).")


def _headlines(result: dict, side: str) -> str:
    rows = []
    for item, name, words in HEADLINES:
        line = next((line for line in lines(result, item, side) if line.name == name), None)
        if line is not None:
            rows.append([words, f"**{_value(line.value, line.unit)}**", _bound(line), SIGNS[line.met]])
    return "## At a glance\n\n" + table(["", "measured", "bound", ""], rows) if rows else ""


def _machine(result: dict) -> str:
    about = result["about"]
    rows = [["processor", f"{about['cpu']}, {about['cores']} cores"], ["memory", f"{about['memoryGiB']} GiB"],
            ["system", f"{about['system']}, Linux {about['kernel']}"],
            ["load before the start", f"{about['loadBefore']} (everything, the load included, shares these cores)"],
            *[[name, version] for name, version in about["versions"].items()], ["effort", about["effort"]]]
    others = {run["about"]["commit"] for run in result["runs"] if "about" in run} - {about["commit"]}
    if others:
        rows.append(["some sections from", ", ".join(f"`{commit}`" for commit in sorted(others))])
    return "## The machine\n\n" + table(["", ""], rows)


def _section(result: dict, item: str, side: str) -> str:
    runs, broken = finished(result, item, side), failures(result, item, side)
    if not runs and not broken:
        return ""
    text = f"## {BY_NAME[item].title}\n\n`{item}`, {len(runs)} run{'s' if len(runs) != 1 else ''}"
    efforts = {run.get("about", result["about"])["effort"] for run in runs} - {result["about"]["effort"]}
    text += f", effort {efforts.pop()}" if efforts else ""
    if broken:
        text += "; failed: " + "; ".join(problem.splitlines()[0][:200] for problem in broken)
    if not runs:
        return text
    several = any(line.range for line in lines(result, item, side))
    rows = []
    for line in lines(result, item, side):
        row = [line.name, _value(line.value, line.unit), _range(line), _bound(line), SIGNS[line.met]]
        rows.append(row if several else row[:2] + row[3:])
    head = ["figure", "measured", "min – max of the runs", "bound", "met"]
    return text + "\n\n" + table(head if several else head[:2] + head[3:], rows)


def _micro(result: dict, side: str) -> str:
    runs = finished(result, MICRO, side)
    if not runs:
        return _section(result, MICRO, side)
    rows = []
    for line in lines(result, MICRO, side):
        rates = [run["detail"][line.name]["perSecond"] for run in runs if line.name in run["detail"]]
        spread = f"{_duration(line.range[0])} – {_duration(line.range[1])}" if line.range else ""
        rows.append([line.name, _duration(line.value), spread, shown(sorted(rates)[len(rates) // 2])])
    return (f"## {BY_NAME[MICRO].title}\n\n`micro`, {len(runs)} runs: the median of each, then the median of these\n\n"
            + table(["one operation", "takes", "min – max of the runs", "a second"], rows))


def _ratios(result: dict, threshold: float) -> str:
    found = ratios(result)
    if not found:
        return ""
    ours, theirs = result["sides"]
    rows = []
    for ratio in sorted(found, key=lambda ratio: -ratio.median):
        spread = f"{min(ratio.values):.2f} – {max(ratio.values):.2f}" if len(ratio.values) > 1 else ""
        sign = "**slower or larger**" if ratio.is_regression(threshold) else "better" if ratio.median < 1 / threshold else ""
        rows.append([ratio.item, ratio.name, f"{ratio.median:.2f}", spread, sign])
    worse = sum(ratio.is_regression(threshold) for ratio in found)
    return (f"## Against {theirs}\n\n{ours.capitalize()} divided by {theirs}, in one session, the two by turns: 1.00 is the "
            f"same, more is worse. {worse} of {len(found)} figures are over {threshold:.2f} in the median and worse in every "
            "pair (of four or more: in all but one).\n\n" + table(["", "figure", "ratio, median", "min – max of the pairs", ""], rows))


def _pictures(result: dict, side: str, path: Path) -> list[str]:
    found = []
    alone = [sample for run in finished(result, "latency", side) for sample in run["detail"]["seenMs"]]
    beside = [sample for run in finished(result, "neighbours", side) for sample in run["detail"]["seenMs"]]
    curves = [(name, samples) for name, samples in (("alone", alone), ("beside 15 sick servers", beside)) if samples]
    if curves:
        found.append(_picture(path, "latency", "From LPUSH to spec.replicas", plots.distribution(
            "From LPUSH to spec.replicas", "Share of tasks for which the write was seen within so many milliseconds",
            curves, [(10, "bound of the median"), (50, "bound of p99")])))
    steps = _burst_steps(result, side)
    if steps:
        found.append(_picture(path, "timeline", "A hundred tasks, from 0 to 20 workers", plots.timeline(
            "A hundred tasks, from 0 to 20 workers", "spec.replicas after the first LPUSH; one round of each kind",
            steps, 20)))
    return found


def _burst_steps(result: dict, side: str) -> list[tuple[str, list[tuple[float, float]]]]:
    runs = finished(result, "burst", side)
    if not runs:
        return []
    labels = (("one RPUSH", "one RPUSH"), ("ten threads at once", "ten threads at once"),
              ("ten threads over 0.5 s", "ten threads over half a second"))
    rounds = [(name, runs[0]["detail"].get(label, [])) for label, name in labels]
    return [(name, list(zip(first[0]["atMs"], first[0]["sizes"]))) for name, first in rounds if first and first[0]["sizes"]]


def _picture(path: Path, name: str, alternative: str, drawing: str) -> str:
    file = path.with_name(f"{path.stem}-{name}.svg")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawing)
    return f"![{alternative}]({file.name})"


def _value(value: object, unit: str) -> str:
    return f"{shown(value)} {'' if value == float('inf') else unit}".strip()


def _duration(microseconds: float) -> str:
    return f"{shown(microseconds / 1000)} ms" if microseconds >= 1000 else f"{shown(microseconds)} µs"


def _range(line: Line) -> str:
    return f"{shown(line.range[0])} – {shown(line.range[1])}" if line.range else ""


def _bound(line: Line) -> str:
    return "" if line.bound is None else f"≤ {_value(line.bound, line.unit)}"


FOOT = """
## How to read this

A figure is the median of its runs; a percentile is taken over the samples of all runs together. Where a bound is set, every run
had to meet it. Times of scaling are those at which a watch saw the change; writes are counted in the API server's audit log;
memory and processor are `/proc`'s. The control plane, Redis, the load and the operator share the machine's cores.

```sh
Benchmarks/run                  # all of it, this page, about 20 minutes
Benchmarks/run --quick          # everything small, to see that it works
Benchmarks/run --against HEAD~1 # this tree and another commit by turns, as ratios
```
"""
