"""A clock that several programs live by, at any date and at a speed that may change: the other side of lab/fast_time.c."""

from __future__ import annotations

import fcntl
import mmap
import shutil
import struct
import subprocess
import time
from pathlib import Path

SOURCES = [Path(__file__).with_name(name) for name in ("fast_time.c", "calm_requests.c")]
SECOND = 1_000_000_000
# As `struct shared` has it: generation, wall_ahead, asked, waiting; then two segments of steady, wall, speed.
HEAD, SEGMENT = struct.Struct("@Qqqq"), struct.Struct("@qqq")
SIZE = HEAD.size + 2 * SEGMENT.size


class FastClock:
    """Stands at `begin` (Unix seconds) when it is made, and runs at 1 until `run()` says otherwise."""

    def __init__(self, directory: Path, begin: float):
        self._directory = directory
        self._file = open(directory / "clock", "w+b")
        self._file.truncate(SIZE)
        self._page = mmap.mmap(self._file.fileno(), SIZE)
        steady, wall = time.monotonic_ns(), int(begin * SECOND)
        SEGMENT.pack_into(self._page, HEAD.size, steady, wall, 1)
        HEAD.pack_into(self._page, 0, 0, wall - steady, 1, 0)

    def close(self) -> None:
        """Programs that live by it go on as they do."""
        self._page.close()
        self._file.close()

    def environment(self, is_calm: bool = False) -> dict[str, str]:
        """For a program that is to live by it. While a calm one waits for the answer to a request, time runs at 1."""
        library = self._directory / ("calm_time.so" if is_calm else "fast_time.so")
        if not library.exists():
            compile_library(library, SOURCES if is_calm else SOURCES[:1])
        return {"LD_PRELOAD": str(library), "MARTLET_FAST_TIME_CLOCK": self._file.name}

    def now(self) -> float:
        """Unix seconds."""
        while True:
            generation, (steady, wall, speed) = self._segment()
            passed = (time.monotonic_ns() - steady) * speed
            if self._segment()[0] == generation:
                return (wall + passed) / SECOND

    @property
    def speed(self) -> int:
        """What was asked for; a request may hold it back."""
        return HEAD.unpack_from(self._page)[2]

    @property
    def is_held(self) -> bool:
        """Whether a request of a calm program waits for its answer."""
        return HEAD.unpack_from(self._page)[3] > 0

    def run(self, speed: int) -> None:
        """From now on so many seconds in a real one, at least 1."""
        if speed != self.speed:
            self._change(max(1, speed), None)

    def forget_requests(self) -> None:
        """A calm program has ended: none of its requests waits any more."""
        self._change(self.speed, 0)

    def _change(self, asked: int, waiting: int | None) -> None:
        # The programs change it too, when a request begins or ends.
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            generation, (steady, wall, speed) = self._segment()
            _, ahead, _, now_waiting = HEAD.unpack_from(self._page)
            waiting = now_waiting if waiting is None else waiting
            now = time.monotonic_ns()
            target = HEAD.size + (generation + 1) % 2 * SEGMENT.size
            SEGMENT.pack_into(
                self._page, target, now, wall + (now - steady) * speed, 1 if waiting > 0 else asked)
            HEAD.pack_into(self._page, 0, generation + 1, ahead, asked, waiting)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _segment(self) -> tuple[int, tuple[int, int, int]]:
        while True:
            generation = HEAD.unpack_from(self._page)[0]
            segment = SEGMENT.unpack_from(self._page, HEAD.size + generation % 2 * SEGMENT.size)
            if HEAD.unpack_from(self._page)[0] == generation:
                return generation, segment


def compile_library(library: Path, sources: list[Path]) -> None:
    """Raises RuntimeError where there is no C compiler; Swift brings one along."""
    compilers = [shutil.which("cc"), shutil.which("clang"), "/opt/swift/usr/bin/clang"]
    swift = shutil.which("swift")
    if swift:
        compilers.append(str(Path(swift).resolve().with_name("clang")))
    compiler = next((path for path in compilers if path and Path(path).exists()), None)
    if compiler is None:
        raise RuntimeError("no C compiler for lab/fast_time.c")
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-fvisibility=hidden", "-o", str(library), *map(str, sources), "-ldl"],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{library.name}: {done.stderr.strip()}")
