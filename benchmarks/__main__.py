"""``python -m benchmarks``: the times a planner feels, medians of whole commands as the shell sees them.

With ``--save`` the table also goes to ``benchmarks/results/`` under today's date, with the machine and the versions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.all_ways import seconds_of
from benchmarks.kept import keep
from benchmarks.large_file import write_large_scenario
from benchmarks.programmes import PROGRAMMES, measured

HOME = Path(__file__).parents[1]
STATE_VISIT = HOME / "scenarios" / "state-visit"


class Row(NamedTuple):
    """One benchmark: what was run, the seconds of each run, and how many seconds it may take."""

    name: str
    seconds: list[float]
    limit: float

    @property
    def median(self) -> float:
        """The median of the runs."""
        return statistics.median(self.seconds)


def timed(runs: int, *arguments: str) -> list[float]:
    """Return the seconds of ``scheduler`` with these arguments, after one run to warm the file cache.

    Raises CalledProcessError where the command fails.
    """
    seconds = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "scheduler", *arguments], check=True, capture_output=True, cwd=HOME)
        seconds.append(time.perf_counter() - began)
    return seconds[1:]


def rows(runs: int, folder: Path) -> list[Row]:
    """Run every benchmark."""
    large = folder / "large.yaml"
    write_large_scenario(large, sessions=2000)
    plan = str(folder / "visit.plan.json")
    benchmarks: list[tuple[str, float, Callable[[], list[float]]]] = [
        ("scheduler --help", 0.4, lambda: timed(runs, "--help")),
        ("solve state-visit, proved optimal", 2.0, lambda: timed(runs, "solve", str(STATE_VISIT), "-o", plan)),
        ("check state-visit", 2.0, lambda: timed(runs, "check", str(STATE_VISIT), plan)),
        ("validate 2,000 sessions", 2.0, lambda: timed(runs, "validate", str(large))),
        ("all ways of the city, cold", 0.5, lambda: seconds_of(runs, warm=False)),
        ("all ways of the city, warm", 0.3, lambda: seconds_of(runs, warm=True)),
    ]
    return [Row(name, run(), limit) for name, limit, run in benchmarks]


def main() -> int:
    """Print the table; return 1 where a median passes its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="runs of each command (7)")
    parser.add_argument("--programme-runs", type=int, default=3, help="runs of the summit and the season, a seed each (3)")
    parser.add_argument("--save", action="store_true", help="keep the table in benchmarks/results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = rows(arguments.runs, Path(folder))
        proof = json.loads((Path(folder) / "visit.plan.json").read_text(encoding="utf-8"))
    print(f"{'seconds, whole command':<36}{'median':>8}{'min':>8}{'max':>8}{'limit':>8}")
    for row in table:
        print(f"{row.name:<36}{row.median:>8.2f}{min(row.seconds):>8.2f}{max(row.seconds):>8.2f}{row.limit:>8.1f}")
    programmes = [measured(programme, arguments.programme_runs) for programme in PROGRAMMES]
    for programme in programmes:
        programme.tell()
    print(
        f"state-visit: {proof['status']}; "
        + "; ".join(f"tier {tier['tier']}: {tier['value']} points, bound {tier['bound']}" for tier in proof["tiers"])
    )
    if arguments.save:
        print(f"kept in {save(table, arguments.runs, proof, [run for programme in programmes for run in programme.runs])}")
    late = any(programme.late for programme in programmes) or any(row.median > row.limit for row in table)
    return int(late or proof["status"] != "optimal")


def save(table: list[Row], runs: int, proof: dict[str, Any], programmes: list[dict[str, Any]]) -> Path:
    """Keep a table with what it was measured on; return its path in the project."""
    kept = {
        "programmes": programmes,
        "state_visit": {"status": proof["status"], "tiers": proof["tiers"]},
        "seconds": [
            {"name": row.name, "median": round(row.median, 3), "runs": [round(s, 3) for s in row.seconds]} for row in table
        ],
    }
    packages = ("ortools", "pydantic", "PyYAML", "networkx")
    return keep("commands", f"python -m benchmarks --runs {runs} --save", kept, packages)


if __name__ == "__main__":
    sys.exit(main())
