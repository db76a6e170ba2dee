"""``python -m benchmarks.bounds SCENARIO...``: what is proved of the best plan there can be, how fast, in how much memory.

Of the largest part of each scenario, tier by tier: the value of the linear relaxation as the solver says it, what its
multipliers prove in whole numbers, what groups of sessions cost alone and together, what the relaxation proves that knows
of them, with seconds, and beside it the bound of CP-SAT's own model after the same time. Bounds of a tier take nothing for
granted of those before it. With a plan (``SCENARIO=PLAN``) its points stand beside them.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.kept import HOME
from scheduler.engine.encode import encode
from scheduler.engine.model import Model
from scheduler.engine.relaxation.best import state
from scheduler.engine.relaxation.groups import Groups, Least
from scheduler.engine.relaxation.relaxation import Relaxation, merged
from scheduler.engine.search import Clock, Limits, Way, search
from scheduler.load import load
from scheduler.plan import read_plan
from scheduler.problem import Part, Problem, compile_problem, parts
from scheduler.terms import Spot, tier_values

HEADINGS = ("sessions", "tier", "relaxed", "proved", "s", "groups", "s", "joined", "s", "MB", "model", "s", "plan")


class Timed(NamedTuple):
    """A figure, in words, and the seconds it took."""

    figure: str
    seconds: float


def solved(stated: Relaxation | None, clock: Clock, began: float) -> tuple[str, Timed]:
    """Return the value that the solver says, and what its multipliers prove, since it ``began``."""
    if stated is None:
        return "too large", Timed("-", time.perf_counter() - began)
    found = stated.program.solve(clock.left)
    proved = str(stated.program.proved(found.multipliers)) if found.status == "optimal" else "-"
    said = f"{found.value:.1f}" if found.status == "optimal" else found.status
    return said, Timed(proved, time.perf_counter() - began)


def grouped(groups: Groups, clock: Clock, ends: float) -> tuple[list[Least], Timed]:
    """Return what groups cost at least, as many as there is time for, and their sum."""
    began = time.perf_counter()
    found = list(groups.leasts(clock, ends))
    leasts = [one for one in found if isinstance(one, Least)]
    figure = str(sum(one.points for one in leasts)) if len(leasts) == len(found) else "no plan"
    if len(found) < len(groups.found):
        figure = f"{figure} of {len(found)}/{len(groups.found)}"
    return leasts, Timed(figure if groups.bounded else "-", time.perf_counter() - began)


def modelled(problem: Problem, part: Part, tier: int, seconds: float) -> Timed:
    """Return the bound of CP-SAT's model after so many seconds on one core, its building included."""
    began = time.perf_counter()
    model = Model(problem, part)
    encode(model, (term for term in part.terms if term.price is None or term.price.tier == tier))
    bounds = [model.objectives[tier].least]
    left = max(0.1, seconds - (time.perf_counter() - began))
    search(
        model.cp, model.objectives[tier], Clock(Limits(left)), lambda value, bound: bounds.append(bound), Way.PROOF, left
    )
    return Timed(str(max(bounds)), time.perf_counter() - began)


def points(problem: Problem, part: Part, plan: str) -> dict[int, int]:
    """Return what a plan is worth in a part, by tier."""
    placed = read_plan(plan, problem.scenario.calendar.timezone)
    spots: list[Spot | None] = [None] * len(problem.names)
    for number, name in enumerate(problem.names):
        for spot in problem.spots(number):
            choice = problem.candidates.choices[number][spot.choice]
            held = placed.sessions.get(name)
            here = held is not None and (held.option or "", held.hall, held.start) == (
                choice.option,
                choice.hall,
                problem.scenario.calendar.moment(spot.start),
            )
            if here or placed.homes.get(name) == choice.hall or (name in problem.scenario.displaceable):
                spots[number] = spot if name not in placed.displaced else None
    return tier_values(part.terms, spots)


def measured(scenario: str, seconds: float) -> None:
    """Print a line for each tier of the largest part of a scenario."""
    file, _, plan = scenario.partition("=")
    problem = compile_problem(load(file))
    largest = parts(problem)[-1]
    reached = points(problem, largest, plan) if plan else {}
    part = largest._replace(terms=tuple(merged(largest.terms)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for tier in problem.tiers:
        clock = Clock(Limits(seconds))
        began = time.perf_counter()
        stated = state(problem, part, tier, clock, 0.0, {})
        said, first = solved(stated, clock, began)
        groups, alone = grouped(Groups(problem, part, tier), clock, clock.left / 2)
        began = time.perf_counter()
        if stated is not None:
            stated.join(groups)
        _, joined = solved(stated, clock, began)
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        total = first.seconds + alone.seconds + joined.seconds
        model = modelled(problem, largest, tier, total)
        figures = (len(part.sessions), tier, said, *first, *alone, *joined, memory, *model, reached.get(tier, "-"))
        print(_line(f"{figure:.1f}" if isinstance(figure, float) else str(figure) for figure in figures), flush=True)


def _line(figures: Iterable[str]) -> str:
    return " ".join(f"{figure:>8}" for figure in figures)


def main() -> int:
    """Measure each scenario in a process of its own; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bounds", description=__doc__)
    parser.add_argument("scenarios", nargs="+", metavar="SCENARIO", help="scenarios, or SCENARIO=PLAN")
    parser.add_argument("--seconds", type=float, default=30, help="what the proofs of one tier may take (30)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measured(arguments.scenarios[0], arguments.seconds)
        return 0
    codes = []
    for scenario in arguments.scenarios:
        print(f"\n{scenario}\n{_line(HEADINGS)}", flush=True)
        command = [sys.executable, "-m", "benchmarks.bounds", scenario, "--here", "--seconds", str(arguments.seconds)]
        codes.append(subprocess.run(command, check=False, cwd=HOME).returncode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
