"""What terms, checks and the engine owe each other, on a scenario small enough to try every plan.

Each comparison takes a scenario that was drawn, and fails by assertion. ``tests/test_brute_force.py`` runs them now and
then, ``python -m benchmarks.brute_force`` as often as it is told.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.conflicts import not_minimal
from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.engine.decode import decode
from scheduler.engine.kernel import find_kernel
from scheduler.engine.relaxation import overloaded, proofs
from scheduler.engine.search import Clock
from scheduler.load import Loaded
from scheduler.plan import Placed, Plan
from scheduler.problem import Problem, whole
from scheduler.studies.place import Places, Wanted
from scheduler.terms import Spot, holds
from tests.small_scenarios import loaded_from, small_problem

Drawn = tuple[dict[str, Any], dict[str, Any] | None]
"""The data of a scenario, and the placements of sessions and the hotels of delegations in its base plan."""


def load_small(drawn: Drawn) -> Loaded:
    """Return the scenario that was drawn, with its base plan in a file of its own."""
    data, base = drawn
    if base is None:
        return loaded_from(data)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "base.plan.json"
        placements = {name: {**said, "end": said["start"]} for name, said in base.items() if "start" in said}
        stays = {name: said["hotel"] for name, said in base.items() if "hotel" in said}
        file.write_text(json.dumps({"kind": "plan", "scenario": "small", "sessions": placements, "homes": stays}))
        return loaded_from(data, str(file))


def terms_and_checks_agree(loaded: Loaded) -> bool:
    """Hold terms against checks: they allow the same plans at the same price. Return whether there is a plan.

    Of the plans that break several terms every eighth is checked: to check one takes fifty times as long as to hold it
    against all terms, and where a check is missing it shows in those that break one.
    """
    problem = small_problem(loaded)
    everywhere = [[None, *problem.spots(session)] for session in range(len(problem.names))]
    hard = [term for term in problem.terms if term.price is None]
    allowed = 0
    for number, spots in enumerate(product(*everywhere)):
        broken = sum(term.measure(spots) > 0 for term in hard)
        if broken > 1 and number % 8:
            continue
        report = check(loaded, decode(problem, spots))
        assert report.clean == (not broken), (spots, report.findings)
        if report.clean:
            allowed += 1
            by_terms = problem.values(spots)
            assert {t: v for t, v in report.tiers.items() if v} == {t: v for t, v in by_terms.items() if v}
    return allowed > 0


def allowed_by_terms(problem: Problem) -> dict[tuple[Spot | None, ...], dict[int, int]]:
    """Return every assignment that the hard terms allow, with its points by tier."""
    everywhere = [[None, *problem.spots(session)] for session in range(len(problem.names))]
    return {spots: problem.values(spots) for spots in product(*everywhere) if holds(problem.terms, spots)}


def best_values(loaded: Loaded, allowed: list[dict[int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """Return the best points by tier, and the best each tier could reach in its turn.

    Tier by tier, what is within the slack of the least stays; in the end earlier tiers give back what bought nothing.
    """
    left, bounds = allowed, {}
    for tier in allowed[0]:
        bounds[tier] = min(values[tier] for values in left)
        settings = loaded.scenario.file.tiers.get(tier)
        most = bounds[tier] + (settings.slack if settings else 0)
        left = [values for values in left if values[tier] <= most]
    last = max(allowed[0], default=0)
    left = [values for values in left if not values or values[last] == bounds[last]]
    return min(left, key=lambda values: list(values.values())), bounds


def the_engine_finds_the_best(loaded: Loaded) -> bool:
    """Hold the engine against every plan there is, tier by tier. Return whether there is one."""
    allowed = allowed_by_terms(small_problem(loaded))
    outcome = solve(loaded, Limits(deterministic=True))
    if not allowed:
        assert outcome.status == "infeasible"
        return False
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    best, bounds = best_values(loaded, list(allowed.values()))
    assert {tier.tier: tier.value for tier in outcome.plan.tiers} == best
    assert {tier.tier: tier.bound for tier in outcome.plan.tiers} == bounds
    return True


def no_bound_is_too_high(loaded: Loaded) -> bool:
    """Hold what is proved of each tier, and of there being no plan, against every plan there is."""
    problem = small_problem(loaded)
    left = list(allowed_by_terms(problem).values())
    assert not (left and overloaded(problem, whole(problem)))
    reached: dict[int, int] = {}
    for tier in problem.tiers:
        clock = Clock(Limits(deterministic=True))
        for found in proofs(problem, whole(problem), tier, clock, 0, reached):
            assert not (found.impossible and left), found
            assert not left or found.value <= min(values.get(tier, 0) for values in left), (tier, found)
        if left:
            reached[tier] = min(values.get(tier, 0) for values in left)
            left = [values for values in left if values.get(tier, 0) == reached[tier]]
    return bool(left)


def what_is_pruned_is_forbidden(loaded: Loaded) -> bool:
    """Hold `admits` against checks: a placement is left out if, and only if, the check forbids it of one session alone.

    Of the starts those are tried beside which one is left out and one is not, and every fourth of the others. Return
    whether every session has a placement left.
    """
    problem, scenario = small_problem(loaded), loaded.scenario
    displaced = [hold.id for hold in scenario.displaceable.values()]
    # What is priced forbids nothing, and a session alone always lacks others: to leave both out saves most of the time.
    judging = [rule for rule in loaded.rules if rule.price is None and rule.family not in ("presence", "requires")]
    hard = replace(loaded, rules=tuple(judging))
    every = True
    for number, session in enumerate(scenario.sessions.values()):
        left = set()
        for spot in problem.spots(number):
            choice = problem.candidates.choices[number][spot.choice]
            left.add((choice.option, choice.hall, spot.start))
        every = every and bool(left)
        starts = range(0, 1440, scenario.calendar.grid)
        for way, hall in product(session.ways, scenario.bookables):
            pruned = [(way.option, hall, start) not in left for start in starts]
            for place, start in enumerate(starts):
                if place % 4 and len({*pruned[place - 1 : place + 2]}) == 1:
                    continue
                begin = scenario.calendar.moment(start)
                end = begin + timedelta(minutes=way.minutes)
                placed = Placed(option=way.option or None, hall=hall, start=begin, end=end)
                report = check(hard, Plan(scenario=scenario.id, sessions={session.id: placed}, displaced=displaced))
                broken = [finding for finding in report.findings if session.id in finding.sessions]
                why = "what the check forbids of one session alone, `admits` refuses, and nothing else"
                assert bool(broken) == pruned[place], (why, session.id, way.option, hall, begin, broken)
    return every


def a_conflict_is_minimal(loaded: Loaded) -> bool:
    """Hold what explain names against every plan: it names something only where there is none, and nothing too much.

    Where there is a plan, hold the price of each session's first place against the best plan that has it there.
    """
    problem = small_problem(loaded)
    allowed = allowed_by_terms(problem)
    verdict = find_kernel(loaded, Clock(Limits(seconds=60)))
    assert verdict.possible == bool(allowed)
    if verdict.kernel is not None:
        assert not list(not_minimal(verdict.kernel))
    plan = solve(loaded, Limits(deterministic=True)).plan if allowed else None
    if plan is None or any(tier.slack for tier in loaded.scenario.file.tiers.values()):
        return bool(allowed)
    places = Places(loaded, problem, plan)
    best = min(list(values.values()) for values in allowed.values())
    for number, session in enumerate(loaded.scenario.sessions):
        for spot in list(problem.spots(number))[:1]:
            choice = problem.candidates.choices[number][spot.choice]
            asked = Wanted(session, choice.hall, choice.option, loaded.scenario.calendar.moment(spot.start))
            there = places.there(asked, Clock(Limits(seconds=60)))
            with_it = [list(values.values()) for spots, values in allowed.items() if spots[number] == spot]
            assert (there.status == "possible") == bool(with_it)
            if with_it:
                assert there.proved
                assert list(there.price.values()) == [a - b for a, b in zip(min(with_it), best, strict=True)]
    return bool(allowed)


COMPARISONS: Mapping[str, Callable[[Loaded], bool]] = {
    "terms and checks": terms_and_checks_agree,
    "bounds": no_bound_is_too_high,
    "engine": the_engine_finds_the_best,
    "pruning": what_is_pruned_is_forbidden,
    "conflicts": a_conflict_is_minimal,
}
"""Every comparison by its name."""
