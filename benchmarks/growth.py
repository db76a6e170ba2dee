"""``python -m benchmarks.growth``: time and memory from 50 to 10,000 sessions, with the exponent that is fitted.

Each size is a planted programme (``benchmarks.families``) with as many sessions a day as the others, written to a file; it
is loaded, compiled, divided into parts and solved until there is a complete plan that has passed the check, in a process of
its own. Seconds are those of the processor, so that others on the machine do not count; only the first plan is timed by the
clock. An exponent of 1 means that twice as many sessions take twice as long.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.families import TIGHTNESSES
from benchmarks.families.family import Size, programme_of
from benchmarks.kept import HOME, keep
from scheduler.engine import Limits, solve
from scheduler.load import load
from scheduler.problem import compile_problem, parts

SESSIONS = (50, 100, 200, 500, 1_000, 2_000, 4_000, 10_000)
A_DAY = 27
"""Sessions a day: 10,000 in a year."""
HALLS = 60
FIGURES = ("load", "compile", "parts", "first_plan", "megabytes")
PACKAGES = ("networkx", "numba", "numpy", "ortools", "pydantic", "PyYAML")


def of_size(sessions: int) -> Size:
    """Return a size of so many sessions, as dense as all others."""
    start = date(2026, 1, 1)
    days = max(3, min(365, round(sessions / A_DAY)))
    return Size(sessions, start, start + timedelta(days=days - 1), HALLS)


def exponent(points: Iterable[tuple[float, float]]) -> float | None:
    """Return the slope of the line that fits points (sessions, figure) best, in logarithms; None for fewer than two."""
    logs = [(math.log(sessions), math.log(figure)) for sessions, figure in points if figure > 0]
    if len(logs) < 2:
        return None
    return linear_regression(*zip(*logs, strict=True)).slope


def measured(path: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Load, compile and solve a scenario in this process, and return what it took."""
    took, began = {}, time.process_time()
    loaded = load(path)
    took["load"] = time.process_time() - began
    began = time.process_time()
    problem = compile_problem(loaded)
    took["compile"] = time.process_time() - began
    began = time.process_time()
    divided = parts(problem)
    took["parts"] = time.process_time() - began
    of = {"terms": len(problem.terms), "largest_part": max(len(part.sessions) for part in divided)}
    modelled = _megabytes()
    del problem, divided
    outcome = solve(loaded, Limits(seconds=seconds, gap=1, seed=seed)) if seconds else None
    figures: dict[str, Any] = {name: round(value, 2) for name, value in took.items()}
    if outcome is not None:
        first = outcome.first_plan
        figures |= {"first_plan": None if first is None else round(first, 2), "status": outcome.status}
    return {
        "sessions": len(loaded.scenario.sessions),
        **of,
        **figures,
        "modelled_megabytes": modelled,
        "megabytes": _megabytes(),
    }


def _megabytes() -> int:
    """Return the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    """Measure all sizes and print the table with the exponents; return 1 where a size has no plan in its time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=SESSIONS, help=f"which sizes ({SESSIONS})")
    parser.add_argument("--tightness", type=int, choices=TIGHTNESSES, default=75, help="percent used at peaks (75)")
    parser.add_argument("--seconds", type=float, default=120, help="for the first plan, at most; 0: do not solve (120)")
    parser.add_argument("--seed", type=int, default=1, help="of the programmes and of the search (1)")
    parser.add_argument("--save", action="store_true", help="keep the table in benchmarks/results")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.file is not None:
        print(json.dumps(measured(arguments.file, arguments.seconds, arguments.seed)))
        return 0
    print(
        f"{'sessions':>9}{'load':>9}{'compile':>9}{'parts':>9}{'first plan':>12}{'MB':>7}{'terms':>9}{'largest part':>14}"
    )
    table = []
    with TemporaryDirectory() as folder:
        for sessions in sorted(arguments.sessions):
            name = f"growth-{sessions}-{arguments.tightness}-{arguments.seed}"
            path = Path(folder) / f"{name}.yaml"
            programme_of(of_size(sessions), arguments.tightness, name).write(path)
            command = [sys.executable, "-m", "benchmarks.growth", "--file", str(path)]
            command += ["--seconds", str(arguments.seconds), "--seed", str(arguments.seed)]
            said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HOME)
            row = json.loads(said.stdout)
            table.append(row)
            first = row.get("first_plan")
            print(
                f"{row['sessions']:>9,}{row['load']:>9.2f}{row['compile']:>9.2f}{row['parts']:>9.2f}"
                f"{'-' if first is None else f'{first:.2f}':>12}{row['megabytes']:>7,}{row['terms']:>9,}"
                f"{row['largest_part']:>14,}",
                flush=True,
            )
    fitted = {
        figure: exponent((row["sessions"], row[figure]) for row in table if row.get(figure) is not None)
        for figure in FIGURES
    }
    told = ", ".join(f"{figure} {value:.2f}" for figure, value in fitted.items() if value is not None)
    print(f"exponents over sessions: {told}")
    if arguments.save:
        exponents = {figure: None if value is None else round(value, 2) for figure, value in fitted.items()}
        again = shlex.join(("python", "-m", "benchmarks.growth", *sys.argv[1:]))
        figures = {"tightness": arguments.tightness, "seed": arguments.seed, "exponents": exponents, "sizes": table}
        print(f"kept in {keep('growth', again, figures, PACKAGES)}")
    return int(arguments.seconds > 0 and any(row.get("first_plan") is None for row in table))


if __name__ == "__main__":
    sys.exit(main())
