"""How a summit and a season are planned: until the model stands, until there is a checked plan, and how good it becomes.

``python -m benchmarks.programmes SCENARIO SECONDS SEED`` prints the figures of one run as JSON; imports are not counted.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from scheduler.engine import Limits, solve
from scheduler.engine.part import PartSearch
from scheduler.load import load
from scheduler.problem import compile_problem, parts

HOME = Path(__file__).parents[1]


class Programme(NamedTuple):
    """A scenario, the seconds it is searched, how many its model and its first checked plan may take, and its runs."""

    scenario: str
    searched: float
    modelled: float
    first_plan: float
    runs: tuple[dict[str, Any], ...] = ()

    def median(self, name: str) -> float:
        """Return the median of a figure in seconds."""
        return float(statistics.median(run[name] for run in self.runs))

    @property
    def late(self) -> bool:
        """Whether a median passes its limit."""
        return self.median("modelled") > self.modelled or self.median("first_plan") > self.first_plan

    def tell(self) -> None:
        """Print medians: seconds until the model and the first checked plan, and what the runs have reached."""
        print(
            f"{self.scenario} ({self.runs[0]['sessions']} sessions):\n"
            f"    loaded, compiled and modelled in {self.median('modelled'):.2f} s (limit {self.modelled:g})\n"
            f"    first tier settled, its plan checked after {self.median('first_plan'):.2f} s (limit {self.first_plan:g})"
        )
        for position, tier in enumerate(self.runs[0]["tiers"]):
            reached = [run["tiers"][position] for run in self.runs]
            gap = statistics.median(found["gap"] for found in reached)
            values = ", ".join(f"{found['value']} (bound {found['bound']})" for found in reached)
            print(f"    tier {tier['tier']} after {self.median('seconds'):.0f} s: {values} points, median gap {gap:.1%}")


PROGRAMMES = [
    Programme("scenarios/brf-2023/scenario.yaml", searched=60, modelled=2, first_plan=3),
    Programme("scenarios/autumn-2023/scenario.yaml", searched=60, modelled=4, first_plan=20),
]


def measured(programme: Programme, runs: int) -> Programme:
    """Return a programme with its runs, in processes of their own, each with a seed of its own."""
    found = []
    for seed in range(runs):
        command = [sys.executable, "-m", "benchmarks.programmes", programme.scenario, str(programme.searched), str(seed)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HOME)
        found.append(json.loads(said.stdout))
    return programme._replace(runs=tuple(found))


def main(scenario: str, seconds: float, seed: int = 0) -> None:
    """Load, compile and model a scenario; then load and solve it, and print the figures."""
    began = time.perf_counter()
    problem = compile_problem(load(HOME / scenario))
    for part in parts(problem):
        PartSearch(problem, part)
    modelled = time.perf_counter() - began
    began = time.perf_counter()
    loaded = load(HOME / scenario)
    reading = time.perf_counter() - began
    outcome = solve(loaded, Limits(seconds=seconds, workers=2, seed=seed))
    assert outcome.plan is not None
    assert outcome.first_plan is not None
    figures = {
        "scenario": scenario,
        "sessions": len(loaded.scenario.sessions),
        "modelled": round(modelled, 2),
        "first_plan": round(reading + outcome.first_plan, 2),
        "seconds": round(reading + outcome.seconds, 1),
        "status": outcome.status,
        "tiers": [tier.model_dump() for tier in outcome.plan.tiers],
        "absent": len(outcome.plan.absent),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
