"""``python -m benchmarks.identity FOLDER``: whether the points of plans for public instances are the sets' own scores.

FOLDER has a folder for each set (conference, cosplib, ctt, mrcpsp) with its instances. Each is converted, written, loaded
and solved; its plan is scored by the set's own definition and held against the points the plan says. One that has no plan
in its time is searched once more, four times as long. Returns 1 where a plan's points are not its score, where the set does
not take the plan, or where an instance cannot be converted or solved at all; 2 where FOLDER has no instance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.convert.__main__ import SETS
from benchmarks.kept import keep
from scheduler.engine import Limits, Outcome, solve
from scheduler.errors import SchedulerError
from scheduler.load import Loaded, load
from scheduler.plan import write_whole
from scheduler.tables.written import written

RETRY = 4
"""How many times as long one without a plan is searched again."""
WRONG = ("DIFFERENT", "NOT VALID", "FAILED")
VERDICTS = ("equal", "no plan", "infeasible", *WRONG)


class Row(NamedTuple):
    """What became of an instance: its plan's points with their bound, its score, the seconds of everything, the verdict."""

    set: str
    file: str
    verdict: str
    status: str = ""
    points: int | None = None
    score: int | None = None
    bound: int | None = None
    seconds: float = 0
    why: str = ""
    """Where the verdict is NOT VALID or FAILED, what was said."""

    def __str__(self) -> str:
        figures = "".join(f"{'-' if figure is None else figure:>9}" for figure in (self.points, self.score, self.bound))
        line = f"{self.set:<11}{self.file:<34}{self.status:<11}{figures}{self.seconds:>8.1f}  {self.verdict}"
        return f"{line}\n    {self.why}" if self.why else line


def compared(name: str, path: Path, seconds: float) -> Row:
    """Convert an instance of a set, solve it in so many seconds, and score its plan."""
    began = time.perf_counter()
    try:
        row = _compared(name, path, seconds)
    except SchedulerError as error:  # a run over many instances goes on, and does not pass
        row = Row(name, path.name, "FAILED", why=str(error))
    return row._replace(seconds=round(time.perf_counter() - began, 1))


def _compared(name: str, path: Path, seconds: float) -> Row:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        write_whole(file, written(SETS[name].convert(path), f"{path.name} of the set {name}, converted"))
        outcome = _solved(load(file), seconds)
    if outcome.plan is None:
        return Row(name, path.name, "infeasible" if outcome.status == "infeasible" else "no plan", outcome.status)
    score = SETS[name].score(path, outcome.plan)
    # A conference whose terms all have weight 0 has no goal, and no tier.
    points, bound = (outcome.plan.tiers[-1].value, outcome.plan.tiers[-1].bound) if outcome.plan.tiers else (0, 0)
    verdict = "NOT VALID" if not score.valid else "equal" if score.total == points else "DIFFERENT"
    why = "" if score.valid else str(score.violations)
    return Row(name, path.name, verdict, outcome.status, points, score.total, bound, why=why)


def _solved(loaded: Loaded, seconds: float) -> Outcome:
    """Return the outcome of a search, of a longer one where it finds no plan and does not prove that there is none."""
    outcome = solve(loaded, Limits(seconds, workers=2))
    return solve(loaded, Limits(RETRY * seconds, workers=2)) if outcome.status == "unknown" else outcome


def main(words: list[str] | None = None) -> int:
    """Compare every instance and print what came of it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of the sets' folders")
    parser.add_argument("--seconds", type=float, default=20, help="how long each instance is searched (20)")
    parser.add_argument("--save", action="store_true", help="keep the table in benchmarks/results")
    arguments = parser.parse_args(words)
    instances = [(name, path) for name, one in SETS.items() for path in sorted((arguments.folder / name).glob(one.files))]
    if not instances:
        parser.error(f"there is no instance in {arguments.folder}; its folders are to be named {', '.join(SETS)}")
    print(f"{'set':<11}{'file':<34}{'status':<11}{'points':>9}{'score':>9}{'bound':>9}{'seconds':>8}", flush=True)
    rows = []
    for name, path in instances:
        rows.append(compared(name, path, arguments.seconds))
        print(rows[-1], flush=True)
    counts = Counter((row.set, row.verdict) for row in rows)
    print("\n" + f"{'':<11}" + "".join(f"{verdict:>12}" for verdict in VERDICTS))
    for name in dict.fromkeys(row.set for row in rows):
        print(f"{name:<11}" + "".join(f"{counts[name, verdict]:>12}" for verdict in VERDICTS))
    if arguments.save:
        by_set = {name: {v: counts[name, v] for v in VERDICTS} for name in dict.fromkeys(row.set for row in rows)}
        kept = {"seconds": arguments.seconds, "sets": by_set, "instances": [row._asdict() for row in rows]}
        command = f"python -m benchmarks.identity FOLDER --seconds {arguments.seconds:g} --save"
        print(f"kept in {keep('identity', command, kept, ('ortools', 'pydantic'))}")
    return int(any(row.verdict in WRONG for row in rows))


if __name__ == "__main__":
    sys.exit(main())
