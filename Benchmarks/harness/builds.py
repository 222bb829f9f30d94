"""Release builds of this tree and of another commit, and the programs that come of them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Those of scripts/demo: with others everything would be built anew.
FLAGS = ["-c", "release", "--static-swift-stdlib"]
MICRO = "Benchmarks/Micro"
MICRO_SCRATCH = "Benchmarks/.build"
OPERATOR = "{root}/.build/release/martlet controller --kubeconfig {{kubeconfig}} --metrics-address 127.0.0.1:{{port}} " \
    "--allow-loopback --require-consent off"
BEAT_SECONDS = 20


class BuildFailed(Exception):
    """With the end of what the build said."""


@dataclass(frozen=True)
class Side:
    """One state of the sources, with its programs."""

    name: str
    root: Path

    @property
    def operator_command(self) -> str:
        return OPERATOR.format(root=self.root)

    @property
    def has_micro(self) -> bool:
        return (self.root / MICRO / "Package.swift").exists()

    def micro_command(self, *words: str) -> list[str]:
        return ["swift", "package", "--package-path", str(self.root / MICRO),
                "--scratch-path", str(self.root / MICRO_SCRATCH), "benchmark", *words]

    def build(self, products: list[str], micro: bool, say: Callable[[str], None]) -> None:
        """Builds what is not there or not up to date; raises BuildFailed."""
        for product in products:
            _quietly(["swift", "build", *FLAGS, "--product", product], self.root, f"building {product} of {self.name}", say)
        if micro and self.has_micro:
            _quietly(self.micro_command("list"), self.root, f"building the micro benchmarks of {self.name}", say)


def here() -> Side:
    return Side("this tree", ROOT)


def at(reference: str, say: Callable[[str], None]) -> Side:
    """Another commit in a worktree of its own under .build, which stays there for the next time."""
    commit = git("rev-parse", "--verify", "--short=12", f"{reference}^{{commit}}")
    if commit is None:
        raise BuildFailed(f"git knows no commit {reference}")
    tree = ROOT / ".build/against" / commit
    if not (tree / "Package.swift").exists():
        say(f"a worktree of {reference} in {tree.relative_to(ROOT)}")
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=False)
        done = subprocess.run(
            ["git", "worktree", "add", "--detach", str(tree), commit], cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise BuildFailed(f"git worktree: {done.stderr.strip()}")
    return Side(reference if reference.startswith(commit[:7]) else f"{reference} ({commit[:7]})", tree)


def git(*words: str) -> str | None:
    """What git says; None where it knows nothing."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def _quietly(command: list[str], folder: Path, what: str, say: Callable[[str], None]) -> None:
    """Its output goes to a file; a line now and then shows that it goes on."""
    log = ROOT / ".build/benchmarks-build.log"
    log.parent.mkdir(exist_ok=True)
    begun = time.monotonic()
    say(what)
    with open(log, "wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                code = process.wait(BEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                say(f"{what}: {time.monotonic() - begun:.0f} s, {_last_line(log)[:80]}")
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code != 0:
        words = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise BuildFailed(f"{what} failed:\n{words}\nall of it: {log}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1] if lines else "…"
