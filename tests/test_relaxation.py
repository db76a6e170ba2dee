"""Bounds by the linear relaxation and by groups: never too high, and as high as small arithmetic says they are."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.engine import Limits, solve
from scheduler.engine.relaxation import best as best_bound
from scheduler.engine.relaxation import bound, overloaded, proofs, why_impossible
from scheduler.engine.relaxation.program import Program
from scheduler.engine.relaxation.relaxation import Fineness, Relaxation
from scheduler.engine.search import Clock
from scheduler.load import build
from scheduler.problem import Problem, whole
from scheduler.scenario.strict_yaml import parse
from scheduler.terms import (
    Cells,
    Cumulative,
    Group,
    Lag,
    PlacementPrice,
    Price,
    Relation,
    Sequence,
    Slope,
    Stay,
    Steps,
    Tally,
    Term,
    Tour,
    Use,
    Visit,
)
from tests.random_terms import best, small_problem, terms

RELAXED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

HELD = Group(rule="held", then=(0, 1, 2))
"""All three sessions of the small problem: of 30, 60 and 90 minutes, within three hours, each in one of two halls."""

PERSON = Sequence(
    rule="person", visits=tuple(Visit(session, (Stay(0), Stay(0))) for session in range(3)), changeover=((0,),)
)


def early(session: int, weight: int = 1) -> PlacementPrice:
    """Return the price of each minute that a session starts after the first."""
    return PlacementPrice(rule="early", price=Price(1, weight), session=session, slopes=(Slope(0, 0, 1),))


def found(problem: Problem) -> dict[str, int]:
    """Return the highest bound of each kind."""
    values: dict[str, int] = {}
    for one in proofs(problem, whole(problem), 1, Clock(Limits(deterministic=True)), 0, {}):
        assert not one.impossible
        values[one.kind] = max(one.value, values.get(one.kind, one.value))
    return values


@settings(max_examples=300, deadline=None, suppress_health_check=RELAXED)
@given(st.lists(terms(), min_size=1, max_size=4), st.sampled_from([(0, 1, 2), (0, 2), ()]), st.sampled_from([0, 30]))
def test_no_bound_of_any_terms_is_too_high(stated: list[Term], held: tuple[int, ...], longer: int) -> None:
    problem = small_problem([Group(rule="held", then=held), *stated], longer)
    least = best(problem)
    for one in proofs(problem, whole(problem), 1, Clock(Limits(deterministic=True)), 0, {}):
        assert not (one.impossible and least is not None)
        assert least is None or one.value <= least


@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(st.lists(terms(), min_size=1, max_size=3), st.sampled_from([0.25, 1.0, 4.0]), st.sampled_from([1, 2, 100]))
def test_coarser_statements_are_no_higher_than_the_best(stated: list[Term], share: float, arcs: int) -> None:
    problem = small_problem([HELD, *stated], 30)
    least = best(problem)
    relaxed = Relaxation(problem, whole(problem), 1, Fineness(share, arcs))
    if not relaxed.places.homeless and least is not None:
        answer = relaxed.program.solve(None)
        assert answer.status == "optimal"
        assert relaxed.program.proved(answer.multipliers) <= least


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.booleans())
def test_any_multipliers_prove_something_true(numbers: list[float], equal: bool) -> None:
    # Least of 2 x + 3 y - z, all 0 to 1 but the unbounded w: 3 x + 3 y >= 4, w >= 2 x - z, x + z >= 1 (or = 1); w costs 1.
    program = Program(100)
    x, y, z = (program.columns(1) for _ in range(3))
    w = program.measure()
    program.cost([(x, 2), (y, 3), (z, -1), *w], 1)
    program.row([(x, 3), (y, 3)], 4)
    program.row([*w, (x, -2), (z, 1)], 0)
    program.row([(x, 1), (z, 1)], 1, equal=equal)
    least = min(
        2 * a + 3 * b - c + max(0, 2 * a - c)
        for a, b, c in product((0, 1), repeat=3)
        if 3 * a + 3 * b >= 4 and (a + c == 1 if equal else a + c >= 1)
    )
    assert program.proved(np.array(numbers)) <= least
    answer = program.solve(None)
    # The solver's multipliers prove its value, rounded up.
    assert program.proved(answer.multipliers) == int(np.ceil(answer.value - 1e-6))


def test_contention_for_a_person_is_part_of_the_bound() -> None:
    # One after the other, the short ones first: they start at 0, 30 and 90. The relaxation may hold the second by halves
    # and lose a little; each alone starts at 0, so that without contention nothing is proved.
    problem = small_problem([HELD, PERSON, *map(early, range(3))], 0)
    assert best(problem) == 120
    answer = Relaxation(problem, whole(problem), 1, Fineness(0.1)).program.solve(None)
    assert 60 <= answer.value <= 120
    assert found(small_problem([HELD, *map(early, range(3))], 0)) == {"relaxation": 0, "events": 0}


def test_order_is_part_of_the_bound() -> None:
    # The 30 minutes of the first and a lag of 45 keep the third from starting before 75: it starts on the half hour at 90.
    after = Relation(rule="order", first=0, second=2, then=Lag(least=45))
    assert found(small_problem([HELD, after, early(2)], 0))["relaxation"] == 90


def test_a_tour_costs_its_steps() -> None:
    # Of kind 0 in one hall and of kind 1 in the other: 7 minutes from the one to the other, and each session can only be
    # in one of them. Three sessions in the order of their kinds 0, 1, 0 or 1, 0, 0, ...: at least one step of 7.
    visits = (Visit(0, (Stay(0), None)), Visit(1, (None, Stay(1))), Visit(2, (Stay(0), Stay(0))))
    tour = Tour(rule="travel", price=Price(1, 3), visits=visits, step=((0, 7), (7, 0)))
    only = Tally(rule="halls", what="count", sessions=(0,), cells=(Cells(block=(None, 0)),))
    other = Tally(rule="halls", what="count", sessions=(1,), cells=(Cells(block=(0, None)),))
    problem = small_problem([HELD, PERSON, only, other, tour], 0)
    assert best(problem) == 21
    assert found(problem)["events"] == 21


def test_groups_say_what_the_linear_programme_cannot() -> None:
    # The last session has no neighbour in its row, wherever it is: 5 points. By halves in two slots side by side it is its
    # own neighbour, so that the linear programme alone says less.
    slots = (0, 30, 60, 90, 120)
    cells = Cells(slots, (), ((0, 0), (0, 1), (0, 3), (0, 4), (0, 6)))
    isolated = Tally(rule="compact", price=Price(1, 5), what="isolated", sessions=(2,), cells=(cells,))
    problem = small_problem([HELD, isolated], 0)
    assert best(problem) == 5
    alone = Relaxation(problem, whole(problem), 1, Fineness())
    assert alone.program.proved(alone.program.solve(None).multipliers) < 5
    assert found(problem) == {"relaxation": 5, "events": 5}


def test_without_scipy_groups_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_bound, "AVAILABLE", False)
    after = Relation(rule="order", first=0, second=2, then=Lag(least=45))
    problem = small_problem([HELD, after, early(2)], 0)
    assert found(problem) == {"events": 90}
    shown = bound(problem, whole(problem), 1, Clock(Limits()), 10, known=0)
    assert (shown.value, shown.kind) == (90, "events")
    assert bound(problem, whole(problem), 1, Clock(Limits()), 10, known=90).kind == "model"


def test_too_many_minutes_are_impossible_and_the_rule_is_named() -> None:
    # 30 + 60 + 90 minutes fill the three hours of one person; with ten minutes before each they are 210 of 180.
    assert best(small_problem([HELD, PERSON], 0)) == 0
    visits = tuple(Visit(session, (Stay(0, 10), Stay(0, 10))) for session in range(3))
    problem = small_problem([HELD, Sequence(rule="person", visits=visits, changeover=((0,),))], 0)
    assert best(problem) is None
    why = why_impossible(problem, whole(problem), Clock(Limits()), 10)
    assert why.startswith("No plan keeps all rules: person from 10 May ")
    assert "e.three" in why
    assert (
        why_impossible(small_problem([HELD, PERSON], 0), whole(problem)._replace(terms=(HELD, PERSON)), Clock(Limits()), 10)
        == ""
    )


def test_a_demand_that_no_hour_meets_is_seen_first() -> None:
    uses = (Use(2, ((0, 0, 3), (0, 0, 4))),)
    pool = Cumulative(rule="pool", uses=uses, capacity=Steps((0, 60), (2, 2)))
    problem = small_problem([HELD, pool], 0)
    why = why_impossible(problem, whole(problem), Clock(Limits()), 10)
    assert why == "No plan keeps all rules: e.three alone takes more than there is, wherever it is held."


def test_what_is_taken_in_any_case_is_added_up() -> None:
    # The 90 minutes start from 00:00 to 01:30: with an hour before and after they are there from 00:30 to 02:30 in any
    # case, and take 2; the 60 minutes start up to 02:00 and take 1 from 01:00 to 02:00: 3 at 01:00, whatever is planned.
    assert best(small_problem([HELD, _pool(3)], 60)) == 0
    assert overloaded(small_problem([HELD, _pool(3)], 60), whole(small_problem([HELD, _pool(3)], 60))) == ""
    for capacity, share in ((2, 150), (1, 300)):
        problem = small_problem([HELD, _pool(capacity)], 60)
        assert best(problem) is None
        why = overloaded(problem, whole(problem))
        assert why.startswith("No plan keeps all rules: pool at 10 May 01:00 ")
        assert f"needs at least {share}% of what there is, for e.three, e.two." in why


def _pool(capacity: int) -> Cumulative:
    """Return a pool of which the 60 minutes take 1 and the 90 minutes 2, from an hour before to an hour after."""
    uses = (Use(1, ((60, 60, 1), (60, 60, 1))), Use(2, ((60, 60, 2), (60, 60, 2))))
    return Cumulative(rule="pool", uses=uses, capacity=Steps((0,), (capacity,)))


def test_the_plan_says_what_proves_its_bound() -> None:
    scenario = Path(__file__).parents[1] / "scheduler" / "cli" / "starter.yaml"
    outcome = solve(build(parse(scenario.read_text(encoding="utf-8"), str(scenario))), Limits(deterministic=True))
    assert outcome.plan is not None
    assert {tier.bound_by for tier in outcome.plan.tiers} <= {"model", "relaxation", "events"}
