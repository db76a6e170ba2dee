"""What a session elsewhere would cost, as explain tells it, against a full solve with that pin.

``python -m benchmarks.why_not SCENARIO COUNT SECONDS`` asks about so many placements, drawn with a fixed seed, gives each
so many seconds, and prints where the two differ. With the seconds of a full solve at 0 it only tells how long it took.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import yaml

from scheduler.engine import Limits, solve
from scheduler.engine.search import Clock
from scheduler.load import load
from scheduler.problem import compile_problem
from scheduler.studies.place import Places, Wanted, pins_of

HOME = Path(__file__).parents[1]


def main(scenario: str, count: int = 100, seconds: float = 10.0, full: float = 30.0) -> int:
    """Ask, solve with the pin, and return how many differ."""
    file = HOME / scenario
    loaded = load(file)
    plan = solve(loaded, Limits(seconds=max(full, 20.0), workers=2)).plan
    assert plan is not None
    before = {tier.tier: tier.value for tier in plan.tiers}
    problem = compile_problem(loaded)
    places = Places(loaded, problem, plan)
    draw = random.Random(0)
    held = [name for name in plan.sessions if sum(1 for _ in problem.spots(problem.candidates.numbers[name])) > 1]
    wrong, unproved, unknown, took = 0, 0, 0, []
    for _ in range(count):
        name = draw.choice(held)
        number = problem.candidates.numbers[name]
        spot = draw.choice(list(problem.spots(number)))
        choice = problem.candidates.choices[number][spot.choice]
        asked = Wanted(name, choice.hall, choice.option or None, loaded.scenario.calendar.moment(spot.start))
        began = time.perf_counter()
        there = places.there(asked, Clock(Limits(seconds=seconds, workers=2)))
        took.append(time.perf_counter() - began)
        unknown += there.status == "unknown"
        unproved += there.status == "possible" and not there.proved
        if not full:
            continue
        with tempfile.TemporaryDirectory() as folder:
            patch = Path(folder) / "pin.yaml"
            patch.write_text(yaml.safe_dump(pins_of(loaded.scenario, asked)), encoding="utf-8")
            outcome = solve(load(file, [patch]), Limits(seconds=full, workers=2))
        price = {tier.tier: tier.value - before[tier.tier] for tier in outcome.plan.tiers} if outcome.plan else None
        said = there.price if there.status == "possible" else None
        if said != price or there.status == "unknown":
            wrong += 1
            print(f"{asked}: {there.status} {said}, a full solve says {outcome.status} {price}")
    took.sort()
    print(
        f"{count} placements of {scenario}: {wrong} differ, {unproved} not proved, {unknown} unknown; "
        f"median {took[len(took) // 2]:.2f} s, {took[-1]:.2f} s at most"
    )
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1], *(kind(said) for kind, said in zip((int, float, float), sys.argv[2:], strict=False)))))
