"""Prints what the logs of scripts/fuzz say as a table: fuzz_table.py FOLDER TARGET..."""

import re
import sys
from pathlib import Path


def last(pattern: str, text: str) -> str:
    found = re.findall(pattern, text)
    return found[-1] if found else "-"


def row(folder: Path, target: str) -> list[str]:
    log = (folder / f"{target}.log").read_text(errors="replace")
    return [
        target,
        last(r"stat::number_of_executed_units:\s+(\d+)", log),
        last(r"stat::average_exec_per_sec:\s+(\d+)", log),
        last(r"\bcov: (\d+)", log),
        last(r"stat::new_units_added:\s+(\d+)", log),
        (folder / f"{target}.result").read_text().strip(),
    ]


def main() -> None:
    folder, targets = Path(sys.argv[1]), sys.argv[2:]
    head = ["target", "executions", "a second", "coverage", "new inputs", "result"]
    rows = [head] + [row(folder, target) for target in targets]
    widths = [max(len(line[column]) for line in rows) for column in range(len(head))]
    print()
    for line in rows:
        cells = [line[0].ljust(widths[0])] + [text.rjust(width) for text, width in zip(line[1:], widths[1:])]
        print("  ".join(cells))


main()
