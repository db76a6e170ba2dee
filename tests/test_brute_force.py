"""On scenarios small enough to try every plan: terms, checks and the engine agree."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings

from scheduler.check import check
from scheduler.engine import Limits, solve
from scheduler.engine.decode import decode
from scheduler.load import Loaded
from scheduler.plan import Placed, Plan
from scheduler.problem import Problem
from scheduler.terms import Spot, holds
from tests.small_scenarios import loaded_from, scenario_data, small_problem

RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def load_small(drawn: tuple[dict[str, Any], dict[str, Any] | None]) -> Loaded:
    """Return the scenario that was drawn, with its base plan in a file of its own."""
    data, base = drawn
    if base is None:
        return loaded_from(data)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "base.plan.json"
        placements = {session: {**said, "end": said["start"]} for session, said in base.items()}
        file.write_text(json.dumps({"kind": "plan", "scenario": "small", "sessions": placements}))
        return loaded_from(data, str(file))


def allowed_by_terms(problem: Problem) -> dict[tuple[Spot | None, ...], dict[int, int]]:
    """Return every assignment that the hard terms allow, with its points by tier."""
    everywhere = [[None, *problem.spots(session)] for session in range(len(problem.names))]
    return {spots: problem.values(spots) for spots in product(*everywhere) if holds(problem.terms, spots)}


@settings(max_examples=150, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_terms_and_checks_allow_the_same_plans_at_the_same_price(
    drawn: tuple[dict[str, Any], dict[str, Any] | None],
) -> None:
    loaded = load_small(drawn)
    problem = small_problem(loaded)
    everywhere = [[None, *problem.spots(session)] for session in range(len(problem.names))]
    allowed = 0
    for spots in product(*everywhere):
        report = check(loaded, decode(problem, spots))
        assert report.clean == holds(problem.terms, spots), (spots, report.findings)
        if report.clean:
            allowed += 1
            by_terms = problem.values(spots)
            assert {t: v for t, v in report.tiers.items() if v} == {t: v for t, v in by_terms.items() if v}
    event("feasible" if allowed else "infeasible")


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


@settings(max_examples=400, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_the_engine_finds_the_best_plan_there_is(drawn: tuple[dict[str, Any], dict[str, Any] | None]) -> None:
    loaded = load_small(drawn)
    allowed = allowed_by_terms(small_problem(loaded))
    outcome = solve(loaded, Limits(deterministic=True))
    if not allowed:
        assert outcome.status == "infeasible"
        return
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    best, bounds = best_values(loaded, list(allowed.values()))
    assert {tier.tier: tier.value for tier in outcome.plan.tiers} == best
    assert {tier.tier: tier.bound for tier in outcome.plan.tiers} == bounds


@settings(max_examples=80, deadline=None, suppress_health_check=RELAXED)
@given(scenario_data())
def test_what_is_pruned_is_what_the_check_forbids_of_one_session_alone(
    drawn: tuple[dict[str, Any], dict[str, Any] | None],
) -> None:
    loaded = load_small(drawn)
    problem, scenario = small_problem(loaded), loaded.scenario
    for number, session in enumerate(scenario.sessions.values()):
        left = set()
        for spot in problem.spots(number):
            choice = problem.candidates.choices[number][spot.choice]
            left.add((choice.option, choice.hall, spot.start))
        for way, hall, start in product(session.ways, scenario.bookables, range(0, 1440, scenario.calendar.grid)):
            begin = scenario.calendar.moment(start)
            placed = Placed(
                option=way.option or None, hall=hall, start=begin, end=begin + timedelta(minutes=session.minutes)
            )
            report = check(loaded, Plan(scenario=scenario.id, sessions={session.id: placed}))
            broken = [
                finding for finding in report.findings if session.id in finding.sessions and finding.rule != "presence"
            ]
            pruned = (way.option, hall, start) not in left
            why = "what the check forbids of one session alone, `admits` refuses, and nothing else"
            assert bool(broken) == pruned, (why, session.id, way.option, hall, begin, broken)
